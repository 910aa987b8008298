"""What an order would be billed is what it is billed."""

from datetime import date
from decimal import Decimal

import pytest

from kesto.core.catalog import Catalogue, Coupon
from kesto.core.refusals import NotFound
from kesto.core.subscription import NewSubscription
from kesto.flows.accept_usage import accept_usage
from kesto.flows.preview_order import OrderPreview, preview_order
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.subscribe import subscribe
from kesto.store.ids import new_id
from kesto.store.session import reading
from tests.town import Town, day


def order(plan: str, on: date, **more: object) -> NewSubscription:
    own = new_id()
    return NewSubscription(own, own.hex, "aino", plan, on, **more)  # type: ignore[arg-type]  # mixed


def seen(town: Town, wanted: NewSubscription) -> OrderPreview:
    with reading(town.merchant_id) as session:
        return preview_order(session, wanted, town.now)


@pytest.mark.parametrize("has_one", [False, True])
def test_the_first_invoice_is_the_one_that_was_seen(town: Town, *, has_one: bool) -> None:
    aino = town.customer("Aino")
    if has_one:
        aino.subscribes("basic", on="2026-10-01")
        town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    wanted = order("plus", day("2026-10-11"), add_ons=("safety",))
    preview = seen(town, wanted)
    assert (preview.group.before is not None) == has_one
    assert town.invoices() == []
    assert preview.sealed == seen(town, wanted).sealed
    subscribe(town.merchant_id, [wanted], town.now)
    for bill in preview.group.bills:
        (invoice,) = town.bill(on=bill.bill_on.isoformat())
        assert invoice.invoice.total_minor == bill.draft.totals.total_minor
        amounts = sorted(one.rated.amount_minor for one in bill.draft.lines)
        assert sorted(one.rated.amount_minor for one in invoice.lines) == amounts


def test_an_order_for_a_month_that_is_billed_looks_back(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-11-05")
    wanted = order("plus", day("2026-10-15"), alignment="calendar")
    preview = seen(town, wanted)
    subscribe(town.merchant_id, [wanted], town.now)
    (invoice,) = town.bill(on="2026-11-05")
    assert preview.group.bills[0].bill_on == day("2026-11-05")
    assert invoice.invoice.total_minor == preview.group.bills[0].draft.totals.total_minor


def test_an_order_leaves_the_usage_of_what_they_have_as_it_was_billed(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-11-01")
    used = [(f"e{place}", f"2026-{month}-20T12:00:00Z") for place, month in enumerate(("10", "11"))]
    common = {"customer": "aino", "meter": "talk", "value": 250}
    sent = [{"id": key, "time": time, **common} for key, time in used]
    accept_usage(town.merchant_id, sent[:1], town.now, town.now)
    town.bill(on="2026-11-01")
    town.clock("2026-11-21")
    accept_usage(town.merchant_id, sent[1:], town.now, town.now)
    wanted = order("basic", day("2026-10-25"), alignment="calendar")  # it makes all look back
    preview = seen(town, wanted)
    assert not any(one.rated.revision > 1 for one in preview.group.bills[0].draft.lines)
    subscribe(town.merchant_id, [wanted], town.now)
    for bill in preview.group.bills:
        (invoice,) = town.bill(on=bill.bill_on.isoformat())
        assert invoice.invoice.total_minor == bill.draft.totals.total_minor


@pytest.mark.parametrize("start_on", ["2026-10-05", "2026-10-11", "2026-10-20"])
def test_an_order_with_a_coupon_is_billed_as_it_was_seen(town: Town, start_on: str) -> None:
    town.customer("Aino")
    half = Coupon(new_id(), "half", {"en": "Half"}, Decimal(50), duration="periods", periods=2)
    sold = Catalogue("EUR", includes_tax=True, products=(), plans=(), add_ons=(), coupons=(half,))
    publish_catalogue(town.merchant_id, sold, town.now)
    town.clock("2026-10-11")
    wanted = order("basic", day(start_on), coupon="half")
    preview = seen(town, wanted)
    assert preview.sealed == seen(town, wanted).sealed
    assert preview.sealed != seen(town, order("basic", day(start_on))).sealed
    subscribe(town.merchant_id, [wanted], town.now)
    for bill in preview.group.bills:
        (invoice,) = town.bill(on=bill.bill_on.isoformat())
        assert invoice.invoice.total_minor == bill.draft.totals.total_minor == 500


def test_an_order_that_would_be_refused_is_refused(town: Town) -> None:
    town.customer("Aino")
    with pytest.raises(NotFound, match="no plan"):
        seen(town, order("nothing", day("2026-10-11")))
