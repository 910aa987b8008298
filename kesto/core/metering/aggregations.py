"""The aggregations by name: what each reads of an event, and one short pure function."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from kesto.core.metering.count import count, presence
from kesto.core.metering.event import Event, Problem, Reading
from kesto.core.metering.latest import latest
from kesto.core.metering.numbers import numeric
from kesto.core.metering.peak import peak
from kesto.core.metering.span import Span
from kesto.core.metering.spec import Measured, Meter
from kesto.core.metering.sums import sums
from kesto.core.metering.unique import named, unique
from kesto.core.metering.weighted_sum import weighted_sum


class Aggregation(Struct, frozen=True):
    """How events are read one by one, and measured together in order of time."""

    read: Callable[[Meter, Event], Reading | Problem]
    measure: Callable[[Meter, Sequence[Reading], Span], Measured]
    can_be_prorated: bool = False


AGGREGATIONS: dict[str, Aggregation] = {
    "count": Aggregation(presence, count),
    "sum": Aggregation(numeric, sums, can_be_prorated=True),
    "max": Aggregation(numeric, peak),
    "latest": Aggregation(numeric, latest),
    "unique": Aggregation(named, unique, can_be_prorated=True),
    "weighted_sum": Aggregation(numeric, weighted_sum, can_be_prorated=True),
}
