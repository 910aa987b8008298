"""An invoice is given up, and sometimes it is paid after all."""

import pytest

from kesto.core.refusals import Conflict, Invalid
from kesto.store.invoices import Stored
from kesto.verify import verify
from tests.stories.seen import books, paper, text
from tests.town import Town


@pytest.fixture
def invoice(town: Town) -> Stored:
    town.customer("Aino").subscribes("basic", on="2026-10-01", add_ons=["magazine"])
    (made,) = town.bill(on="2026-11-01")
    return made


def test_what_is_open_becomes_a_loss_and_vat_stays(town: Town, invoice: Stored) -> None:
    town.pays(invoice, 700)
    vat = books(town)["vat_payable"]
    town.writes_off(invoice)
    found = books(town)
    assert (found["bad_debt"], found["vat_payable"]) == (1035, vat)
    assert "receivable" not in found
    assert paper(town, invoice).open_minor == 0
    assert "Written off" in text(town, invoice)
    assert verify(town.merchant_id) == []


def test_vat_is_relieved_where_it_is_asked(town: Town, invoice: Stored) -> None:
    one = town.writes_off(invoice, relieves_tax=True)
    assert one.tax_minor == invoice.invoice.tax_minor
    assert books(town)["bad_debt"] == invoice.invoice.net_minor
    assert "vat_payable" not in books(town)
    assert verify(town.merchant_id) == []


def test_what_is_paid_later_is_recovered_and_vat_is_due_again(town: Town, invoice: Stored) -> None:
    before = books(town)
    town.writes_off(invoice, relieves_tax=True)
    town.pays(invoice, 1000)
    assert paper(town, invoice).written_off_minor == 735
    town.pays(invoice, 935)
    after = books(town)
    assert "bad_debt" not in after
    assert after["vat_payable"] == before["vat_payable"]
    assert after["bank"] == 1935
    assert after["customer_credit"] == -200
    assert paper(town, invoice).open_minor == 0
    assert verify(town.merchant_id) == []


def test_several_payments_of_one_file_are_recovered(town: Town, invoice: Stored) -> None:
    town.pays(invoice, 100)
    town.writes_off(invoice)
    part = {"references": (invoice.invoice.reference,), "amount_minor": 900}
    town.bank_reports([part, part])
    assert "bad_debt" not in books(town)
    assert books(town)["customer_credit"] == -165
    assert verify(town.merchant_id) == []


def test_only_an_open_invoice_is_written_off_once_and_with_a_reason(
    town: Town, invoice: Stored
) -> None:
    with pytest.raises(Invalid):
        town.writes_off(invoice, " ")
    town.writes_off(invoice)
    for deed in (town.writes_off, town.credits):
        with pytest.raises(Conflict):
            deed(invoice)
    town.customer("Eino").subscribes("basic", on="2026-11-01")
    *_, other = town.bill(on="2026-12-01")
    town.pays(other)
    with pytest.raises(Conflict) as nothing:
        town.writes_off(other)
    assert nothing.value.code == "nothing_open"
