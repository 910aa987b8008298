"""What is weighed by days or by time: sums, unique ids and levels."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.calendar import midnight
from kesto.core.fields import Fields
from kesto.core.metering import Event, Metered, Span, meter_events, parse_meter
from kesto.core.refusals import Invalid

HELSINKI = "Europe/Helsinki"


def span(start: str, end: str, zone: str = "UTC", full_days: int | None = None) -> Span:
    days = (date.fromisoformat(start), date.fromisoformat(end))
    return Span(midnight(days[0], zone), midnight(days[1], zone), zone, full_days)


MARCH = span("2026-03-01", "2026-04-01", HELSINKI)
FEBRUARY_2024 = span("2024-02-01", "2024-03-01")


def at(instant: str, value: object = "1", operation: str = "add") -> Event:
    return Event(datetime.fromisoformat(instant), value, {"operation": operation})


def prorated(
    aggregation: str, *events: Event, period: Span = MARCH, carry: str = "period", **more: object
) -> Metered:
    meter = {"aggregation": aggregation, "prorate": True, "carry": carry, **more}
    return meter_events(parse_meter(Fields(meter)), period, events)


def figures(found: Metered) -> tuple[object, object]:
    return found.quantity, found.level


@pytest.mark.parametrize(
    ("instant", "days"),
    [
        ("2026-02-28T22:00:00Z", 31),
        ("2026-03-01T21:59:59Z", 31),
        ("2026-03-01T22:00:00Z", 30),
        ("2026-03-28T22:00:00Z", 3),
        ("2026-03-29T20:59:59Z", 3),
        ("2026-03-29T21:00:00Z", 2),
        ("2026-03-31T20:59:59Z", 1),
        ("2026-03-31T21:00:00Z", 0),
    ],
)
def test_a_sum_weighs_the_local_days_left(instant: str, days: int) -> None:
    found = prorated("sum", at(instant, "31"))
    assert found.quantity == days
    assert found.level == (31 if days else 0)


def test_a_leap_day_is_a_day() -> None:
    found = prorated("sum", at("2024-02-29T10:00:00Z", "29"), period=FEBRUARY_2024)
    assert found.quantity == 1
    assert prorated("unique", at("2024-02-28T10:00:00Z"), period=FEBRUARY_2024).quantity == (
        Fraction(2, 29)
    )


def test_a_short_period_is_a_share_of_the_whole_regular_one() -> None:
    half = span("2026-03-17", "2026-04-01", full_days=30)
    assert prorated("sum", at("2026-03-17T00:00:00Z", "30"), period=half).quantity == 15
    assert prorated("unique", at("2026-03-31T23:00:00Z"), period=half).quantity == Fraction(1, 30)
    assert prorated("weighted_sum", period=half, initial="30").quantity == 15
    assert prorated("sum", period=half, initial="30").quantity == 15
    assert prorated("unique", period=half, initial="30").quantity == 15


def test_what_came_before_counts_as_at_the_start() -> None:
    before = at("2025-01-01T00:00:00Z", "31")
    for aggregation in ("sum", "weighted_sum"):
        found = prorated(aggregation, before, carry="since_start")
        assert figures(found) == (31, 31)
    assert prorated("unique", before, carry="since_start").quantity == 1


def test_units_given_back_are_paid_for_up_to_the_day_before() -> None:
    found = prorated("sum", at("2026-03-01T00:00:00Z", "31"), at("2026-03-11T00:00:00Z", "-31"))
    assert figures(found) == (10, 0)
    assert prorated("sum", at("2026-03-11T00:00:00Z", "-31")).quantity == 0


ADD, REMOVE = "add", "remove"


@pytest.mark.parametrize(
    ("steps", "days", "present"),
    [
        ([("01T10", ADD)], 31, 1),
        ([("31T10", ADD)], 1, 1),
        ([("10T10", ADD), ("10T11", REMOVE)], 1, 0),
        ([("10T10", ADD), ("10T11", REMOVE), ("10T12", ADD), ("10T13", REMOVE)], 1, 0),
        ([("10T10", ADD), ("11T11", REMOVE), ("11T12", ADD), ("12T13", REMOVE)], 3, 0),
        ([("10T10", ADD), ("11T11", REMOVE), ("30T12", ADD)], 4, 1),
        ([("10T10", ADD), ("20T10", ADD), ("21T10", REMOVE)], 12, 0),
        ([("10T10", REMOVE)], 0, 0),
        ([("10T10", REMOVE), ("31T10", ADD)], 1, 1),
        ([("10T10", ADD), ("12T10", REMOVE), ("14T10", REMOVE)], 3, 0),
        ([("10T10", REMOVE), ("10T10", ADD)], 1, 0),
        ([("28T23", ADD), ("29T22", REMOVE)], 2, 0),
    ],
)
def test_an_id_counts_each_day_it_was_there_for_any_part_of(
    steps: list[tuple[str, str]], days: int, present: int
) -> None:
    events = [at(f"2026-03-{when}:00:00+00:00", "a", operation) for when, operation in steps]
    found = prorated("unique", *events)
    assert found.quantity == Fraction(days, 31)
    assert found.level == present
    assert prorated("unique", *events[::-1]) == found


def test_an_id_removed_before_the_period_is_not_there() -> None:
    gone = (at("2026-01-01T00:00:00Z", "a"), at("2026-02-01T00:00:00Z", "a", REMOVE))
    assert prorated("unique", *gone, carry="since_start").quantity == 0
    later = at("2026-03-01T10:00:00Z", "b", REMOVE)
    there = at("2026-01-01T00:00:00Z", "b")
    found = prorated("unique", *gone, there, later, carry="since_start")
    assert figures(found) == (Fraction(1, 31), 0)
    assert prorated("unique", there, later).quantity == 0


def test_a_level_weighs_the_time_it_stood() -> None:
    april = span("2026-04-01", "2026-05-01")
    events = (
        at("2026-04-01T00:00:00Z", "10"),
        at("2026-04-16T00:00:00Z", "-4"),
        at("2026-04-30T12:00:00Z", "60"),
    )
    found = prorated("weighted_sum", *events, period=april)
    assert figures(found) == (8 + 1, 66)
    below = prorated("weighted_sum", at("2026-04-16T00:00:00Z", "-4"), period=april)
    assert figures(below) == (0, -4)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("2026-03-29", "2026-03-30", 23), ("2026-10-25", "2026-10-26", 25)],
)
def test_when_the_clocks_change_a_level_stands_for_the_hours_there_are(
    start: str, end: str, hours: int
) -> None:
    day = span(start, end, HELSINKI)
    event = Event(day.end_at - timedelta(hours=1), str(hours))
    assert prorated("weighted_sum", event, period=day).quantity == 1
    assert day.days == 1
    assert prorated("sum", event, period=day).quantity == hours


@pytest.mark.parametrize(
    ("start", "end", "full_days", "field"),
    [
        ("2026-03-01", "2026-03-01", None, "period.end"),
        ("2026-03-02", "2026-03-01", None, "period.end"),
        ("2026-03-01", "2026-04-01", 30, "period.full_days"),
    ],
)
def test_a_period_that_is_none_is_refused(
    start: str, end: str, full_days: int | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        span(start, end, full_days=full_days)
    assert refused.value.field == field


def test_a_period_of_hours_has_the_days_it_touches() -> None:
    hours = Span(datetime(2026, 3, 1, 20, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC))
    assert (hours.days, hours.days_left(hours.last_on)) == (2, 1)


MOMENTS = st.integers(0, 31 * 86_400 - 3601).map(lambda s: MARCH.start_at + timedelta(seconds=s))
STEPS = st.lists(
    st.builds(
        lambda moment, name, operation: Event(moment, name, {"operation": operation}),
        MOMENTS,
        st.sampled_from("abc"),
        st.sampled_from([ADD, REMOVE]),
    ),
    max_size=10,
)


@given(STEPS)
def test_an_id_never_counts_for_more_than_the_period(events: list[Event]) -> None:
    names = {event.value for event in events}
    found = prorated("unique", *events)
    assert found.level / 31 <= found.quantity <= len(names)


@given(st.lists(st.tuples(MOMENTS, st.integers(-50, 50)), max_size=10), st.integers(-50, 50))
def test_an_average_lies_between_the_lowest_and_the_highest_level(
    steps: list[tuple[datetime, int]], initial: int
) -> None:
    levels, level = [initial], initial
    for _, step in sorted(steps):
        level += step
        levels.append(level)
    events = [Event(moment, step) for moment, step in steps]
    found = prorated("weighted_sum", *events, initial=str(initial))
    assert found.level == level
    assert max(min(levels), 0) <= found.quantity <= max(*levels, 0, 0)
