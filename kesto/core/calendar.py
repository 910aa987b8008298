"""Billing periods: half-open local dates, counted from an anchor and never from each other."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time
from fractions import Fraction
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from kesto.core.refusals import Invalid
from kesto.core.remembered import MOST

Unit = Literal["day", "week", "month", "year"]
Alignment = Literal["anniversary", "calendar", "billing_day", "anchor"]

MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}
MONTHS_IN_YEAR = 12
DAYS_OF_EVERY_MONTH = 28
LAST_BILLING_DAY = 31
LONGEST_INTERVAL = 1000
MONTHS_OF: Mapping[str, Fraction] = {
    "day": Fraction(12, 365),
    "week": Fraction(7 * 12, 365),
    "month": Fraction(1),
    "year": Fraction(12),
}
"""How many months a unit is on average, to compare prices of different intervals."""


class Interval(Struct, frozen=True, gc=False, cache_hash=True):
    """How long a regular period is: a count of days, weeks, months or years."""

    unit: Unit
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= LONGEST_INTERVAL:
            raise Invalid(
                f"an interval counts from 1 to {LONGEST_INTERVAL} units, not {self.count}",
                code="bad_interval",
                field="interval_count",
            )

    @property
    def months(self) -> Fraction:
        """Return how many months it is on average."""
        return MONTHS_OF[self.unit] * self.count


class Period(Struct, frozen=True, gc=False):
    """The days from `start` up to, but not including, `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Return how many calendar days it has; days of 23 or 25 hours are one day each."""
        return self.end.toordinal() - self.start.toordinal()

    def overlap(self, other: "Period") -> "Period | None":
        """Return the days both have, or None when they share no day."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None


class Schedule(Struct, frozen=True, gc=False):
    """The periods of a subscription from its start on, numbered from 0.

    Regular boundaries lie on a grid given by the alignment; the first period runs from the start
    to the first grid boundary after it. `billing_day` is for that alignment, `anchor` for its own.
    """

    start: date
    interval: Interval
    alignment: Alignment = "anniversary"
    billing_day: int = 0
    anchor: date | None = None

    def __post_init__(self) -> None:
        if self.alignment == "billing_day":
            _check_billing_day(self)
        if self.alignment == "anchor" and self.anchor is None:
            raise Invalid("give the anchor date to align to", code="missing", field="anchor")

    def boundary(self, n: int) -> date:
        """Return where period n starts, which is where period n - 1 ends."""
        if n == 0:
            return self.start
        grid = _grid(self)
        return grid.line(grid.passed(self.start) + n)

    def period(self, n: int) -> Period:
        """Return period n."""
        return Period(self.boundary(n), self.boundary(n + 1))

    def full_days(self, n: int) -> int:
        """Return the days of the whole regular period that period n lies in and ends with."""
        grid = _grid(self)
        last = grid.passed(self.start) + n + 1
        return grid.line(last).toordinal() - grid.line(last - 1).toordinal()

    def index_at(self, day: date) -> int:
        """Return the number of the period that holds a day; before the start it is the first."""
        if day <= self.start:
            return 0
        grid = _grid(self)
        return grid.passed(day) - grid.passed(self.start)

    def periods_between(self, from_on: date, until_on: date) -> list[tuple[int, Period]]:
        """Return the numbered periods that share a day with `[from_on, until_on)`."""
        if from_on >= until_on or until_on <= self.start:
            return []
        grid = _grid(self)
        passed = grid.passed(self.start)
        n = max(grid.passed(max(from_on, self.start)) - passed, 0)
        start = self.start if n == 0 else grid.line(passed + n)
        found = []
        while start < until_on:
            end = grid.line(passed + n + 1)
            found.append((n, Period(start, end)))
            n, start = n + 1, end
        return found


class _Grid(Struct, frozen=True, gc=False):
    """Regular boundaries without beginning or end: line k is the origin plus k intervals.

    `months` 0 means that `origin` and `step` count days, else months since the year 0.
    """

    origin: int
    step: int
    day: int = 0

    def line(self, k: int) -> date:
        """Return line k; in a short month the day is clamped, in the next one restored."""
        place = self.origin + k * self.step
        if not self.day:
            return _date_of_ordinal(place)
        year, month = divmod(place, MONTHS_IN_YEAR)
        return _date_clamped(year, month + 1, self.day)

    def passed(self, day: date) -> int:
        """Return the number of the last line on or before a day."""
        if not self.day:
            return (day.toordinal() - self.origin) // self.step
        k = (_month_index(day) - self.origin) // self.step
        return k if self.line(k) <= day else k - 1


@lru_cache(maxsize=MOST)
def midnight(day: date, zone: str) -> datetime:
    """Return the instant at which a local day begins, in UTC."""
    local = datetime.combine(day, time(), known_zone(zone))
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise _out_of_range() from error


def local_date(instant: datetime, zone: str) -> date:
    """Return the day that a clock in the zone shows at an instant."""
    rules = known_zone(zone)
    try:
        return instant.astimezone(rules).date()
    except OverflowError as error:
        raise _out_of_range() from error


def known_zone(zone: str) -> ZoneInfo:
    """Return the rules of a time zone of the IANA database."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            f"{zone!r} is not a time zone; write its IANA name, such as Europe/Helsinki",
            code="unknown_zone",
            field="zone",
        ) from error


def _grid(schedule: Schedule) -> _Grid:
    return _GRIDS[schedule.alignment](schedule)


def _from_start(schedule: Schedule) -> _Grid:
    return _from(schedule.start, schedule.interval)


def _from_anchor(schedule: Schedule) -> _Grid:
    return _from(schedule.anchor or schedule.start, schedule.interval)


def _from_billing_day(schedule: Schedule) -> _Grid:
    step = MONTHS[schedule.interval.unit] * schedule.interval.count
    return _Grid(_month_index(schedule.start), step, schedule.billing_day)


def _from_calendar(schedule: Schedule) -> _Grid:
    """Align to 1 January, the 1st of a month or a Monday.

    A count of months that does not divide the year counts from the start's month, several years
    or weeks from the start's own; days have no calendar and count from the start.
    """
    start, interval = schedule.start, schedule.interval
    match interval.unit:
        case "year":
            return _from(date(start.year, 1, 1), interval)
        case "month" if MONTHS_IN_YEAR % interval.count == 0:
            return _from(date(start.year, 1, 1), interval)
        case "month":
            return _from(start.replace(day=1), interval)
        case "week":
            return _from(date.fromordinal(start.toordinal() - start.weekday()), interval)
        case _:
            return _from(start, interval)


_GRIDS: dict[str, Callable[[Schedule], _Grid]] = {
    "anniversary": _from_start,
    "anchor": _from_anchor,
    "billing_day": _from_billing_day,
    "calendar": _from_calendar,
}


def _from(origin: date, interval: Interval) -> _Grid:
    months = MONTHS.get(interval.unit)
    if months is None:
        return _Grid(origin.toordinal(), DAYS[interval.unit] * interval.count)
    return _Grid(_month_index(origin), months * interval.count, origin.day)


def _month_index(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month - 1


@lru_cache(maxsize=MOST)
def _date_clamped(year: int, month: int, day: int) -> date:
    if not MINYEAR <= year <= MAXYEAR:
        raise _out_of_range()
    if day > DAYS_OF_EVERY_MONTH:
        day = min(day, monthrange(year, month)[1])
    return date(year, month, day)


def _date_of_ordinal(ordinal: int) -> date:
    try:
        return date.fromordinal(ordinal)
    except (ValueError, OverflowError) as error:
        raise _out_of_range() from error


def _out_of_range() -> Invalid:
    return Invalid(
        f"periods are counted in the years {MINYEAR} to {MAXYEAR} only", code="out_of_range"
    )


def _check_billing_day(schedule: Schedule) -> None:
    if not 1 <= schedule.billing_day <= LAST_BILLING_DAY:
        raise Invalid(
            f"a billing day is a day of the month from 1 to {LAST_BILLING_DAY}",
            code="bad_billing_day",
            field="billing_day",
        )
    if schedule.interval.unit not in MONTHS:
        raise Invalid(
            "a billing day is for months and years; days and weeks run from the start or an anchor",
            code="bad_alignment",
            field="alignment",
        )
