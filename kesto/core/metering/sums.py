"""The sum of all values."""

from collections.abc import Sequence
from fractions import Fraction

from kesto.core.metering.event import Reading
from kesto.core.metering.span import Span
from kesto.core.metering.spec import Measured, Meter


def sums(meter: Meter, readings: Sequence[Reading], span: Span) -> Measured:
    """Add the values; prorated, each weighs the days left of the period, its own included."""
    level = sum((reading.number for reading in readings), meter.carried_in)
    if not meter.is_prorated:
        return Measured(level, level)
    by_days = meter.carried_in * span.days + sum(
        (reading.number * span.days_left(span.day_of(reading.at)) for reading in readings),
        Fraction(0),
    )
    return Measured(by_days * span.share_of_days(1), level)
