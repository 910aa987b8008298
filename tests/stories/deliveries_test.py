"""Boxes and papers: what is delivered when, what skipping costs, and where it goes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.changes import (
    Cancel,
    ChangeAddress,
    ChangePlan,
    ChangeQuantity,
    Command,
    GiveCoupon,
    Pause,
    SkipDelivery,
    Transfer,
    UnskipDelivery,
)
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from kesto.flows.change_subscription import change_subscription
from kesto.flows.quote_change import confirm_quote, quote_as_it_stands, quote_change
from kesto.flows.record_fulfilment import Report, record_day, record_fulfilment
from kesto.flows.show_deliveries import Stop, stops, totals
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.verify.proof import verify
from tests import boxes
from tests.town import ACTOR, Citizen, Town, day

SUMMER = ChangeAddress("Aino Lumme", "Rantatie 1", "39100", "Hämeenkyrö", on=day("2026-10-10"))


@pytest.fixture
def shop(town: Town) -> Town:
    """A town that sells boxes and papers too."""
    return boxes.opened(town)


def coming(town: Town, subscription: UUID, from_on: str, until_on: str) -> list[Stop]:
    with reading(town.merchant_id) as session:
        return stops(session, day(from_on), day(until_on), subscription)


def days(found: Sequence[Stop], *statuses: str) -> list[str]:
    return [f"{one.on:%m-%d}" for one in found if not statuses or one.status in statuses]


def amounts(invoices: Sequence[Stored]) -> list[list[int]]:
    return [[line.rated.amount_minor for line in one.lines] for one in invoices]


def by_herself(aino: Citizen, subscription: UUID, command: Command) -> None:
    town = aino.town
    change_subscription(
        town.merchant_id, subscription.hex, command, town.now, ACTOR, is_staff=False
    )


def sound(town: Town) -> bool:
    found = verify(town.merchant_id)
    assert found == []
    return True


def test_the_life_of_a_box(shop: Town) -> None:
    town = shop
    aino = town.customer("Aino")
    own = aino.subscribes("box", on="2026-10-01", add_ons=["coffee"])
    # Each Thursday from the first whose cut-off was not over; coffee comes every second time.
    october = coming(town, own, "2026-10-01", "2026-11-01")
    assert days(october) == ["10-08", "10-15", "10-22", "10-29"]
    assert [len(one.contents) for one in october] == [1, 2, 1, 2]
    assert amounts(town.bill(on="2026-10-01")) == [[4000, 600]]

    town.clock("2026-10-05")
    preview = aino.previews(own, SkipDelivery(day("2026-10-15")))
    by_herself(aino, own, SkipDelivery(day("2026-10-15")))
    town.clock("2026-10-06")  # Monday the 5th was the last day for the 8th
    with pytest.raises(NotAllowed) as late:
        by_herself(aino, own, SkipDelivery(day("2026-10-08")))
    assert late.value.code == "cut_off"
    assert days(coming(town, own, "2026-10-01", "2026-11-01"), "skipped") == ["10-15"]

    with pytest.raises(NotAllowed):
        aino.changes(own, ChangeAddress(is_own=True, on=day("2026-10-08")))
    aino.changes(own, SUMMER)
    places = [one.address.city for one in coming(town, own, "2026-10-01", "2026-11-01")]
    assert places == ["Helsinki", "Hämeenkyrö", "Hämeenkyrö", "Hämeenkyrö"]

    aino.changes(own, Pause(on=day("2026-11-10"), until=day("2026-11-24"), percent=Decimal(0)))
    aino.changes(own, Cancel(last_day=day("2026-12-06"), waives_notice=True))
    later = coming(town, own, "2026-11-01", "2027-02-01")
    assert days(later) == ["11-05", "11-26", "12-03"]

    (invoice,) = town.bill(on="2026-11-01")
    # November is 16 of 30 days; back come a quarter of the box, and one of two coffees.
    assert sorted(amounts([invoice])[0]) == [-1000, -300, 320, 2133]
    (group,) = preview.groups
    credited = [one.rated.amount_minor for one in group.bills[0].draft.lines]
    assert sorted(credited)[:2] == [-1000, -300]
    assert sound(town)


def test_a_cut_off_is_the_end_of_a_local_day(shop: Town) -> None:
    own = shop.customer("Aino").subscribes("box", on="2026-10-01")
    command = SkipDelivery(day("2026-10-08"))

    def asks(now: datetime) -> None:
        change_subscription(shop.merchant_id, own.hex, command, now, ACTOR, is_staff=False)

    # Midnight between Monday and Tuesday in Helsinki, where it is still summer time.
    midnight = datetime(2026, 10, 5, 21, tzinfo=UTC)
    with pytest.raises(NotAllowed):
        asks(midnight)
    asks(midnight - timedelta(seconds=1))
    # The week in which the clocks change has its delivery on the same weekday.
    assert days(coming(shop, own, "2026-10-20", "2026-11-10")) == ["10-22", "10-29", "11-05"]


def test_the_deliveries_of_a_period_tile_its_price_to_the_cent(shop: Town) -> None:
    town = shop
    aino = town.customer("Aino")
    own = aino.subscribes("third", on="2026-10-01")
    assert amounts(town.bill(on="2026-10-01")) == [[1000]]
    aino.changes(own, SkipDelivery(day("2026-10-11")))
    assert amounts(town.bill(on="2026-11-01")) == [[-333, 1000]]
    aino.changes(own, SkipDelivery(day("2026-10-21"), waives_terms=True))
    assert amounts(town.bill(on="2026-12-01")) == [[-334, 1000]]
    aino.changes(own, SkipDelivery(day("2026-10-31"), waives_terms=True))
    assert sorted(amounts(town.bill(on="2027-01-01"))[0]) == [-333, 1000]
    aino.changes(own, UnskipDelivery(day("2026-10-21"), waives_terms=True))
    assert sorted(amounts(town.bill(on="2027-02-01"))[0]) == [333, 1000]
    assert sound(town)


def test_what_was_previewed_is_quoted_and_billed(shop: Town) -> None:
    town = shop
    aino = town.customer("Aino")
    own = aino.subscribes("box", on="2026-10-01")
    town.bill(on="2026-10-01")
    quoted = quote_change(
        town.merchant_id, own.hex, SkipDelivery(day("2026-11-12")), town.now, is_staff=False
    )
    name = f"quo_{quoted.quote.id.hex}"
    assert confirm_quote(town.merchant_id, name, town.now, ACTOR, is_staff=False).changed
    (november,) = [
        bill for bill in quoted.preview.groups[0].bills if bill.bill_on == day("2026-11-01")
    ]
    (invoice,) = town.bill(on="2026-11-01")
    # November has four Thursdays.
    assert [one.rated.amount_minor for one in november.draft.lines] == [3000]
    assert amounts([invoice]) == [[3000]]
    assert b'"skipped":1,"deliveries":4' in invoice.lines[0].rated.explanation
    assert sound(town)


def test_a_quote_does_not_outlive_the_cut_off(shop: Town) -> None:
    town = shop
    own = town.customer("Aino").subscribes("box", on="2026-10-01")
    town.clock("2026-10-05")

    def quoted(command: Command) -> str:
        found = quote_change(town.merchant_id, own.hex, command, town.now, is_staff=False)
        return f"quo_{found.quote.id.hex}"

    skip, elsewhere = quoted(SkipDelivery(day("2026-10-08"))), quoted(replace(SUMMER, on=None))
    late = town.now.replace(day=6, hour=0)
    with pytest.raises(NotAllowed) as refused:
        confirm_quote(town.merchant_id, skip, late, ACTOR, is_staff=False)
    assert refused.value.code == "cut_off"
    again = confirm_quote(town.merchant_id, elsewhere, late, ACTOR, is_staff=False)
    assert again.changed is None  # from the 9th on now, no longer from today on
    assert again.quoted is not None
    assert again.quoted.preview.on == day("2026-10-09")
    with reading(town.merchant_id) as session:
        assert quote_as_it_stands(session, skip, late)[1] is None


def test_a_paper_is_skipped_for_nothing_and_not_too_often(shop: Town) -> None:
    town = shop
    aino = town.customer("Aino")
    own = aino.subscribes("paper", on="2026-10-31")
    found = coming(town, own, "2026-10-31", "2027-05-01")
    assert days(found) == ["11-30", "12-31", "01-31", "02-28", "03-31", "04-30"]
    by_herself(aino, own, SkipDelivery(day("2026-11-30")))
    with pytest.raises(Conflict):
        by_herself(aino, own, SkipDelivery(day("2026-11-30")))
    with pytest.raises(NotAllowed) as often:
        by_herself(aino, own, SkipDelivery(day("2026-12-31")))
    assert often.value.code == "skips_used_up"
    with pytest.raises(NotAllowed):  # what staff may do is not the subscriber's
        by_herself(aino, own, SkipDelivery(day("2026-12-31"), waives_terms=True))
    by_herself(aino, own, SkipDelivery(day("2027-01-31")))  # another year
    with pytest.raises(NotFound):
        by_herself(aino, own, SkipDelivery(day("2027-02-27")))
    by_herself(aino, own, UnskipDelivery(day("2026-11-30")))
    by_herself(aino, own, SkipDelivery(day("2026-12-31")))
    assert amounts(town.bill(on="2026-11-30")) == [[900, 900]]
    assert sound(town)


def test_what_has_no_deliveries_has_nothing_to_skip(shop: Town) -> None:
    town = shop
    aino = town.customer("Aino")
    own = aino.subscribes("basic", on="2026-10-01")
    with pytest.raises(NotFound):
        aino.changes(own, SkipDelivery(day("2026-10-15")))
    with pytest.raises(Conflict):
        aino.changes(own, SUMMER)
    meal = aino.subscribes("meal", on="2026-10-01")
    first = coming(town, meal, "2026-10-01", "2026-11-01")[0]
    with pytest.raises(NotAllowed) as strict:
        by_herself(aino, meal, SkipDelivery(first.on))
    assert strict.value.code == "no_skipping"


def test_addresses_are_checked_and_stand_with_the_people(shop: Town) -> None:
    town = shop
    aino = town.customer("Aino")
    own = aino.subscribes("box", on="2026-10-01")
    for wrong, field in (
        (ChangeAddress("Aino", "Kuja 1", "00100"), "city"),
        (ChangeAddress("Aino", "Kuja 1", "00100", "Helsinki", "fi"), "country"),
        (ChangeAddress(is_own=True, address="adr_1"), "address"),
    ):
        with pytest.raises(Invalid) as refused:
            aino.changes(own, wrong)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        aino.changes(own, ChangeAddress(address="adr_1"))
    with pytest.raises(Conflict):
        aino.changes(own, ChangeAddress(is_own=True))
    quoted = quote_change(town.merchant_id, own.hex, SUMMER, town.now)
    with reading(town.merchant_id) as session:
        kept = session.row(
            "select command::text || events::text from quote where id = %s", quoted.quote.id
        )
    assert kept is not None
    assert "Rantatie" not in kept[0]
    confirm_quote(town.merchant_id, f"quo_{quoted.quote.id.hex}", town.now, ACTOR)
    place = coming(town, own, "2026-10-15", "2026-10-16")[0]
    again = ChangeAddress(address=f"adr_{place.address_id.hex if place.address_id else ''}")
    aino.changes(own, ChangeAddress(is_own=True, on=day("2026-10-20")))
    aino.changes(own, ChangeAddress(address=again.address, on=day("2026-11-20")))
    found = coming(town, own, "2026-10-15", "2026-12-01")
    assert [one.address.street[:4] for one in found] == ["Rant", *["Kuja"] * 5, "Rant"]
    assert sound(town)


def told(town: Town, own: UUID, on: str, state: str, **more: str) -> str:
    report = Report(day(on), state, **more)  # type: ignore[arg-type]  # a literal
    return record_fulfilment(town.merchant_id, own.hex, report, town.now, ACTOR).id.hex


def test_what_happens_on_the_way_is_written_down_once(shop: Town) -> None:
    town = shop
    aino = town.customer("Aino")
    own = aino.subscribes("box", on="2026-10-01")
    town.clock("2026-10-08")
    first = told(town, own, "2026-10-08", "sent", carrier="Posti", external_id="p-1")
    assert told(town, own, "2026-10-08", "sent", carrier="Posti", external_id="p-1") == first
    for on, state, more in (
        ("2026-10-08", "failed", {"external_id": "p-1"}),
        ("2026-10-08", "sent", {}),
        ("2026-10-09", "sent", {}),
        ("2027-01-07", "sent", {}),
        ("2026-10-15", "returned", {}),
    ):
        with pytest.raises(Refused):
            told(town, own, on, state, **more)
    with pytest.raises(NotAllowed) as gone:
        aino.changes(own, SkipDelivery(day("2026-10-08"), waives_terms=True))
    assert gone.value.code == "already_sent"
    told(town, own, "2026-10-08", "failed", note="nobody at home")
    with reading(town.merchant_id) as session:
        kinds = session.rows(
            "select kind from notice where merchant_id = %s order by id", town.merchant_id
        )
    assert [kind for (kind,) in kinds][-1] == "delivery_failed"
    # A delivery that did not get there may be credited by skipping it afterwards.
    aino.changes(own, SkipDelivery(day("2026-10-08"), waives_terms=True))
    assert days(coming(town, own, "2026-10-01", "2026-10-10"), "failed") == ["10-08"]
    with pytest.raises(Conflict):  # what was given back is not sent a second time
        told(town, own, "2026-10-08", "sent")
    told(town, own, "2026-10-08", "returned")
    aino.changes(own, SkipDelivery(day("2026-10-22")))
    with pytest.raises(Conflict):
        told(town, own, "2026-10-22", "sent")
    aino.changes(own, Cancel(last_day=day("2026-10-08"), waives_notice=True))
    found = coming(town, own, "2026-10-01", "2026-11-01")
    assert [one.contents[0].quantity for one in found] == [1]
    assert sound(town)


def test_a_day_is_packed_and_marked_together(shop: Town) -> None:
    town = shop
    aino, veikko, eero = (town.customer(name) for name in ("Aino", "Veikko", "Eero"))
    first = aino.subscribes("box", on="2026-10-01", add_ons=["coffee"])
    second = veikko.subscribes("box", on="2026-09-01", billed_from="2026-10-01", quantity="2")
    third = eero.subscribes("box", on="2026-10-01")
    eero.changes(third, SkipDelivery(day("2026-10-15")))
    veikko.changes(second, ChangeQuantity(Decimal(3), on=day("2026-10-10")))
    with reading(town.merchant_id) as session:
        found = stops(session, day("2026-10-15"), day("2026-10-16"))
    packed = [(one.code, int(one.quantity), one.deliveries) for one in totals(found)]
    assert packed == [("box", 4, 2), ("coffee", 1, 1)]
    town.clock("2026-10-15")
    on = day("2026-10-15")
    assert record_day(town.merchant_id, on, "sent", town.now, ACTOR, only={first}) == 1
    assert record_day(town.merchant_id, on, "sent", town.now, ACTOR, carrier="Posti") == 1
    assert record_day(town.merchant_id, on, "sent", town.now, ACTOR) == 0
    assert record_day(town.merchant_id, on, "delivered", town.now, ACTOR) == 2
    assert sound(town)


def test_another_payer_and_another_plan_change_no_delivery_day(shop: Town) -> None:
    town = shop
    aino, veikko = town.customer("Aino"), town.customer("Veikko")
    own = aino.subscribes("box", on="2026-10-01", add_ons=["coffee"])
    before = days(coming(town, own, "2026-10-01", "2027-01-01"))
    aino.changes(own, SkipDelivery(day("2026-11-12")))
    aino.changes(own, Transfer(veikko.customer.external_id, on=day("2026-11-01")))
    aino.changes(own, ChangePlan("box", quantity=Decimal(2), on=day("2026-11-10")))
    assert days(coming(town, own, "2026-10-01", "2027-01-01")) == before
    assert days(coming(town, own, "2026-10-01", "2027-01-01"), "skipped") == ["11-12"]
    town.bill(on="2026-10-01")
    town.bill(on="2026-11-01")
    town.bill(on="2026-12-01")
    assert sound(town)


def test_a_credit_is_less_where_a_discount_was(shop: Town) -> None:
    town = shop
    aino = town.customer("Aino")
    own = aino.subscribes("box", on="2026-10-01")
    aino.changes(own, GiveCoupon("half"))
    assert amounts(town.bill(on="2026-10-01")) == [[4000, -2000]]
    aino.changes(own, SkipDelivery(day("2026-10-15")))
    assert sorted(amounts(town.bill(on="2026-11-01"))[0]) == [-2000, -1000, 500, 4000]
    assert sound(town)
