"""Delivery days over leap days, short months, weeks and the change of clocks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.calendar import Interval, Unit
from kesto.core.catalog import DeliverySchedule
from kesto.core.rhythm import Rhythm

START = date(2027, 10, 1)  # a Friday


def rhythm(unit: Unit, count: int = 1, day: int = 0, start: date = START) -> Rhythm:
    return Rhythm(DeliverySchedule(Interval(unit, count), day), start, start)


def days(of: Rhythm, until: str, from_on: date = START) -> list[str]:
    return [f"{one:%m-%d}" for one in of.days(from_on, date.fromisoformat(until))]


@pytest.mark.parametrize(
    ("unit", "count", "day", "until", "found"),
    [
        ("week", 1, 0, "2027-10-16", ["10-01", "10-08", "10-15"]),
        ("week", 1, 4, "2027-10-22", ["10-07", "10-14", "10-21"]),
        ("week", 1, 5, "2027-10-09", ["10-01", "10-08"]),
        ("week", 2, 1, "2027-11-15", ["10-04", "10-18", "11-01"]),  # over the change of clocks
        ("day", 10, 0, "2027-10-31", ["10-01", "10-11", "10-21"]),
        ("month", 1, 31, "2028-04-30", ["10-31", "11-30", "12-31", "01-31", "02-29", "03-31"]),
        ("month", 2, 31, "2028-03-01", ["10-31", "12-31", "02-29"]),
        ("month", 1, 1, "2027-12-01", ["10-01", "11-01"]),
        ("month", 12, 29, "2029-11-01", ["10-29", "10-29", "10-29"]),
    ],
)
def test_days_are_counted_from_the_first(
    unit: Unit, count: int, day: int, until: str, found: list[str]
) -> None:
    assert days(rhythm(unit, count, day), until) == found


def test_a_month_that_begins_on_its_last_day_keeps_to_last_days() -> None:
    start = date(2028, 2, 29)
    assert days(rhythm("month", 1, 31, start), "2028-06-01", start) == [
        *("02-29", "03-31", "04-30", "05-31")
    ]


def test_nothing_comes_before_the_first_day() -> None:
    late = Rhythm(DeliverySchedule(Interval("week"), 4), START, date(2027, 10, 14))
    assert days(late, "2027-10-22") == ["10-14", "10-21"]
    assert days(late, "2027-10-14") == []
    assert late.last_change_on(date(2027, 10, 14)) == date(2027, 10, 12)


@given(
    st.sampled_from(["day", "week", "month"]),
    st.integers(1, 6),
    st.integers(0, 31),
    st.dates(date(2020, 1, 1), date(2032, 1, 1)),
    st.integers(0, 800),
    st.integers(0, 400),
)
def test_a_window_shows_what_a_wider_one_shows(
    unit: Unit, count: int, day: int, start: date, after: int, length: int
) -> None:
    day = {"day": 0, "week": day % 8, "month": day}[unit]
    own = rhythm(unit, count, day, start)
    low = start + timedelta(days=after)
    high = low + timedelta(days=length)
    wide = list(own.days(start - timedelta(days=9), high + timedelta(days=99)))
    assert list(own.days(low, high)) == [one for one in wide if low <= one < high]
    assert wide == sorted(set(wide))
    if unit == "week" and day:
        assert {one.isoweekday() for one in wide} <= {day}
