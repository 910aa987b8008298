"""Metering: from events to the quantity that is billed; one file an aggregation, a table of them.

An aggregation is a short pure function from readings, in order of time, to a quantity and a level.
"""

from kesto.core.metering.aggregations import AGGREGATIONS
from kesto.core.metering.event import Event
from kesto.core.metering.metered import Group, Metered, Skipped, meter_events
from kesto.core.metering.parse import parse_meter
from kesto.core.metering.plain import meter_fields
from kesto.core.metering.span import Span
from kesto.core.metering.spec import Meter, Rounding

__all__ = [
    "AGGREGATIONS",
    "Event",
    "Group",
    "Meter",
    "Metered",
    "Rounding",
    "Skipped",
    "Span",
    "meter_events",
    "meter_fields",
    "parse_meter",
]
