from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.calendar import (
    Alignment,
    Interval,
    Period,
    Schedule,
    Unit,
    known_zone,
    local_date,
    midnight,
)
from kesto.core.refusals import Invalid
from tests.refused import refused

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
leap_days = st.sampled_from([date(2024, 2, 29), date(2096, 2, 29), date(2023, 2, 28)])
counts = st.integers(1, 30)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    start = draw(days | leap_days)
    alignment: Alignment = draw(
        st.sampled_from(["anniversary", "calendar", "billing_day", "anchor"])
    )
    units: list[Unit] = ["month", "year"] if alignment == "billing_day" else ["day", "week"]
    unit: Unit = draw(st.sampled_from([*units, "month", "year"]))
    return Schedule(
        start,
        Interval(unit, draw(counts)),
        alignment,
        draw(st.integers(1, 31)) if alignment == "billing_day" else 0,
        draw(days | leap_days) if alignment == "anchor" else None,
    )


def day(text: str) -> date:
    return date.fromisoformat(text)


def boundaries(schedule: Schedule, count: int = 5) -> list[str]:
    return [schedule.boundary(n).isoformat() for n in range(count)]


@pytest.mark.parametrize(
    ("start", "interval", "expected"),
    [
        ("2027-01-31", Interval("month"), ["2027-01-31", "2027-02-28", "2027-03-31"]),
        ("2027-02-28", Interval("month"), ["2027-02-28", "2027-03-28", "2027-04-28"]),
        ("2024-01-30", Interval("month"), ["2024-01-30", "2024-02-29", "2024-03-30"]),
        (
            "2024-02-29",
            Interval("year"),
            ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        ("2024-02-29", Interval("month", 2), ["2024-02-29", "2024-04-29", "2024-06-29"]),
        ("2026-08-31", Interval("month", 6), ["2026-08-31", "2027-02-28", "2027-08-31"]),
        ("2026-12-30", Interval("week", 2), ["2026-12-30", "2027-01-13", "2027-01-27"]),
        ("2016-04-08", Interval("day", 30), ["2016-04-08", "2016-05-08", "2016-06-07"]),
    ],
)
def test_an_anniversary_is_clamped_in_short_months_and_restored(
    start: str, interval: Interval, expected: list[str]
) -> None:
    assert boundaries(Schedule(day(start), interval), len(expected)) == expected


@pytest.mark.parametrize(
    ("start", "interval", "first_end", "full_days"),
    [
        ("2026-05-20", Interval("month"), "2026-06-01", 31),
        ("2026-06-01", Interval("month"), "2026-07-01", 30),
        ("2026-05-20", Interval("month", 3), "2026-07-01", 91),
        ("2026-05-20", Interval("month", 6), "2026-07-01", 181),
        ("2026-05-20", Interval("month", 5), "2026-10-01", 153),
        ("2026-05-20", Interval("year"), "2027-01-01", 365),
        ("2026-05-20", Interval("year", 2), "2028-01-01", 730),
        ("2026-11-25", Interval("week"), "2026-11-30", 7),
        ("2026-11-25", Interval("week", 2), "2026-12-07", 14),
        ("2026-11-25", Interval("day", 10), "2026-12-05", 10),
    ],
)
def test_calendar_alignment(start: str, interval: Interval, first_end: str, full_days: int) -> None:
    schedule = Schedule(day(start), interval, "calendar")
    assert schedule.period(0) == Period(day(start), day(first_end))
    assert schedule.full_days(0) == full_days


@pytest.mark.parametrize(
    ("start", "billing_day", "interval", "first_end", "full_days"),
    [
        ("2026-09-15", 31, Interval("month"), "2026-09-30", 30),
        ("2026-06-30", 31, Interval("month"), "2026-07-31", 31),
        ("2026-05-20", 5, Interval("month", 3), "2026-08-05", 92),
        ("2026-05-03", 20, Interval("month", 3), "2026-05-20", 89),
        ("2026-02-28", 31, Interval("month"), "2026-03-31", 31),
        ("2026-02-19", 31, Interval("month"), "2026-02-28", 28),
        ("2021-01-01", 10, Interval("year"), "2021-01-10", 366),
        ("2026-05-05", 5, Interval("month"), "2026-06-05", 31),
    ],
)
def test_a_billing_day_keeps_the_phase_of_the_start(
    start: str, billing_day: int, interval: Interval, first_end: str, full_days: int
) -> None:
    schedule = Schedule(day(start), interval, "billing_day", billing_day)
    assert schedule.period(0) == Period(day(start), day(first_end))
    assert schedule.full_days(0) == full_days


@pytest.mark.parametrize(
    ("anchor", "first_end"),
    [("2026-05-25", "2026-05-25"), ("2024-01-31", "2026-05-31"), ("2030-03-01", "2026-06-01")],
)
def test_an_anchor_may_lie_before_or_after_the_start(anchor: str, first_end: str) -> None:
    schedule = Schedule(day("2026-05-20"), Interval("month"), "anchor", anchor=day(anchor))
    assert schedule.boundary(1) == day(first_end)


@given(schedules())
def test_periods_tile(schedule: Schedule) -> None:
    assert schedule.boundary(0) == schedule.start
    for n in range(30):
        period = schedule.period(n)
        assert period.start < period.end
        assert period.end == schedule.period(n + 1).start
        if n:
            assert period.days == schedule.full_days(n)
    assert 0 < schedule.period(0).days <= schedule.full_days(0)


@given(schedules(), st.integers(0, 20_000))
def test_each_day_belongs_to_the_one_period_that_holds_it(schedule: Schedule, later: int) -> None:
    on = schedule.start + timedelta(days=later)
    index = schedule.index_at(on)
    period = schedule.period(index)
    assert period.start <= on < period.end
    assert schedule.index_at(period.start) == index
    assert schedule.index_at(period.end) == index + 1


@given(schedules(), st.integers(-400, 3000), st.integers(0, 200))
def test_periods_between_are_those_that_share_a_day(
    schedule: Schedule, later: int, length: int
) -> None:
    asked = Period(
        schedule.start + timedelta(days=later), schedule.start + timedelta(days=later + length)
    )
    found = schedule.periods_between(asked.start, asked.end)
    last = schedule.index_at(asked.end)
    assert found == [
        (n, schedule.period(n))
        for n in range(last + 1)
        if schedule.period(n).overlap(asked) is not None
    ]


def test_before_the_start_is_the_first_period() -> None:
    schedule = Schedule(day("2026-05-20"), Interval("month"))
    assert schedule.index_at(day("2020-01-01")) == 0
    assert schedule.periods_between(day("2020-01-01"), day("2026-05-20")) == []
    assert schedule.periods_between(day("2026-06-20"), day("2026-06-20")) == []


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Interval("month", 0), "interval_count"),
        (lambda: Interval("day", 1001), "interval_count"),
        (lambda: Schedule(date(2026, 1, 1), Interval("month"), "billing_day"), "billing_day"),
        (lambda: Schedule(date(2026, 1, 1), Interval("month"), "billing_day", 32), "billing_day"),
        (lambda: Schedule(date(2026, 1, 1), Interval("week"), "billing_day", 5), "alignment"),
        (lambda: Schedule(date(2026, 1, 1), Interval("month"), "anchor"), "anchor"),
        (lambda: Schedule(date(9999, 12, 1), Interval("month")).period(0), ""),
        (lambda: Schedule(date(9999, 12, 30), Interval("day", 9)).period(0), ""),
        (lambda: Schedule(date(1, 1, 1), Interval("month", 7), "calendar").full_days(-2), ""),
        (lambda: midnight(date(2026, 1, 1), "Europe/Helsingfors"), "zone"),
        (lambda: midnight(date(2026, 1, 1), ""), "zone"),
        (lambda: midnight(date(2026, 1, 1), "../etc/passwd"), "zone"),
        (lambda: midnight(date(1, 1, 1), "Asia/Tokyo"), ""),
    ],
)
def test_what_makes_no_period_is_refused(make: object, field: str) -> None:
    assert callable(make)
    with pytest.raises(Invalid) as refused:
        make()
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("on", "zone", "instant"),
    [
        ("2026-03-29", "Europe/Helsinki", "2026-03-28T22:00"),
        ("2026-03-30", "Europe/Helsinki", "2026-03-29T21:00"),
        ("2026-10-26", "Europe/Helsinki", "2026-10-25T22:00"),
        # Where the clock is put forward at midnight the day begins at one.
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00"),
    ],
)
def test_a_day_begins_at_its_local_midnight(on: str, zone: str, instant: str) -> None:
    assert midnight(day(on), zone) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_the_billing_day_is_the_local_day() -> None:
    instant = datetime(2012, 7, 16, 21, 17, 3, tzinfo=UTC)
    assert local_date(instant, "Pacific/Honolulu").day == 16
    assert local_date(instant, "Etc/GMT-3").day == 17


