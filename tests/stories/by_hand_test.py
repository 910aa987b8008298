"""Staff write an invoice by hand; it lives as any other does."""

from decimal import Decimal

import pytest

from kesto.core.refusals import NotFound, RefusedTogether
from kesto.flows.credit import Lines
from kesto.flows.write_invoice import NewInvoice, NewLine, write_invoice
from kesto.store.ids import new_id
from kesto.verify import verify
from tests.stories.seen import books, paper, text
from tests.town import ACTOR, Town


def test_a_visit_is_invoiced_paid_and_credited(town: Town) -> None:
    aino = town.customer("Aino")
    number = aino.is_invoiced(("Visit on Monday", "1.5", "40"), ("Cable", "2", "4.995"))
    assert number == "2026-000001"
    view = paper(town, number)
    assert [(line.name, line.amount_minor) for line in view.lines] == [
        ("Visit on Monday", 6000),
        ("Cable", 999),
    ]
    assert view.reference
    assert "Visit on Monday" in text(town, number)
    (invoice,) = town.invoices()
    town.pays(invoice)
    note = town.credits(invoice, wanted=Lines({1: 1000}))
    assert "Visit on Monday" in text(town, note)
    assert books(town)["customer_credit"] == -1000
    assert verify(town.merchant_id) == []


def test_subscriptions_are_billed_beside_it(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    aino.is_invoiced(("Visit", "1", "40"), includes_tax=False)
    town.bill(on="2026-11-01")
    aino.is_invoiced(("Visit", "1", "40"))
    (later,) = [one for one in town.bill(on="2026-12-01") if one.number == "2026-000004"]
    view = paper(town, later)
    assert len(view.history) == 2
    assert verify(town.merchant_id) == []


def test_credit_pays_it_first(town: Town) -> None:
    aino = town.customer("Aino")
    aino.is_invoiced(("Visit", "1", "40"))
    (first,) = town.invoices()
    town.pays(first, 5000)
    number = aino.is_invoiced(("Visit", "1", "40"))
    assert paper(town, number).open_minor == 3000
    assert verify(town.merchant_id) == []


def test_each_field_that_is_wrong_is_named(town: Town) -> None:
    aino = town.customer("Aino")
    wrong = NewLine(" ", "nothing", Decimal(0), Decimal("1.1234567"))
    wanted = NewInvoice((wrong,), includes_tax=True)
    with pytest.raises(RefusedTogether) as refused:
        write_invoice(town.merchant_id, aino.customer.id, wanted, town.now, ACTOR)
    assert [one.field for one in refused.value.refusals] == [
        *("lines.0.text", "lines.0.product", "lines.0.quantity", "lines.0.unit_amount")
    ]
    good = NewInvoice((NewLine("x", "line", Decimal(1), Decimal(1)),), includes_tax=True)
    with pytest.raises(NotFound):
        write_invoice(town.merchant_id, new_id(), good, town.now, ACTOR)
    assert town.invoices() == []
