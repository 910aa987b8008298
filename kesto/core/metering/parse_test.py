"""A meter as it is read, what a refusal says of it, and what is said of an event left out."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from kesto.core.fields import Fields
from kesto.core.metering import Event, Meter, Rounding, Span, meter_events, parse_meter
from kesto.core.metering.event import Problem, number_of, plain_value, text_of, value_of
from kesto.core.refusals import Invalid

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("fields", "meter"),
    [
        ({"aggregation": "count"}, Meter("count")),
        (
            {
                "aggregation": "sum",
                "property": "gb",
                "filter": {"zone": ["a", 1, True]},
                "carry": "since_start",
                "initial": "-2.5",
                "prorate": True,
                "rounding": {"round": "up"},
            },
            Meter(
                "sum",
                "gb",
                {"zone": frozenset(("a", "1", "true"))},
                (),
                "since_start",
                Decimal("-2.5"),
                is_prorated=True,
                rounding=Rounding("up", 0),
            ),
        ),
        (
            {
                "aggregation": "max",
                "group_by": ["zone", "kind"],
                "initial": "0",
                "rounding": {"round": "nearest", "digits": 12},
            },
            Meter(
                "max",
                group_by=("zone", "kind"),
                initial=Decimal(0),
                rounding=Rounding("nearest", 12),
            ),
        ),
        (
            {"aggregation": "latest", "rounding": {"round": "down", "digits": -15}},
            Meter("latest", rounding=Rounding("down", -15)),
        ),
        ({"aggregation": "unique", "prorate": True}, Meter("unique", is_prorated=True)),
        ({"aggregation": "weighted_sum", "prorate": True}, Meter("weighted_sum", is_prorated=True)),
    ],
)
def test_a_meter_is_read_field_by_field(fields: dict[str, object], meter: Meter) -> None:
    assert parse_meter(Fields(fields)) == meter


TEXTS = "must be a list of texts"
KNOWN = "aggregation, property, filter, group_by, carry, initial, prorate, rounding, expression"


@pytest.mark.parametrize(
    ("more", "code", "field", "reason"),
    [
        (
            {"aggregation": "max", "prorate": True},
            *("contradiction", "prorate"),
            "can't split a max; it is for sum, unique, weighted_sum",
        ),
        (
            {"group_by": ["a"], "initial": "1"},
            *("contradiction", "initial"),
            "can't stand beside group_by: it would belong to no group",
        ),
        ({"group_by": ["a", "a"]}, "twice", "group_by", "names a property twice"),
        ({"group_by": []}, "empty", "group_by", "must hold at least one text"),
        ({"group_by": ["a", None]}, "bad_text", "group_by", TEXTS),
        (
            {"filter": ["a"]},
            *("not_an_object", "filter", "must be an object: a list for each property"),
        ),
        ({"filter": {"a": [{}]}}, "bad_text", "filter.a", TEXTS),
        ({"filter": {"a": []}}, "empty", "filter.a", "must hold at least one text"),
        (
            {"rounding": {"round": "away"}},
            *("bad_choice", "rounding.round", "must be one of up, down, nearest"),
        ),
        (
            {"rounding": {"round": "up", "digits": 13}},
            *("bad_count", "rounding.digits", "may be at most 12"),
        ),
        (
            {"rounding": {"round": "up", "digits": -16}},
            *("bad_count", "rounding.digits", "must be from -15 to 1000000000"),
        ),
        (
            {"rounding": {"round": "up", "digit": 1}},
            "unknown_field",
            "rounding.digit",
            "is not a field here; known: round, digits",
        ),
        ({"carry": "month"}, "bad_choice", "carry", "must be one of period, since_start"),
        (
            {"unit": "gb"},
            "unknown_field",
            "unit",
            f"is not a field here; known: {KNOWN}",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_do(
    more: dict[str, object], code: str, field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_meter(Fields({"aggregation": "sum", **more}, "meter"))
    assert (refused.value.code, refused.value.field) == (code, f"meter.{field}")
    assert refused.value.detail == f"meter.{field} {reason}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "is not a number"),
        (True, "is not a number"),
        ([], "is not a number"),
        ("many", "is not a finite number; write one such as 12.5"),
        ("0" * 65, "is not a finite number; write one such as 12.5"),
        ("1" + "0" * 15, "has more than 15 digits before or 30 after the point"),
        ("-1" + "0" * 15, "has more than 15 digits before or 30 after the point"),
        ("0." + "0" * 30 + "1", "has more than 15 digits before or 30 after the point"),
        (1234567890.123456, 'has too many digits for a bare number; write it in "quotes"'),
    ],
)
def test_what_is_no_number_is_said(value: object, said: str) -> None:
    assert number_of(value) == Problem("bad_value", said)
    assert plain_value(value) == value


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("0" * 63 + "7", Fraction(7)),
        ("9" * 15 + "." + "9" * 12, Fraction(10**27 - 1, 10**12)),
        ("-0.000000000001", Fraction(-1, 10**12)),
        (123456789.123456, Fraction("123456789.123456")),
        (Decimal("1E+3"), Fraction(1000)),
        (7, Fraction(7)),
    ],
)
def test_a_number_is_what_was_written(value: object, number: Fraction) -> None:
    assert number_of(value) == number
    assert plain_value(value) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (Decimal("1E+1"), "10"),
        (1.5, "1.5"),
        (3, "3"),
        (None, None),
        ({}, None),
    ],
)
def test_a_value_as_text(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_an_event_says_the_same_when_its_content_is_the_same() -> None:
    event = Event(NOON, "2", {"x": 1}, "a")
    assert event.says_the_same(Event(NOON, 2.0, {"x": 1}, "b", "bank"))
    assert not event.says_the_same(Event(MARCH.start_at, "2", {"x": 1}, "a"))
    assert not event.says_the_same(Event(NOON, "3", {"x": 1}, "a"))
    assert not event.says_the_same(Event(NOON, "2", {"x": 2}, "a"))


def test_the_value_is_the_events_own_or_that_of_a_property() -> None:
    event = Event(NOON, "2", {"gb": 3})
    assert value_of(event, None) == ("value", "2")
    assert value_of(event, "gb") == ("properties.gb", 3)
    assert value_of(event, "mb") == ("properties.mb", None)


@pytest.mark.parametrize(
    ("aggregation", "value", "problem"),
    [
        ("sum", None, Problem("missing", "value is missing")),
        (
            "max",
            "x",
            Problem("bad_value", "value is not a finite number; write one such as 12.5"),
        ),
        ("unique", None, Problem("missing", "value is missing; it says which id is counted")),
        ("unique", "", Problem("missing", "value is missing; it says which id is counted")),
        ("unique", [], Problem("bad_value", "value is no id; write a text or a number")),
    ],
)
def test_an_event_left_out_is_told_with_its_reason(
    aggregation: str, value: object, problem: Problem
) -> None:
    event = Event(NOON, value)
    (skipped,) = meter_events(Meter(aggregation), MARCH, [event]).skipped
    assert (skipped.index, skipped.event, skipped.problem) == (0, event, problem)


def test_an_id_with_other_content_is_a_conflict() -> None:
    events = [Event(NOON, "2", id="a"), Event(NOON, "3", id="a")]
    (skipped,) = meter_events(Meter("sum"), MARCH, events).skipped
    assert (skipped.index, skipped.problem) == (
        1,
        Problem("conflict", "has the id of an earlier event with other content"),
    )


def test_an_event_in_a_conflict_that_does_not_count_is_not_named() -> None:
    events = [Event(NOON, "2", id="a"), Event(MARCH.end_at, "3", id="a"), Event(NOON, "4", id="b")]
    found = meter_events(Meter("sum"), MARCH, events)
    assert found.quantity == 6
    assert not found.skipped


@pytest.mark.parametrize(
    ("end", "full_days", "detail", "code", "field"),
    [
        (MARCH.start_at, None, "must be after its start", "empty_period", "period.end"),
        (
            MARCH.end_at,
            30,
            "may not be less than the 31 days of the period itself",
            "contradiction",
            "period.full_days",
        ),
    ],
)
def test_a_period_that_is_none_is_refused(
    end: datetime, full_days: int | None, detail: str, code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Span(MARCH.start_at, end, full_days=full_days)
    assert (refused.value.detail, refused.value.code, refused.value.field) == (detail, code, field)


def test_the_whole_period_may_be_given_by_its_days() -> None:
    assert Span(MARCH.start_at, MARCH.end_at, full_days=31).regular_start_at() == MARCH.start_at
    last_ten = Span(datetime(2026, 3, 22, tzinfo=UTC), MARCH.end_at, full_days=31)
    assert last_ten.regular_start_at() == MARCH.start_at
    assert last_ten.share_of_days(5) == Fraction(5, 31)
    assert MARCH.share_of_days(5) == Fraction(5, 31)


def test_a_level_that_is_not_prorated_is_the_average_of_its_own_period() -> None:
    last_ten = Span(datetime(2026, 3, 22, tzinfo=UTC), MARCH.end_at, full_days=31)
    plain, prorated = (
        meter_events(
            Meter("weighted_sum", initial=Decimal(31), is_prorated=is_prorated), last_ten, []
        ).quantity
        for is_prorated in (False, True)
    )
    assert (plain, prorated) == (Fraction(31), Fraction(10))


def test_an_id_may_stand_in_a_property() -> None:
    events = [Event(NOON, None, {"user": name}) for name in ("a", "b", "a")]
    assert meter_events(Meter("unique", "user"), MARCH, events).quantity == Fraction(2)