def test_days_of_23_and_25_hours_are_one_day_each() -> None:
    assert Period(day("2026-03-28"), day("2026-03-31")).days == 3


@given(days, st.sampled_from(["Europe/Helsinki", "America/New_York", "Asia/Kathmandu", "UTC"]))
def test_midnight_is_on_its_own_day_and_the_instant_before_is_not(on: date, zone: str) -> None:
    assert local_date(midnight(on, zone), zone) == on
    assert local_date(midnight(on, zone) - timedelta(seconds=1), zone) < on


def test_what_lies_beyond_all_calendars_is_refused() -> None:
    beyond = ("out_of_range", "", "periods are counted in the years 1 to 9999 only")
    months = Schedule(day("9999-11-30"), Interval("month"))
    days = Schedule(day("9999-12-30"), Interval("day"))
    assert months.boundary(1) == day("9999-12-30")
    assert refused(Invalid, lambda: months.boundary(2)) == beyond
    assert refused(Invalid, lambda: days.boundary(2)) == beyond
    assert refused(Invalid, lambda: midnight(date.min, "Asia/Tokyo")) == beyond
    late = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert refused(Invalid, lambda: local_date(late, "Asia/Tokyo")) == beyond


def test_what_makes_no_schedule_says_what_would() -> None:
    start, month = day("2027-01-01"), Interval("month")
    billing_day = "a billing day is a day of the month from 1 to 31"
    for number in (0, 32):
        assert refused(Invalid, partial(Schedule, start, month, "billing_day", number)) == (
            *("bad_billing_day", "billing_day", billing_day),
        )
    for number in (1, 31):
        assert Schedule(start, month, "billing_day", number)
    assert refused(Invalid, lambda: Schedule(start, Interval("week"), "billing_day", 1)) == (
        "bad_alignment",
        "alignment",
        "a billing day is for months and years; days and weeks run from the start or an anchor",
    )
    assert refused(Invalid, lambda: Schedule(start, month, "anchor")) == (
        "missing",
        "anchor",
        "give the anchor date to align to",
    )
    for count in (0, 1001):
        assert refused(Invalid, partial(Interval, "day", count)) == (
            "bad_interval",
            "interval_count",
            f"an interval counts from 1 to 1000 units, not {count}",
        )
    assert Interval("day", 1000).count == 1000


