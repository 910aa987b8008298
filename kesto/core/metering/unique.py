"""Different ids: those there at the end, or each for the days that it was there."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from kesto.core.metering.event import Event, Problem, Reading, text_of, value_of
from kesto.core.metering.span import Span
from kesto.core.metering.spec import Measured, Meter

OPERATION, REMOVE = "operation", "remove"


def named(meter: Meter, event: Event) -> Reading | Problem:
    """Read the id that an event adds, or removes when its property `operation` says so."""
    name, value = value_of(event, meter.property_name)
    if value is None or value == "":
        return Problem("missing", f"{name} is missing; it says which id is counted")
    text = text_of(value)
    if text is None:
        return Problem("bad_value", f"{name} is no id; write a text or a number")
    is_removal = event.properties.get(OPERATION) == REMOVE
    return Reading(event.at, name=text, is_removal=is_removal)


def unique(meter: Meter, readings: Sequence[Reading], span: Span) -> Measured:
    """Count the ids present at the end; prorated, each by the days it was there for any part of.

    At one instant, adding comes before removing.
    """
    by_name: dict[str, list[Reading]] = {}
    for reading in sorted(readings, key=lambda reading: (reading.at, reading.is_removal)):
        by_name.setdefault(reading.name, []).append(reading)
    level = meter.carried_in + sum(not found[-1].is_removal for found in by_name.values())
    if not meter.is_prorated:
        return Measured(level, level)
    days = meter.carried_in * span.days + sum(
        _days_present(found, span) for found in by_name.values()
    )
    return Measured(days * span.share_of_days(1), level)


def _days_present(readings: Sequence[Reading], span: Span) -> Fraction:
    """Return how many days of the period an id was there, its day of removal included."""
    days: set[int] = set()
    since: datetime | None = None
    for reading in readings:
        if not reading.is_removal:
            since = since or reading.at
        elif since is not None:
            if reading.at >= span.start_at:
                days |= _days(since, reading.at, span)
            since = None
    if since is not None:
        days |= set(range(_day(since, span), span.last_on.toordinal() + 1))
    return Fraction(len(days))


def _days(since: datetime, until: datetime, span: Span) -> set[int]:
    return set(range(_day(since, span), _day(until, span) + 1))


def _day(at: datetime, span: Span) -> int:
    return span.day_of(at).toordinal()
