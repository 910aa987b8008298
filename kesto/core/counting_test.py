"""What metered prices ask for, and what they are given to price."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.catalog import Price, Product, SoldMeter
from kesto.core.counting import (
    Ask,
    ask_of,
    asked,
    cuts,
    from_intervals,
    from_readings,
    from_sums,
    from_total,
    without_price,
)
from kesto.core.item import Cadence, Course, Item, ZoneFrom
from kesto.core.metering import Meter, Rounding
from kesto.core.metering.event import Reading
from kesto.core.metering.metered import Labels
from kesto.core.pricing import Entry, Usage, parse_price
from kesto.core.pricing.time_series import Interval as PricedInterval

HELSINKI = "Europe/Helsinki"
SUBSCRIPTION = UUID(int=9)
SERIES = {
    "2026-10-01T01:00+03:00": "0.20",
    "2026-10-01T00:00+03:00": "-0.10",
}


def priced(**spec: Any) -> Price:
    return Price(
        id=UUID(int=1),
        code="usage",
        product=Product(UUID(int=2), "line", {}, "standard", "3000"),
        spec=parse_price(spec or {"model": "per_unit", "unit_amount": "1"}),
        currency="EUR",
        includes_tax=True,
        interval=Interval("month", 1),
        meter="talk",
    )


def sold(aggregation: str = "sum", **more: Any) -> dict[str, SoldMeter]:
    return {"talk": SoldMeter(UUID(int=3), "talk", {}, Meter(aggregation, **more))}


def item(price: Price, **more: Any) -> Item:
    usual: dict[str, Any] = {"subscription_id": SUBSCRIPTION, **more}
    cadence = Cadence(date(2026, 10, 1), zone=HELSINKI)
    return Item(UUID(int=4), (price,), Decimal(1), cadence, cadence.start_on, **usual)


def ask(price: Price | None = None, meters: dict[str, SoldMeter] | None = None, **more: Any) -> Ask:
    own = item(price or priced(), **more)
    (found,) = asked([own], None, date(2026, 11, 1), meters or sold())
    return found


def test_a_metered_price_asks_for_the_instants_of_its_days() -> None:
    found = ask()
    assert found.key == (SUBSCRIPTION.int, 1, date(2026, 10, 1), date(2026, 11, 1))
    assert found.span.start_at == datetime(2026, 9, 30, 21, tzinfo=UTC)
    assert found.span.end_at == datetime(2026, 10, 31, 22, tzinfo=UTC)
    assert (found.span.zone, found.span.full_days) == (HELSINKI, None)


def test_what_was_billed_is_not_asked_for_again() -> None:
    own = item(priced())
    assert not list(asked([own], date(2026, 11, 1), date(2026, 11, 30), sold()))
    assert len(list(asked([own], None, date(2026, 12, 1), sold()))) == 2
    assert not list(
        asked([replace(own, prices=(replace(priced(), meter=""),))], None, date.max, {})
    )


def test_before_there_is_a_subscription_nothing_happened() -> None:
    own = item(priced(), subscription_id=None)
    assert not list(asked([own], None, date(2026, 12, 1), sold()))


def test_a_part_of_a_period_knows_the_whole() -> None:
    found = ask(end_on=date(2026, 10, 11))
    assert (found.span.full_days, found.span.days) == (31, 10)
    by_second = replace(priced(), proration="second")
    assert ask(by_second, end_on=date(2026, 10, 11)).span.full_days is None


def test_where_a_zone_changes_no_hour_is_missed_or_comes_twice() -> None:
    cadence = Cadence(date(2026, 10, 1), zone="UTC")
    course = Course(zones=(ZoneFrom(date(2026, 10, 16), "America/New_York"),))
    own = replace(item(priced(), course=course), cadence=cadence)
    spans = [one.span for one in asked([own], None, date(2026, 12, 1), sold())]
    assert spans[0].start_at == datetime(2026, 10, 1, tzinfo=UTC)
    assert spans[0].end_at == spans[1].start_at == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert own.zone_on(date(2026, 10, 15)) == "UTC"
    assert own.zone_on(date(2026, 10, 16)) == "America/New_York"
    on_the_day = Course(zones=(ZoneFrom(date(2026, 11, 1), "America/New_York"),))
    spans = [
        one.span
        for one in asked([replace(own, course=on_the_day)], None, date(2026, 12, 1), sold())
    ]
    assert spans[0].end_at == spans[1].start_at == datetime(2026, 11, 1, tzinfo=UTC)
    back = Course(zones=(*course.zones, ZoneFrom(date(2026, 10, 20), "UTC")))
    days = [replace(own, course=back).zone_on(date(2026, 10, day)) for day in (15, 16, 19, 20)]
    assert days == ["UTC", "America/New_York", "America/New_York", "UTC"]


def test_the_days_of_a_period_are_its_own_where_zones_change() -> None:
    zones = (ZoneFrom(date(2027, 4, 1), "Europe/Helsinki"), ZoneFrom(date(2027, 4, 6), "UTC"))
    cadence = Cadence(date(2027, 3, 1), zone="Asia/Kolkata")
    own = replace(
        item(priced(), course=Course(zones=zones)),
        cadence=cadence,
        start_on=cadence.start_on,
        end_on=date(2027, 4, 30),
    )
    *_, last = [one.span for one in asked([own], None, date(2027, 5, 1), sold())]
    assert last.start_at == datetime(2027, 3, 31, 18, 30, tzinfo=UTC)  # in Helsinki still March
    assert last.end_at == datetime(2027, 4, 30, tzinfo=UTC)  # in Helsinki three hours more
    assert (last.first_on, last.last_on) == (date(2027, 4, 1), date(2027, 4, 29))
    assert (last.days, last.full_days) == (29, 30)
    assert last.day_of(last.start_at) == date(2027, 4, 1)
    assert last.day_of(last.end_at - timedelta(microseconds=1)) == date(2027, 4, 29)


def test_who_moves_across_the_date_line_skips_a_day() -> None:
    changed = date(2027, 3, 10)
    own = replace(
        item(priced(), course=Course(zones=(ZoneFrom(changed, "Pacific/Kiritimati"),))),
        cadence=Cadence(date(2027, 3, 1), zone="Pacific/Pago_Pago"),
        start_on=changed,
        end_on=changed + timedelta(days=1),
    )
    skipped = datetime(2027, 3, 10, 11, tzinfo=UTC)
    assert own.begins_at(changed) == own.begins_at(changed + timedelta(days=1)) == skipped
    assert own.begins_at(date(2027, 3, 12)) == datetime(2027, 3, 11, 10, tzinfo=UTC)
    assert [*asked([own], None, date(2027, 4, 1), sold())] == []


@pytest.mark.parametrize(
    ("spec", "meter", "way"),
    [
        ({}, {"aggregation": "sum"}, "sums"),
        ({}, {"aggregation": "count"}, "sums"),
        ({}, {"aggregation": "max"}, "sums"),
        ({}, {"aggregation": "latest"}, "readings"),
        ({}, {"aggregation": "unique"}, "readings"),
        ({}, {"aggregation": "weighted_sum"}, "readings"),
        ({}, {"aggregation": "sum", "is_prorated": True}, "readings"),
        ({}, {"aggregation": "sum", "carry": "since_start"}, "readings"),
        ({}, {"aggregation": "sum", "initial": Decimal(5)}, "readings"),
        ({"model": "percentage", "rate": "1"}, {"aggregation": "sum"}, "readings"),
        ({"model": "dynamic"}, {"aggregation": "sum"}, "readings"),
        ({"model": "time_series", "series": SERIES}, {"aggregation": "sum"}, "intervals"),
    ],
)
def test_what_adds_up_is_asked_for_as_sums(
    spec: dict[str, Any], meter: dict[str, Any], way: str
) -> None:
    assert ask(priced(**spec), sold(**meter)).way == way


def test_sums_are_rounded_by_group_and_never_below_zero() -> None:
    meters = sold(group_by=("kind",), rounding=Rounding("up"))
    found = from_sums(ask(meters=meters), {("b",): Decimal("1.2"), ("a",): Decimal(-7)})
    assert found == Usage(Decimal(2))


def test_groups_become_what_the_model_takes() -> None:
    meters = sold("max", group_by=("kind",))
    sums: dict[Labels, Decimal] = {("b",): Decimal(3), (None,): Decimal(4), ("a",): Decimal(2)}
    sized = {"model": "capacity", "tiers": [{"limits": {"a": "2"}, "amount": "1"}]}
    assert from_sums(ask(priced(**sized), meters), sums) == Usage(
        Decimal(9), levels=(("a", Decimal(2)), ("b", Decimal(3)), ("", Decimal(4)))
    )
    rows = {"model": "dimensional", "dimensions": ["kind"], "default": {"unit_amount": "1"}}
    assert from_sums(ask(priced(**rows), meters), sums).entries == (
        Entry(Decimal(2), None, (("kind", "a"),)),
        Entry(Decimal(3), None, (("kind", "b"),)),
        Entry(Decimal(4), None, ()),
    )
    alone = {"model": "capacity", "tiers": [{"limits": {"talk": "2"}, "amount": "1"}]}
    assert from_sums(ask(priced(**alone), sold("max")), {(): Decimal(3)}).levels == (
        ("talk", Decimal(3)),
    )
    bucketed = {"model": "per_unit", "unit_amount": "1", "bucketed": True}
    assert len(from_sums(ask(priced(**bucketed), meters), sums).entries or ()) == 3
    tiers = {"model": "graduated_percentage", "tiers": [{"rate": "1"}]}
    assert from_sums(ask(priced(**tiers)), {(): Decimal(3)}) == Usage(amounts=(Decimal(3),))


def test_single_amounts_stay_in_order() -> None:
    at = datetime(2026, 10, 2, tzinfo=UTC)
    readings = [Reading(at, Fraction(5)), Reading(at, Fraction(-2))]
    found = from_readings(ask(priced(model="percentage", rate="1")), {(): readings})
    assert found == Usage(amounts=(Decimal(5), Decimal(-2)))
    latest = from_readings(ask(meters=sold("latest")), {(): readings})
    assert latest == Usage(Decimal(0))
    assert from_readings(ask(meters=sold("unique")), {}) == Usage(Decimal(0))


def test_a_series_is_cut_in_the_order_of_time() -> None:
    found = ask(priced(model="time_series", series=SERIES))
    first = datetime(2026, 9, 30, 21, tzinfo=UTC)
    assert cuts(found) == [
        (first, first.replace(hour=22), Decimal("-0.10")),
        (first.replace(hour=22), first.replace(hour=23), Decimal("0.20")),
    ]
    assert found.is_summed
    assert from_total(Decimal(3), Decimal("0.5")) == Usage(Decimal(3), cost=Decimal("0.5"))
    by_interval = from_intervals([(first.replace(hour=22), Decimal("0.20"), Decimal(7))])
    name = "2026-09-30T22:00:00+00:00"
    assert by_interval.entries == (Entry(Decimal(7), None, (("interval", name),)),)
    assert by_interval.series == (PricedInterval(name, Decimal("0.20")),)
    missing = without_price(found, Decimal(2), 3, first)
    assert missing.reason == "prices of 3 hours from 2026-10-01 00:00 are missing"
    assert from_total(Decimal(3), Decimal(1), missing).unpriced == missing
    with pytest.raises(TypeError):
        cuts(ask())


@pytest.mark.parametrize(
    "more",
    [
        {"included_units": "5"},
        {"bucketed": True},
        {"transform_quantity": {"divide_by": "1000", "round": "none"}},
    ],
)
def test_what_goes_by_units_needs_each_interval(more: dict[str, Any]) -> None:
    found = ask(priced(model="time_series", series=SERIES, **more))
    assert not found.is_summed


def test_a_series_may_be_named() -> None:
    found = ask(priced(model="time_series", series="spot", margin="0.01"))
    assert (found.way, found.series, ask().series) == ("intervals", "spot", "")
    at = datetime(2026, 11, 5, tzinfo=UTC)
    missing = without_price(found, Decimal(2), 12, at, 15)
    assert missing.reason == (
        "prices of 12 quarter-hours from 2026-11-05 02:00 are missing in 'spot'"
    )


def test_an_ask_of_a_stretch_is_the_same_as_of_all() -> None:
    found = ask()
    assert ask_of(item(priced()), priced(), found.stretch, sold()) == found