@pytest.mark.parametrize("zone", ["Europe/Turku", "", "../etc", "\0"])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    assert refused(Invalid, lambda: known_zone(zone)) == (
        "unknown_zone",
        "zone",
        f"{zone!r} is not a time zone; write its IANA name, such as Europe/Helsinki",
    )


def test_the_days_that_two_periods_share() -> None:
    first = Period(day("2027-01-10"), day("2027-02-10"))
    for start, end, shared in (
        ("2027-01-01", "2027-01-20", ("2027-01-10", "2027-01-20")),
        ("2027-01-31", "2027-03-01", ("2027-01-31", "2027-02-10")),
        ("2027-01-15", "2027-01-16", ("2027-01-15", "2027-01-16")),
    ):
        other = Period(day(start), day(end))
        assert first.overlap(other) == other.overlap(first) == Period(*map(day, shared))
    for start, end in (("2027-01-01", "2027-01-10"), ("2027-02-10", "2027-03-01")):
        assert first.overlap(Period(day(start), day(end))) is None


def test_a_midnight_is_told_in_utc() -> None:
    found = midnight(day("2027-07-01"), "Europe/Helsinki")
    assert found == datetime(2027, 6, 30, 21, tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("interval", "wanted"),
    [
        (Interval("year"), ["2027-05-13", "2028-01-01", "2029-01-01"]),
        (Interval("year", 2), ["2027-05-13", "2029-01-01", "2031-01-01"]),
        (Interval("month"), ["2027-05-13", "2027-06-01", "2027-07-01"]),
        (Interval("month", 3), ["2027-05-13", "2027-07-01", "2027-10-01"]),
        (Interval("month", 5), ["2027-05-13", "2027-10-01", "2028-03-01"]),
        (Interval("week"), ["2027-05-13", "2027-05-17", "2027-05-24"]),
        (Interval("week", 2), ["2027-05-13", "2027-05-24", "2027-06-07"]),
        (Interval("day", 10), ["2027-05-13", "2027-05-23", "2027-06-02"]),
    ],
)
def test_the_calendar_cuts_where_people_expect_it(interval: Interval, wanted: list[str]) -> None:
    schedule = Schedule(day("2027-05-13"), interval, "calendar")
    assert [str(schedule.boundary(n)) for n in range(3)] == wanted
    assert [schedule.index_at(day(text)) for text in wanted] == [0, 1, 2]
    assert schedule.period(1) == Period(day(wanted[1]), day(wanted[2]))


def test_periods_between_two_days_share_a_day_with_them() -> None:
    schedule = Schedule(day("2027-01-31"), Interval("month"))
    first = (0, Period(day("2027-01-31"), day("2027-02-28")))
    second = (1, Period(day("2027-02-28"), day("2027-03-31")))
    third = (2, Period(day("2027-03-31"), day("2027-04-30")))

    def between(start: str, end: str) -> list[tuple[int, Period]]:
        return schedule.periods_between(day(start), day(end))

    assert between("2026-01-01", "2027-04-01") == [first, second, third]
    assert between("2027-01-31", "2027-02-01") == [first]
    assert between("2027-02-27", "2027-02-28") == [first]
    assert between("2027-02-27", "2027-03-01") == [first, second]
    assert between("2027-02-28", "2027-03-31") == [second]
    assert between("2027-03-01", "2027-04-01") == [second, third]
    assert between("2027-01-01", "2027-01-31") == []
    assert between("2027-03-01", "2027-03-01") == []


def test_a_part_of_a_period_lies_in_a_whole_one() -> None:
    schedule = Schedule(day("2027-02-10"), Interval("month"), "calendar")
    assert [schedule.full_days(n) for n in range(3)] == [28, 31, 30]
    assert Schedule(day("2027-02-10"), Interval("day", 10)).full_days(5) == 10
