import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.calendar import midnight
from kesto.core.fields import Fields
from kesto.core.metering import AGGREGATIONS, Event, Metered, Span, meter_events, parse_meter
from kesto.core.refusals import Invalid

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
MARCH = Span(START, END)
Happened = tuple[int, object, dict[str, object]]


def local(start: str, end: str, zone: str) -> Span:
    first, after = date.fromisoformat(start), date.fromisoformat(end)
    return Span(midnight(first, zone), midnight(after, zone), zone)


# Each ends a day after the middle of its leap day, or of a night that is an hour shorter or longer.
LEAP_MONTH = local("2028-02-01", "2028-03-01", "Europe/Helsinki")
SPRING_NIGHT = local("2027-03-01", "2027-03-29", "Europe/Helsinki")
AUTUMN_NIGHT = local("2027-10-01", "2027-11-01", "Europe/Helsinki")
NEW_YORK = local("2027-02-15", "2027-03-15", "America/New_York")
WEEK = local("2027-03-29", "2027-04-05", "Pacific/Auckland")
SECOND = timedelta(seconds=1)
BARE, BARE_AND_LONG = json.loads("[0.1, 0.1234567890123456789]")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def metered(
    aggregation: str, events: Sequence[Event], span: Span = MARCH, **more: object
) -> Metered:
    meter = parse_meter(Fields({"aggregation": aggregation, **more}, "meter"))
    return meter_events(meter, span, events)


def on(day: int, value: object = "1", **more: object) -> Event:
    return Event(datetime(2026, 3, day, 12, tzinfo=UTC), value, **more)  # type: ignore[arg-type]  # fields by name


def figures(found: Metered) -> tuple[object, object]:
    return found.quantity, found.level


def codes(found: Metered) -> list[tuple[int, str]]:
    return [(skipped.index, skipped.problem.code) for skipped in found.skipped]


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_nothing_comes_to_nothing(aggregation: str) -> None:
    assert metered(aggregation, []) == Metered(Fraction(0), Fraction(0), (), ())


@pytest.mark.parametrize(
    ("at", "quantity"),
    [(START - SECOND, 0), (START, 1), (END - SECOND, 1), (END, 0), (END + SECOND, 0)],
)
@pytest.mark.parametrize("aggregation", ["count", "sum", "max", "latest", "unique"])
def test_an_event_on_a_boundary_belongs_to_the_period_it_opens(
    aggregation: str, at: datetime, quantity: int
) -> None:
    assert metered(aggregation, [Event(at, "1")]).quantity == quantity


def test_the_same_id_twice_is_one_event_and_other_content_is_a_conflict() -> None:
    events = [
        Event(NOON, "2", id="a"),
        Event(NOON, "2.0", id="a"),
        Event(NOON, "2", id="a", source="bank"),
        Event(NOON, "3", id="a"),
        Event(NOON, "2", {"x": 1}, id="a"),
        *[Event(NOON, "5")] * 2,
    ]
    found = metered("sum", events)
    assert found.quantity == 14
    assert codes(found) == [(3, "conflict"), (4, "conflict")]


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "many", "NaN", "Infinity", "-inf", "1/2", "1_000", "\N{FULLWIDTH DIGIT ONE}"),
        *(True, [], {}, "9" * 16, "0." + "0" * 30 + "1", "1e99", BARE_AND_LONG),
    ],
)
def test_what_is_no_finite_number_is_left_out_and_named(value: object) -> None:
    events = [on(1, "4"), on(2, value), on(2, value, id="x")]
    found = metered("sum", events)
    assert found.quantity == 4
    assert codes(found) == [
        (index, "bad_value" if value is not None else "missing") for index in (1, 2)
    ]
    assert found.skipped[0].problem.detail.startswith("value ")
    assert metered("count", events).quantity == 3


@pytest.mark.parametrize(
    ("value", "number"), [("1e3", "1000"), (".5", "1/2"), ("+7", "7"), (2, "2"), (BARE, "1/10")]
)
def test_a_number_may_be_written_in_any_way(value: object, number: str) -> None:
    assert metered("sum", [on(1, value)]).quantity == Fraction(number)


def test_an_invalid_event_outside_the_period_or_the_filter_is_not_named() -> None:
    events = [
        Event(START - SECOND, "bad", {"region": "eu"}),
        on(1, "bad", properties={"region": "us"}),
        on(1, "bad"),
        on(1, "bad", properties={"region": "eu"}),
    ]
    assert codes(metered("sum", events, filter={"region": ["eu"]})) == [(3, "bad_value")]
    carried = metered("sum", events, filter={"region": ["eu"]}, carry="since_start")
    assert codes(carried) == [(0, "bad_value"), (3, "bad_value")]


