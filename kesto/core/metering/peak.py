"""The highest value."""

from collections.abc import Sequence
from fractions import Fraction

from kesto.core.metering.event import Reading
from kesto.core.metering.span import Span
from kesto.core.metering.spec import Measured, Meter


def peak(meter: Meter, readings: Sequence[Reading], _span: Span) -> Measured:
    """Return the highest value, a level that was carried in among them; nothing is zero."""
    numbers = [reading.number for reading in readings]
    if meter.initial is not None:
        numbers.append(meter.carried_in)
    highest = max(numbers, default=Fraction(0))
    return Measured(highest, highest)
