from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.banking import BankEntry
from kesto.core.matching import OpenItem
from kesto.core.references import finnish, is_finnish
from kesto.core.suggestions import (
    Suggestion,
    evidence_for,
    near_references,
    open_items,
    suggest,
)

ENTRY = BankEntry(
    account="FI2112345600000785",
    entry_key="key",
    amount_minor=5000,
    currency="EUR",
    direction="in",
    is_reversal=False,
    booked_on=date(2026, 11, 13),
)
REFERENCE = finnish(20417104)
AINO = OpenItem(
    UUID(int=1), REFERENCE, 5000, "EUR", UUID(int=101), "Aino Virtanen", ("FI5810171000000122",)
)
BERT = OpenItem(UUID(int=2), "12344", 7500, "EUR", UUID(int=102), "Bert Lind")
CILLA = OpenItem(UUID(int=3), "6666668", 5000, "EUR", UUID(int=103), "Cilla Ek")
ITEMS = open_items([AINO, BERT, CILLA])


def reasons(**facts: object) -> list[tuple[int, str]]:
    found = suggest(replace(ENTRY, **facts), ITEMS)
    return [(suggestion.invoice_id.int, suggestion.reason) for suggestion in found]


def test_a_mistyped_digit_points_to_the_right_reference() -> None:
    wrong = REFERENCE[:3] + str((int(REFERENCE[3]) + 1) % 10) + REFERENCE[4:]
    assert not is_finnish(wrong)
    assert reasons(references=(wrong,), amount_minor=1) == [(1, "nearly_named")]


def test_swapped_digits_point_to_the_right_reference() -> None:
    assert reasons(texts=("viite 13244",), amount_minor=1) == [(2, "nearly_named")]


def test_the_same_payer_and_sum_go_before_the_sum_alone() -> None:
    assert reasons(payer_name="VIRTANEN AINO") == [(1, "payer_and_amount"), (3, "amount")]
    assert reasons(payer_iban="FI5810171000000122") == [(1, "payer_and_amount"), (3, "amount")]


def test_the_same_payer_with_another_sum_is_a_suggestion() -> None:
    assert reasons(payer_name="Bert Lind", amount_minor=1) == [(2, "payer")]


def test_a_named_invoice_goes_first() -> None:
    assert reasons(texts=("12344 Turku",))[0] == (2, "named")


def test_several_reasons_weigh_more_than_one() -> None:
    wrong = REFERENCE[:-1] + str((int(REFERENCE[-1]) + 1) % 10)
    best = suggest(replace(ENTRY, references=(wrong,), payer_name="VIRTANEN AINO"), ITEMS)[0]
    assert best == Suggestion(AINO.invoice_id, 90, "nearly_named")


def test_other_currencies_and_paid_invoices_are_not_suggested_by_sum() -> None:
    assert reasons(currency="SEK") == []
    paid = open_items([replace(AINO, open_minor=0)])
    assert suggest(replace(ENTRY, payer_name="Aino Virtanen"), paid) == []


@pytest.mark.parametrize("facts", [{"direction": "out"}, {"is_reversal": True}])
def test_money_that_left_pays_no_invoice(facts: dict[str, object]) -> None:
    assert reasons(references=(REFERENCE,), **facts) == []


def test_the_list_is_short_and_each_invoice_stands_once() -> None:
    many = [replace(CILLA, invoice_id=UUID(int=n), reference=finnish(100 + n)) for n in range(50)]
    found = suggest(ENTRY, open_items(many))
    assert found == [Suggestion(UUID(int=n), 20, "amount") for n in range(5)]


def test_the_shortest_and_the_longest_reference_may_be_mistyped() -> None:
    shortest, longest = finnish(123), finnish(1234567890123456789)
    for right in (shortest, longest):
        wrong = right[:-2] + right[-1] + right[-2]
        assert right in near_references(replace(ENTRY, references=(wrong,)))
    assert near_references(replace(ENTRY, references=(longest + "1", "12"))) == ()
    swapped = "21344"  # the first two digits of 12344
    assert "12344" in near_references(replace(ENTRY, texts=(f"kiitos {swapped}",)))


def test_groups_of_digits_may_be_mistyped_together_or_alone() -> None:
    together = near_references(replace(ENTRY, texts=("viite 1 2345",)))
    assert "12344" in together
    alone = near_references(replace(ENTRY, texts=("viite 12345 77",)))
    assert "12344" in alone


def test_all_that_speaks_for_an_invoice_is_named() -> None:
    entry = replace(ENTRY, references=(REFERENCE,), payer_name="AINO VIRTANEN")
    assert evidence_for(entry, AINO) == {"named", "payer", "amount"}
    assert evidence_for(replace(entry, amount_minor=1), AINO) == {"named", "payer"}
    assert evidence_for(ENTRY, AINO) == {"amount"}
    assert evidence_for(entry, BERT) == frozenset()


def test_a_score_is_at_most_a_hundred() -> None:
    wrong = REFERENCE[:-1] + str((int(REFERENCE[-1]) + 1) % 10)
    entry = replace(ENTRY, references=(REFERENCE, wrong), payer_name="AINO VIRTANEN")
    assert suggest(entry, ITEMS)[0] == Suggestion(AINO.invoice_id, 100, "named")


def test_slips_are_valid_references_near_what_was_written() -> None:
    near = near_references(replace(ENTRY, references=("12345",)))
    assert "12344" in near
    assert all(is_finnish(reference) for reference in near)
    assert near_references(replace(ENTRY, references=("ABC", ""), texts=("1 2",))) == ()


def test_an_invoice_from_after_the_payment_weighs_a_third() -> None:
    early = replace(AINO, invoice_on=ENTRY.booked_on)
    late = replace(CILLA, payer_name="Aino Virtanen", invoice_on=ENTRY.booked_on + timedelta(1))
    found = suggest(replace(ENTRY, payer_name="VIRTANEN AINO"), open_items([late, early]))
    assert [(one.invoice_id.int, one.score) for one in found] == [(1, 50), (3, 16)]