def test_every_property_of_a_filter_must_match() -> None:
    events = [
        on(1, properties={"region": "eu", "tier": 1}),
        on(1, properties={"region": "us", "tier": "1"}),
        on(1, properties={"region": "fi", "tier": "1"}),
        on(1, properties={"region": "eu", "tier": 2}),
        on(1, properties={"region": "eu"}),
        on(1, properties={"region": ["eu"], "tier": "1"}),
    ]
    assert metered("count", events, filter={"region": ["eu", "us"], "tier": ["1"]}).quantity == 2


def test_the_value_may_stand_in_a_property() -> None:
    found = metered("sum", [on(1, None, properties={"gb": "2.5"}), on(1, "9")], property="gb")
    assert found.quantity == Fraction(5, 2)
    assert found.skipped[0].problem.detail == "properties.gb is missing"


def test_groups_add_up_and_a_missing_property_is_a_group() -> None:
    events = [
        on(1, "5", properties={"region": "us"}),
        on(2, "-7", properties={"region": "eu"}),
        on(3, "0.4", properties={"region": "eu", "other": 1}),
        on(4, "1.2"),
    ]
    found = metered("sum", events, group_by=["region"], rounding={"round": "up"})
    assert [group.labels for group in found.groups] == [("eu",), ("us",), (None,)]
    assert [group.quantity for group in found.groups] == [Fraction(0), Fraction(5), Fraction(2)]
    assert figures(found) == (7, Fraction("-0.4"))
    assert metered("sum", [], group_by=["region"]).groups == ()


def test_an_id_counts_once_in_each_group() -> None:
    events = [on(1, "a", properties={"team": team}) for team in ("x", "x", "y")]
    assert metered("unique", events, group_by=["team"]).quantity == 2
    assert metered("unique", events).quantity == 1


@pytest.mark.parametrize(
    ("round_", "digits", "rounded"),
    [
        ("up", 0, "124"),
        ("down", 0, "123"),
        ("nearest", 0, "123"),
        ("up", 2, "123.46"),
        ("down", 2, "123.45"),
        ("nearest", 2, "123.46"),
        ("up", -2, "200"),
        ("down", -2, "100"),
        ("nearest", -1, "120"),
        ("nearest", 3, "123.455"),
    ],
)
def test_the_result_is_rounded(round_: str, digits: int, rounded: str) -> None:
    found = metered("sum", [on(1, "123.455")], rounding={"round": round_, "digits": digits})
    assert found.quantity == Fraction(rounded)
    assert found.level == Fraction("123.455")


def test_a_negative_level_is_carried_and_not_billed() -> None:
    for aggregation in ("sum", "latest", "max"):
        found = metered(aggregation, [on(1, "-5")], rounding={"round": "up"})
        assert figures(found) == (0, -5)
    assert metered("sum", [on(1, "3")], initial="-5").quantity == 0


def test_the_last_is_by_time_then_by_id() -> None:
    events = [on(9, "3"), on(5, "9"), on(1, "7")]
    assert metered("latest", events).quantity == 3
    tied = [on(9, "3", id="b"), on(9, "8", id="a")]
    assert metered("latest", tied).quantity == metered("latest", tied[::-1]).quantity == 3
    assert metered("latest", [on(9, "3"), on(9, "8")]).quantity == 8


@pytest.mark.parametrize(
    ("aggregation", "carry", "initial", "quantity"),
    [
        ("count", "period", None, 1),
        ("count", "period", "10", 11),
        ("count", "since_start", None, 2),
        ("count", "since_start", "10", 12),
        ("sum", "period", "10", 13),
        ("sum", "since_start", None, 10),
        ("sum", "since_start", "10", 20),
        ("max", "period", None, 3),
        ("max", "period", "10", 10),
        ("max", "since_start", None, 7),
        ("max", "since_start", "5", 7),
        ("latest", "period", "10", 3),
        ("latest", "since_start", None, 3),
        ("unique", "period", "10", 11),
        ("unique", "since_start", None, 2),
        ("weighted_sum", "since_start", "10", 17 + Fraction(3, 2)),
    ],
)
def test_what_is_carried_in(
    aggregation: str, carry: str, initial: str | None, quantity: Fraction
) -> None:
    half = Event(START + (END - START) / 2, "3")
    events = [half, Event(datetime(2025, 6, 1, tzinfo=UTC), "7")]
    assert metered(aggregation, events, carry=carry, initial=initial).quantity == quantity


