"""An invoice is taken back: before it was paid, after, and in between."""

import pytest

from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.store.invoices import Stored
from tests.stories.seen import books, lines, paper, text
from tests.town import Town


@pytest.fixture
def invoice(town: Town) -> Stored:
    """October of Aino's line and magazine: 17.35 with two rates of VAT."""
    town.customer("Aino").subscribes("basic", on="2026-10-01", add_ons=["magazine"])
    (made,) = town.bill(on="2026-11-01")
    assert made.invoice.total_minor == 1735
    return made


def test_an_unpaid_invoice_is_owed_no_more(town: Town, invoice: Stored) -> None:
    town.clock("2026-11-05")
    number = town.credits(invoice, "wrong address")
    assert number == "C2026-000001"
    assert "Nothing is left to pay" in text(town, invoice)
    assert books(town) == {}
    note = paper(town, number)
    assert (note.kind, note.credits, note.total_minor) == ("credit_note", invoice.number, 1735)
    assert [tax.tax_minor for tax in note.taxes] == [
        tax.tax_minor for tax in paper(town, invoice).taxes
    ]
    assert str(note.issued_on) == "2026-11-05"


def test_a_paid_invoice_becomes_the_customers_credit(town: Town, invoice: Stored) -> None:
    town.pays(invoice)
    town.credits(invoice)
    assert books(town) == {"bank": 1735, "customer_credit": -1735}
    assert paper(town, invoice).open_minor == 0


def test_of_a_half_paid_invoice_only_the_paid_half_is_credit(town: Town, invoice: Stored) -> None:
    town.pays(invoice, amount_minor=1000)
    town.credits(invoice)
    assert books(town) == {"bank": 1000, "customer_credit": -1000}
    assert paper(town, invoice).open_minor == 0


def test_what_comes_after_the_credit_note_is_the_customers_credit(
    town: Town, invoice: Stored
) -> None:
    town.credits(invoice)
    town.pays(invoice)
    assert books(town) == {"bank": 1735, "customer_credit": -1735}


def test_the_credited_month_stays_billed(town: Town, invoice: Stored) -> None:
    town.credits(invoice)
    (_note, november) = town.bill(on="2026-12-01")
    assert [line[0] for line in lines(november)] == ["2026-11-01", "2026-11-01"]
    assert november.number == "2026-000002"


def test_an_invoice_is_credited_once_and_with_a_reason(town: Town, invoice: Stored) -> None:
    with pytest.raises(Invalid) as unexplained:
        town.credits(invoice, " ")
    assert unexplained.value.field == "reason"
    number = town.credits(invoice)
    before = books(town)
    with pytest.raises(Conflict) as twice:
        town.credits(invoice)
    assert twice.value.code == "already_credited"
    (note,) = [one for one in town.invoices() if one.number == number]
    with pytest.raises(Conflict):
        town.credits(note)
    assert books(town) == before


@pytest.mark.parametrize("number", ["2026-000002", "1999-000001", "", "C2026-", "2026-٣", "x" * 99])
def test_an_unknown_number_is_refused(town: Town, invoice: Stored, number: str) -> None:
    with pytest.raises(NotFound) as refused:
        paper(town, number)
    assert refused.value.code == "unknown_invoice"
    assert invoice.number == "2026-000001"
