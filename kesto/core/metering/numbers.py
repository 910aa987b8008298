"""Events that carry a number."""

from fractions import Fraction

from kesto.core.metering.event import Event, Problem, Reading, number_of, value_of
from kesto.core.metering.expression import value_by
from kesto.core.metering.spec import Meter


def numeric(meter: Meter, event: Event) -> Reading | Problem:
    """Read the number of an event; it must be there and finite."""
    if meter.expression:
        found = value_by(meter.expression, event)
        return found if isinstance(found, Problem) else Reading(event.at, found)
    name, value = value_of(event, meter.property_name)
    if value is None:
        return Problem("missing", f"{name} is missing")
    number = number_of(value)
    if isinstance(number, Fraction):
        return Reading(event.at, number)
    return Problem(number.code, f"{name} {number.detail}")
