"""Operation deliveries: on which days something is delivered, and until when each can change."""

from datetime import date
from typing import get_args

from kesto.calculate.given import MOST_ROWS, Answer, given_day, given_zone
from kesto.core.calendar import Interval, Unit
from kesto.core.catalog import DeliverySchedule
from kesto.core.delivery_checks import delivery_problems
from kesto.core.fields import Fields
from kesto.core.life import DAY
from kesto.core.refusals import Invalid
from kesto.core.rhythm import Rhythm

UNITS: tuple[Unit, ...] = get_args(Unit)


def deliveries(fields: Fields) -> Answer:
    """List the delivery days in `[from, until)` of who begins on `start`."""
    zone = given_zone(fields)
    start = given_day(fields, "start", zone)
    schedule = _schedule(fields, zone)
    from_on = given_day(fields, "from", zone) if fields.has("from") else start
    until_on = given_day(fields, "until", zone)
    if (until_on - from_on).days > MOST_ROWS:
        fields.refuse("too_many", "until", f"is more than {MOST_ROWS} days after from")
    fields.close()
    counted_from = schedule.counted_from or start
    first_on = max(counted_from, date.fromordinal(start.toordinal() + schedule.cut_off_days))
    rhythm = Rhythm(schedule, counted_from, first_on)
    rows = [
        {"on": day.isoformat(), "last_change_on": rhythm.last_change_on(day).isoformat()}
        for day in rhythm.days(max(from_on, start), max(until_on, start + DAY))
        if day < until_on
    ]
    return {"deliveries": rows}


def _schedule(fields: Fields, zone: str) -> DeliverySchedule:
    unit = fields.choice("interval", UNITS)
    schedule = DeliverySchedule(
        interval=Interval(unit, fields.count("interval_count", 1, least=1)),
        day=fields.count("day", 0),
        counted_from=given_day(fields, "counted_from", zone)
        if fields.has("counted_from")
        else None,
        cut_off_days=fields.count("cut_off_days", DeliverySchedule(Interval("week")).cut_off_days),
    )
    problem = next(delivery_problems(schedule, ()), None)
    if problem is not None:
        field = problem.field.removeprefix("delivery.")
        raise Invalid(problem.detail, code=problem.code, field=field)
    return schedule
