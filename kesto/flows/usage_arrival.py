"""An event as it is kept: what its meter makes of it, and for which subscription it counts."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.catalog import SoldMeter
from kesto.core.exact import written
from kesto.core.metering import AGGREGATIONS, Meter
from kesto.core.metering.event import Event, Problem, plain_text, value_of
from kesto.core.metering.metered import labels_of, passes
from kesto.core.metering.sent import Sent
from kesto.core.metering.short import shown_of
from kesto.store.usage.taking_in import Arrival

FILTERED = "filtered"
"""The problem of an event that its meter does not count."""

NUMERIC = frozenset({"sum", "max", "latest", "weighted_sum"})


class Counting(Struct, frozen=True, gc=False):
    """A meter as events are read for it; a `plain` one counts a number as it stands."""

    meter: Meter
    id: bytes
    is_plain: bool


def counting_of(sold: SoldMeter) -> Counting:
    """What has to be known of a meter, once for many events."""
    is_plain = sold.meter.aggregation in NUMERIC and not sold.meter.expression
    return Counting(sold.meter, sold.id.bytes, is_plain)


def arrival_of(
    sent: Sent, counting: Counting, own: bytes, *, is_priced: bool
) -> tuple[Arrival, str]:
    """An event as it is kept for a subscription, and a note where it does not count."""
    event, meter = sent.event, counting.meter
    value = value_of(event, meter.property_name)[1]
    number, name, is_removal, problem = _measured(counting, event, value)
    note = ""
    if problem is not None:
        note = problem.detail
    elif not is_priced:
        note = "no price of the subscription counts this meter at that time"
    arrival = Arrival(
        subscription_id=own,
        meter_id=counting.id,
        at=event.at,
        key=sent.key,
        content=sent.content,
        happened_at=None,
        source=event.source,
        event_id=event.id,
        number=number,
        name=name,
        is_removal=is_removal,
        labels=labels_of(meter, event) if meter.group_by else None,
        problem=problem.code if problem else "",
        sent=value if type(value) is str else plain_text(value),
        properties=event.properties or None,
    )
    return arrival, note


def _measured(
    counting: Counting, event: Event, value: object
) -> tuple[str, str | None, bool, Problem | None]:
    meter = counting.meter
    if meter.accepted and not passes(meter, event):
        return "0", None, False, Problem(FILTERED, "the meter's filter leaves it out")
    if counting.is_plain:
        short = shown_of(value)
        if short is not None:
            return short, None, False, None
    reading = AGGREGATIONS[meter.aggregation].read(meter, event)
    if isinstance(reading, Problem):
        return "0", None, False, reading
    number = "1" if meter.aggregation == "count" else written(reading.number)
    return number, reading.name or None, reading.is_removal, None


def counted_now(arrival: Arrival, now: datetime) -> Arrival:
    """The same, counting at the moment when it came."""
    return replace(arrival, at=now, happened_at=arrival.at)
