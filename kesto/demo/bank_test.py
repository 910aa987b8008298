import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree
from stdnum import iban

from kesto.adapters.banking.camt import Camt
from kesto.core.banking import BankEntry
from kesto.core.matching import Matched, OpenItem, by_reference, decide
from kesto.core.references import finnish
from kesto.core.refusals import Invalid
from kesto.core.suggestions import open_items, suggest
from kesto.demo.bank import FLAWS, UNPAID_PERCENT, BankMonth, Flaw, ToPay, Truth, invented_iban, pay

ACCOUNT = "FI2112345600000785"
SCHEMA = Path(__file__).parents[3] / "shared/data/banking/xsd/camt.054.001.02.xsd"
INVOICES = [
    ToPay(
        reference=finnish(1000 + place),
        amount_minor=2000 + place % 20 * 500,
        payer_name=f"Aino & Eero Virtanen{'abcdefghij'[place % 10]}{place // 10}",
        due_on=date(2026, 11, 15),
    )
    for place in range(2000)
]
# Invoices of other months exist too, and share all but their reference with these.
ITEMS = [
    OpenItem(
        UUID(int=place),
        finnish(1000 + place),
        2000 + place % 20 * 500,
        "EUR",
        UUID(int=place),
        INVOICES[place % 2000].payer_name,
    )
    for place in range(4000)
]


@pytest.fixture(scope="module")
def month() -> BankMonth:
    return pay(INVOICES, ACCOUNT, "2026-10")


@pytest.fixture(scope="module")
def entries(month: BankMonth) -> dict[str, BankEntry]:
    """Return what the reader makes of all files; a payment read twice is one."""
    found = [entry for file in month.files for entry in Camt().read(file.data).entries]
    return {entry.entry_key: entry for entry in found}


def flawed(month: BankMonth, flaw: Flaw) -> list[Truth]:
    return [row for row in month.truth if row.flaw == flaw]


def test_the_same_invoices_make_the_same_files(month: BankMonth) -> None:
    assert pay(INVOICES, ACCOUNT, "2026-10") == month


def test_every_payment_is_read_under_the_key_of_its_truth(
    month: BankMonth, entries: dict[str, BankEntry]
) -> None:
    assert list(entries) == [row.entry_key for row in month.truth]
    assert [entry.amount_minor for entry in entries.values()] == [
        row.amount_minor for row in month.truth
    ]


def test_flaws_come_in_their_stated_counts(month: BankMonth) -> None:
    counts = Counter(row.flaw for row in month.truth)
    del counts[None]
    assert counts == FLAWS


def test_all_but_a_few_invoices_are_paid_and_some_twice(month: BankMonth) -> None:
    paid = Counter(row.reference for row in month.truth if row.reference)
    assert len(paid) == 2000 - 2000 * UNPAID_PERCENT // 100
    assert sum(times == 2 for times in paid.values()) == FLAWS["double"]
    assert len(month.truth) == len(paid) + FLAWS["double"] + FLAWS["no_invoice"]


def test_flaws_are_spread_over_the_whole_list(month: BankMonth) -> None:
    places = sorted(
        (int(row.reference[:-1]) - 1000) for row in month.truth if row.flaw and row.reference
    )
    assert max(after - before for before, after in pairwise([0, *places, 2000])) < 40


def test_one_file_comes_twice(month: BankMonth) -> None:
    again = [file for file in month.files if file.name.endswith("-again.xml")]
    assert len(again) == 1
    assert [file.data for file in month.files].count(again[0].data) == 2
    assert len({file.name for file in month.files}) == len(month.files)


def test_nothing_is_matched_wrongly_and_the_rest_has_suggestions(
    month: BankMonth, entries: dict[str, BankEntry]
) -> None:
    references = by_reference(ITEMS)
    invoices = {item.invoice_id: item.reference for item in ITEMS}
    unmatched = Counter[Flaw | None]()
    for row in month.truth:
        decision = decide(entries[row.entry_key], references)
        if isinstance(decision, Matched):
            assert decision.reference == row.reference
            continue
        unmatched[row.flaw] += 1
        suggested = suggest(entries[row.entry_key], open_items(ITEMS))
        assert suggested
        if row.reference:
            assert row.reference in {invoices[found.invoice_id] for found in suggested}
    assert set(unmatched) == {"wrong_check_digit", "no_invoice", "no_reference"}
    assert unmatched == {flaw: FLAWS[flaw] for flaw in unmatched if flaw}


def test_short_payments_lack_a_tenth(month: BankMonth) -> None:
    amounts = {invoice.reference: invoice.amount_minor for invoice in INVOICES}
    for row in flawed(month, "short"):
        assert row.reference
        assert row.amount_minor == amounts[row.reference] * 9 // 10


def test_banks_book_on_weekdays(entries: dict[str, BankEntry]) -> None:
    assert {entry.booked_on.weekday() for entry in entries.values()} <= set(range(5))


def test_invented_accounts_are_well_formed() -> None:
    assert all(iban.is_valid(invented_iban(place)) for place in range(300))


def test_too_few_invoices_for_the_flaws_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        pay(INVOICES[:100], ACCOUNT, "2026-10")
    assert refused.value.code == "too_few_invoices"
    assert len(pay(INVOICES[:100], ACCOUNT, "2026-10", flaws={"double": 2}).truth) == 99
    assert pay([], ACCOUNT, "2026-10", flaws={}) == BankMonth((), ())


@pytest.mark.shared
@pytest.mark.skipif(not SCHEMA.exists(), reason="the schema in ../shared/data/banking is not here")
def test_the_files_are_valid_by_the_schema(month: BankMonth) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    for file in month.files:
        assert schema.validate(etree.fromstring(file.data)), schema.error_log
    assert re.search(rb"<Nm>VIRTANEN\w+ AINO &amp; EERO</Nm>", month.files[0].data)
