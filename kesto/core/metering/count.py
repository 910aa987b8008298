"""How many events there were."""

from collections.abc import Sequence
from fractions import Fraction

from kesto.core.metering.event import Event, Reading
from kesto.core.metering.span import Span
from kesto.core.metering.spec import Measured, Meter


def presence(_meter: Meter, event: Event) -> Reading:
    """Read an event that needs no value."""
    return Reading(event.at)


def count(meter: Meter, readings: Sequence[Reading], _span: Span) -> Measured:
    """Count each event once."""
    counted = meter.carried_in + Fraction(len(readings))
    return Measured(counted, counted)
