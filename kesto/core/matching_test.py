from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.banking import BankEntry
from kesto.core.matching import (
    Decision,
    Matched,
    OpenItem,
    Unmatched,
    by_reference,
    decide,
    reference_candidates,
)
from kesto.core.references import finnish, rf

ENTRY = BankEntry(
    account="FI2112345600000785",
    entry_key="key",
    amount_minor=5000,
    currency="EUR",
    direction="in",
    is_reversal=False,
    booked_on=date(2026, 11, 13),
)
AINO = OpenItem(UUID(int=1), "204171042", 5000, "EUR", UUID(int=101), "Aino Virtanen")
BERT = OpenItem(UUID(int=2), "12344", 7500, "EUR", UUID(int=102), "Bert Lind")
ABROAD = OpenItem(UUID(int=3), "RF18539007547034", 900, "SEK", UUID(int=103), "Cilla Ek")
AINO_REFERENCE = finnish(20417104)
ITEMS = by_reference([replace(AINO, reference=AINO_REFERENCE), BERT, ABROAD])


def decided(**facts: object) -> Decision:
    return decide(replace(ENTRY, **facts), ITEMS)


@pytest.mark.parametrize(
    "written",
    [AINO_REFERENCE, AINO_REFERENCE.zfill(20), f" {AINO_REFERENCE} ", rf(AINO_REFERENCE).lower()],
)
def test_a_structured_reference_names_the_invoice_in_any_writing(written: str) -> None:
    assert decided(references=(written,)) == Matched(AINO.invoice_id, AINO_REFERENCE, "reference")


@pytest.mark.parametrize("amount", [1, 4999, 5001, 1_000_000])
def test_the_sum_does_not_matter_for_a_structured_reference(amount: int) -> None:
    assert isinstance(decided(references=(AINO_REFERENCE,), amount_minor=amount), Matched)


def test_a_paid_invoice_is_still_named_by_its_reference() -> None:
    paid = by_reference([replace(BERT, open_minor=0)])
    decision = decide(replace(ENTRY, references=("12344",)), paid)
    assert decision == Matched(BERT.invoice_id, "12344", "reference")


@pytest.mark.parametrize(
    "text",
    [
        AINO_REFERENCE,
        f"{AINO_REFERENCE[:4]} {AINO_REFERENCE[4:]}",
        f"Viite: {AINO_REFERENCE}.",
        f"viitenro {AINO_REFERENCE}",
        f"Referens nr {AINO_REFERENCE}",
        f"kiitos! {rf(AINO_REFERENCE)} Aino",
        f"kiitos! {rf(AINO_REFERENCE)[:4]} {rf(AINO_REFERENCE)[4:8]} {rf(AINO_REFERENCE)[8:]} Aino",
    ],
)
def test_a_line_that_is_a_reference_counts_whatever_the_sum(text: str) -> None:
    decision = decided(texts=("moi", text), amount_minor=4500)
    assert decision == Matched(AINO.invoice_id, AINO_REFERENCE, "text")


def test_a_number_in_a_sentence_counts_only_with_the_open_sum() -> None:
    text = f"asiakas 77, lasku 5 {AINO_REFERENCE} marraskuu"
    assert decided(texts=(text,)) == Matched(AINO.invoice_id, AINO_REFERENCE, "text")
    assert decided(texts=(text,), amount_minor=4999) == Unmatched("uncertain", (AINO.invoice_id,))


def test_a_postal_code_is_not_a_payment() -> None:
    assert decided(texts=("Kauppakatu 1, 12344 Turku",)) == Unmatched(
        "uncertain", (BERT.invoice_id,)
    )


def test_the_structured_reference_goes_before_the_text() -> None:
    decision = decided(references=("12344",), texts=(AINO_REFERENCE,))
    assert decision == Matched(BERT.invoice_id, "12344", "reference")


def test_an_unknown_structured_reference_lets_the_text_speak() -> None:
    decision = decided(references=("9544208",), texts=(AINO_REFERENCE,))
    assert decision == Matched(AINO.invoice_id, AINO_REFERENCE, "text")


def test_an_end_to_end_id_is_the_payers_own_and_needs_the_sum() -> None:
    named = Matched(AINO.invoice_id, AINO_REFERENCE, "end_to_end_id")
    assert decided(end_to_end_id=AINO_REFERENCE) == named
    assert decided(end_to_end_id=AINO_REFERENCE, amount_minor=1) == Unmatched(
        "uncertain", (AINO.invoice_id,)
    )


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"direction": "out"}, "outgoing"),
        ({"is_reversal": True}, "reversal"),
        ({"payments": 2}, "batch"),
        ({"amount_minor": 0}, "no_amount"),
        ({"currency": "SEK"}, "other_currency"),
    ],
)
def test_what_is_not_a_plain_payment_is_never_matched_silently(
    facts: dict[str, object], reason: str
) -> None:
    assert decided(references=(AINO_REFERENCE,), **facts) == Unmatched(
        reason,  # type: ignore[arg-type]  # the parameter is one of the reasons
        (AINO.invoice_id,),
    )


def test_two_invoices_in_one_payment_are_for_a_person() -> None:
    decision = decided(references=("12344", AINO_REFERENCE))
    assert decision == Unmatched("several_invoices", (BERT.invoice_id, AINO.invoice_id))


def test_without_anything_to_go_by_the_reason_says_which() -> None:
    assert decided(texts=("kiitos",)) == Unmatched("no_reference")
    assert decided(references=("9544208",)) == Unmatched("unknown_reference")
    assert decided(references=("12345",)) == Unmatched("unknown_reference")


def test_candidates_come_in_the_order_of_their_weight() -> None:
    entry = replace(
        ENTRY, references=("00009544208",), texts=("viite 1 2344 ok",), end_to_end_id="6666668"
    )
    assert reference_candidates(entry) == ("9544208", "12344", "6666668")


@given(st.text(alphabet="0123456789 RF\u00a0x.-", max_size=200), st.integers(0, 9999))
def test_a_match_is_always_one_of_the_candidates(text: str, amount_minor: int) -> None:
    entry = replace(ENTRY, texts=(text, "12344 x"), amount_minor=amount_minor)
    decision = decide(entry, ITEMS)
    assert isinstance(decision, Unmatched) or decision.reference in reference_candidates(entry)


def test_a_long_text_is_read_in_short_time_and_to_its_limit() -> None:
    entry = replace(ENTRY, texts=("1 2 3 4 5 " * 100_000, "12344"))
    assert "12344" not in reference_candidates(entry)
