"""An invoice is taken back: before it was paid, after, and in between."""

import pytest

from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound
from kesto.flows.credit import Lines, Sum, preview_credit
from kesto.store.invoices import Stored
from kesto.verify import verify
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


def test_lines_are_credited_until_nothing_is_left(town: Town, invoice: Stored) -> None:
    numbers = list(invoice.numbered)
    last = numbers[-1]
    whole = invoice.numbered[last].rated.amount_minor
    town.credits(invoice, wanted=Lines({last: 100}))
    assert paper(town, invoice).open_minor == 1635
    town.credits(invoice, wanted=Lines({last: None}))
    town.credits(invoice, wanted=Sum(500))
    fourth = town.credits(invoice)
    with pytest.raises(Conflict):
        town.credits(invoice)
    first, second, _third, rest = (one for one in town.invoices() if one.number.startswith("C"))
    assert first.line_numbers == second.line_numbers == (last,)
    assert first.lines[0].rated.amount_minor + second.lines[0].rated.amount_minor == whole
    assert rest.number == fourth
    notes = [one for one in town.invoices() if one.number.startswith("C")]
    for group in invoice.taxes:
        of_rate = [
            one for note in notes for one in note.taxes if one.rate_percent == group.rate_percent
        ]
        assert sum(one.net_minor for one in of_rate) == group.net_minor
        assert sum(one.tax_minor for one in of_rate) == group.tax_minor
    assert books(town) == {}
    assert verify(town.merchant_id) == []


def test_a_partial_credit_note_says_what_is_left(town: Town, invoice: Stored) -> None:
    town.pays(invoice, amount_minor=1000)
    number = town.credits(invoice, wanted=Sum(300))
    told = text(town, number)
    assert "A part of" in told
    assert "You have €4.35 of invoice 2026-000001 left to pay." in told
    assert paper(town, invoice).open_minor == 435
    last = town.credits(invoice, wanted=Sum(500))
    told = text(town, last)
    assert "Credited before" in told
    assert "You do not need to pay invoice 2026-000001." in told
    assert books(town)["customer_credit"] == -65
    assert verify(town.merchant_id) == []


def test_a_preview_says_what_the_credit_note_will_be(town: Town, invoice: Stored) -> None:
    town.pays(invoice, amount_minor=1600)
    plan = preview_credit(town.merchant_id, invoice.number, Sum(500))
    assert (plan.taken_minor, plan.left_open_minor, plan.kept_minor) == (135, 0, 365)
    town.credits(invoice, wanted=Sum(500))
    assert books(town)["customer_credit"] == -365
    assert len(town.invoices()) == 2


def test_piece_by_piece_no_limit_is_passed(town: Town, invoice: Stored) -> None:
    town.credits(invoice, wanted=Sum(600), limit_minor=1000)
    with pytest.raises(NotAllowed):
        town.credits(invoice, wanted=Sum(401), limit_minor=1000)
    town.credits(invoice, wanted=Sum(400), limit_minor=1000)


def test_prices_without_vat_are_credited_by_sums_with_it() -> None:
    town = Town.founded(includes_tax=False)
    town.customer("Aino").subscribes("basic", on="2026-10-01", add_ons=["magazine"])
    (made,) = town.bill(on="2026-11-01")
    for minor in (2, 100, 333):
        number = town.credits(made, wanted=Sum(minor))
        assert paper(town, number).total_minor == minor
    town.credits(made, wanted=Sum(100, with_tax=False))
    town.credits(made)
    assert books(town) == {}
    assert verify(town.merchant_id) == []
