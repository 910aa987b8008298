"""Operation periods: where a subscription's billing periods begin and end."""

from datetime import date, timedelta
from typing import get_args

from kesto.calculate.given import MOST_ROWS, Answer, given_day, given_zone
from kesto.core.calendar import Alignment, Interval, Period, Schedule, Unit, midnight
from kesto.core.fields import Fields

UNITS: tuple[Unit, ...] = get_args(Unit)
ALIGNMENTS: tuple[Alignment, ...] = get_args(Alignment)
WAYS_TO_ASK = ("count", "from", "until", "at")
UTC_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def periods(fields: Fields) -> Answer:
    """List periods by count, by a range of days, or around a day."""
    zone = given_zone(fields)
    schedule = _schedule(fields, zone)
    last_on = given_day(fields, "last_day", zone) if fields.has("last_day") else None
    found = _asked(fields, schedule, zone)
    fields.close()
    from_on = given_day(fields, "from", zone) if fields.has("from") else schedule.start
    rows = [
        _row(index, cut, schedule.full_days(index), zone)
        for index, period in found
        if (cut := _cut(period, schedule.start, last_on)) is not None and cut.end > from_on
    ]
    return {"periods": rows}


def _schedule(fields: Fields, zone: str) -> Schedule:
    start = given_day(fields, "start", zone)
    unit = fields.choice("interval", UNITS)
    alignment = fields.choice("alignment", ALIGNMENTS, "anniversary")
    count = fields.count("interval_count", 1, least=1)
    billing_day, anchor = 0, None
    if alignment == "billing_day":
        billing_day = fields.count("billing_day")
    elif fields.has("billing_day"):
        fields.refuse("contradiction", "billing_day", "is for alignment billing_day only")
    if alignment == "anchor":
        anchor = given_day(fields, "anchor", zone)
    elif fields.has("anchor"):
        fields.refuse("contradiction", "anchor", "is for alignment anchor only")
    return Schedule(start, Interval(unit, count), alignment, billing_day, anchor)


def _asked(fields: Fields, schedule: Schedule, zone: str) -> list[tuple[int, Period]]:
    ways = [way for way in WAYS_TO_ASK if fields.has(way)]
    if ways not in (["count"], ["from", "until"], ["at"]):
        fields.refuse("missing", "count", "or from and until, or at must say which periods")
    if ways == ["count"]:
        first, last = 0, _count(fields, "count") - 1
    elif ways == ["at"]:
        index = schedule.index_at(given_day(fields, "at", zone))
        first = max(index - _count(fields, "before"), 0)
        last = index + _count(fields, "after")
    else:
        return _between(fields, schedule, zone)
    return [(index, schedule.period(index)) for index in range(first, last + 1)]


def _between(fields: Fields, schedule: Schedule, zone: str) -> list[tuple[int, Period]]:
    from_on, until_on = given_day(fields, "from", zone), given_day(fields, "until", zone)
    if schedule.index_at(until_on) - schedule.index_at(from_on) > MOST_ROWS:
        fields.refuse("too_many", "until", f"asks for more than {MOST_ROWS} periods")
    return schedule.periods_between(from_on, until_on)


def _count(fields: Fields, name: str) -> int:
    count = fields.count(name, 0)
    if count > MOST_ROWS:
        fields.refuse("too_many", name, f"may be at most {MOST_ROWS}")
    return count


def _cut(period: Period, start_on: date, last_on: date | None) -> Period | None:
    """Cut a period to end on the day after the last day; None when it starts later."""
    if last_on is None:
        return period
    return period.overlap(Period(start_on, last_on + timedelta(days=1)))


def _row(index: int, period: Period, full_days: int, zone: str) -> Answer:
    return {
        "index": index,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "days": period.days,
        "full_days": full_days,
        "start_at": midnight(period.start, zone).strftime(UTC_INSTANT),
        "end_at": midnight(period.end, zone).strftime(UTC_INSTANT),
    }