def test_a_level_stays_when_nothing_happens() -> None:
    for aggregation in ("sum", "max", "latest", "weighted_sum", "count", "unique"):
        found = metered(aggregation, [], initial="4")
        assert figures(found) == (4, 4)
    before = [Event(START - SECOND, "4")]
    assert metered("latest", before, carry="since_start").quantity == 4


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"aggregation": "median"}, "meter.aggregation"),
        ({"aggregation": "max", "prorate": True}, "meter.prorate"),
        ({"group_by": ["a"], "initial": "1"}, "meter.initial"),
        ({"group_by": ["a", "a"]}, "meter.group_by"),
        ({"group_by": []}, "meter.group_by"),
        ({"group_by": "a"}, "meter.group_by"),
        ({"filter": ["a"]}, "meter.filter"),
        ({"filter": {"a": "b"}}, "meter.filter.a"),
        ({"filter": {"a": []}}, "meter.filter.a"),
        ({"filter": {"a": [[]]}}, "meter.filter.a"),
        ({"rounding": {"digits": 2}}, "meter.rounding.round"),
        ({"rounding": {"round": "up", "digits": 13}}, "meter.rounding.digits"),
        ({"rounding": {"round": "up", "digits": -16}}, "meter.rounding.digits"),
        ({"carry": "month"}, "meter.carry"),
        ({"initial": "x"}, "meter.initial"),
        ({"propertty": "x"}, "meter.propertty"),
    ],
)
def test_a_meter_is_refused_by_field(more: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_meter(Fields({"aggregation": "sum", **more}, "meter"))
    assert refused.value.field == field


VALUES = st.sampled_from(["0", "1", "-2", "3.25", "0.1", "bad", None])
SPANS = st.sampled_from([MARCH, LEAP_MONTH, SPRING_NIGHT, AUTUMN_NIGHT, NEW_YORK, WEEK])
AGES = st.integers(-40 * 86_400, 40 * 86_400) | st.integers(-7200, 7200)
"""Seconds after the middle of a period; many are near it, for its night of another length."""
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "team": st.sampled_from(["x", "y"]),
        "operation": st.sampled_from(["add", "remove"]),
    },
)
EVENTS = st.lists(st.tuples(AGES, VALUES, PROPERTIES), max_size=12)
METERS = st.fixed_dictionaries(
    {
        "aggregation": st.sampled_from(["sum", "count", "unique", "max", "weighted_sum"]),
        "carry": st.sampled_from(["period", "since_start"]),
        "group_by": st.sampled_from([None, ["team"]]),
        "prorate": st.booleans(),
    }
).map(lambda meter: meter | {"prorate": meter["prorate"] and can_prorate(meter["aggregation"])})


def can_prorate(aggregation: object) -> bool:
    return AGGREGATIONS[str(aggregation)].can_be_prorated


def at_night(span: Span, events: Sequence[Happened]) -> list[Event]:
    """Events around the special night of a period, which is its last but one, each with an id."""
    night = span.end_at - timedelta(days=1)
    return [
        Event(night + timedelta(seconds=age), value, properties, str(place))
        for place, (age, value, properties) in enumerate(events)
    ]


def asked(meter: dict[str, object], span: Span, events: Sequence[Event]) -> Metered:
    return meter_events(parse_meter(Fields(meter)), span, events)


@given(METERS, SPANS, EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(
    meter: dict[str, object], span: Span, events: list[Happened], chance: Random
) -> None:
    """Without ids, too: two that are alike are two events."""
    told = [replace(event, id="") for event in at_night(span, events)]
    mixed = list(told)
    chance.shuffle(mixed)
    one, other = asked(meter, span, told), asked(meter, span, mixed)
    assert (one.quantity, one.level, one.groups) == (other.quantity, other.level, other.groups)
    assert len(one.skipped) == len(other.skipped)


@given(METERS, SPANS, EVENTS, st.lists(st.integers(0, 11), max_size=5), st.randoms())
def test_events_sent_again_and_out_of_order_change_nothing(
    meter: dict[str, object],
    span: Span,
    events: list[Happened],
    again: list[int],
    chance: Random,
) -> None:
    told = at_night(span, events)
    mixed = told + [told[place] for place in again if place < len(told)]
    chance.shuffle(mixed)
    one, other = asked(meter, span, told), asked(meter, span, mixed)
    assert (one.quantity, one.level, one.groups) == (other.quantity, other.level, other.groups)


@given(METERS, SPANS, EVENTS)
def test_groups_sum_to_the_whole(
    meter: dict[str, object], span: Span, events: list[Happened]
) -> None:
    told = at_night(span, events)
    found = asked(meter | {"group_by": ["team"]}, span, told)
    assert found.quantity == sum(group.quantity for group in found.groups)
    whole = asked(meter | {"group_by": None}, span, told)
    if meter["aggregation"] in {"count", "sum", "weighted_sum"}:
        assert found.level == whole.level
    if meter["aggregation"] == "count":
        assert found.quantity == whole.quantity
    assert found.quantity >= 0
