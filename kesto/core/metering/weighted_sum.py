"""A level that rises and falls, weighed by how long it stood: the average over the period."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from kesto.core.metering.event import Reading
from kesto.core.metering.span import Span
from kesto.core.metering.spec import Measured, Meter

SMALLEST = timedelta(microseconds=1)


def weighted_sum(meter: Meter, readings: Sequence[Reading], span: Span) -> Measured:
    """Weigh each change by the time left of the period; prorated, of the whole regular one.

    Time is what a clock measures: a day on which the clocks change has 23 or 25 hours.
    """
    level = sum((reading.number for reading in readings), meter.carried_in)
    weighed = meter.carried_in * _length(span.start_at, span.end_at) + sum(
        (
            reading.number * _length(max(reading.at, span.start_at), span.end_at)
            for reading in readings
        ),
        Fraction(0),
    )
    start_at = span.regular_start_at() if meter.is_prorated else span.start_at
    return Measured(weighed / _length(start_at, span.end_at), level)


def _length(start_at: datetime, end_at: datetime) -> int:
    """Return the microseconds between two instants."""
    return (end_at - start_at) // SMALLEST
