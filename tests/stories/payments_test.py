"""Money comes in: in parts, twice, too much, under a wrong name."""

import pytest

from kesto.core.refusals import Conflict, NotFound
from kesto.flows.match_payment import proposals, settle
from tests.stories.seen import books, paper, text
from tests.town import ACTOR, Town


def test_aino_pays_short_and_then_the_rest(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    assert books(town) == {"receivable": 1000, "3000": -797, "vat_payable": -203}

    town.clock("2026-11-10")
    town.pays(invoice, amount_minor=700)
    assert "To pay €3.00" in text(town, invoice)
    assert books(town) == {"receivable": 300, "bank": 700, "3000": -797, "vat_payable": -203}

    town.pays(invoice, amount_minor=300)
    assert paper(town, invoice).open_minor == 0
    assert "Nothing is left to pay" in text(town, invoice)
    assert books(town) == {"bank": 1000, "3000": -797, "vat_payable": -203}


def test_what_is_paid_twice_is_kept_as_the_customers_credit(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)
    town.pays(invoice)
    assert paper(town, invoice).open_minor == 0
    assert books(town)["customer_credit"] == -1000
    assert "receivable" not in books(town)
    assert "unmatched" not in books(town)


def test_what_is_paid_over_is_kept_as_the_customers_credit(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    imported = town.pays(invoice, amount_minor=1250)
    assert (imported.matched, imported.matched_minor) == (1, 1250)
    assert paper(town, invoice).open_minor == 0
    assert books(town)["customer_credit"] == -250


def test_two_payments_of_one_invoice_in_one_file_are_counted_one_after_the_other(
    town: Town,
) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    part = {"references": (invoice.invoice.reference,), "amount_minor": 600}
    town.bank_reports([part, part])
    assert paper(town, invoice).open_minor == 0
    assert books(town)["customer_credit"] == -200


def test_a_payment_that_the_bank_reports_again_is_no_second_payment(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice, amount_minor=400, entry_key="A1")
    again = town.pays(invoice, amount_minor=400, entry_key="A1")
    assert (again.entries, again.new) == (1, 0)
    assert paper(town, invoice).open_minor == 600
    assert books(town)["bank"] == 400


def test_one_payer_gets_one_invoice_for_all_that_are_paid_for(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    town.customer("Eino").subscribes("basic", on="2026-10-16", payer="aino")
    (invoice,) = town.bill(on="2026-11-16")
    assert invoice.invoice.total_minor == 2000
    assert paper(town, invoice).buyer.name == "Aino"


def test_money_under_a_wrong_reference_waits_for_a_person(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice, references=("1232",), payer_name="Aino")
    assert books(town)["unmatched"] == -1000
    assert "To pay €10.00" in text(town, invoice)

    (waiting,) = proposals(town.merchant_id)
    assert waiting.waiting.reason == "unknown_reference"
    assert [number for _, number in waiting.suggestions] == [invoice.number]
    with pytest.raises(NotFound):
        settle(town.merchant_id, waiting.waiting.id, "2026-000999", town.now, ACTOR)
    settle(town.merchant_id, waiting.waiting.id, invoice.number, town.now, ACTOR)
    assert proposals(town.merchant_id) == []
    assert "unmatched" not in books(town)
    assert "Nothing is left to pay" in text(town, invoice)
    with pytest.raises(NotFound):
        settle(town.merchant_id, waiting.waiting.id, invoice.number, town.now, ACTOR)


def test_money_that_left_pays_nothing(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice, direction="out")
    (waiting,) = proposals(town.merchant_id)
    assert (waiting.waiting.reason, books(town)["bank"]) == ("outgoing", -1000)
    with pytest.raises(Conflict):
        settle(town.merchant_id, waiting.waiting.id, invoice.number, town.now, ACTOR)
    assert paper(town, invoice).open_minor == 1000
