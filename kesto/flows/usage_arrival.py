"""An event as it is kept: what its meter makes of it, and for which subscription it counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.catalog import SoldMeter
from kesto.core.exact import written
from kesto.core.metering import AGGREGATIONS, Meter
from kesto.core.metering.event import Event, Problem, plain_text, value_of
from kesto.core.metering.metered import labels_of, passes
from kesto.core.metering.sent import Sent, properties_as_kept
from kesto.core.metering.sent_together import SentEvents
from kesto.core.metering.short import shown_of
from kesto.store.usage.taking_in import Arrival, Arrivals, picking

FILTERED = "filtered"
"""The problem of an event that its meter does not count."""

NOT_PRICED = "no price of the subscription counts this meter at that time"
"""What is noted of an event that is kept and counts for nothing."""

NUMERIC = frozenset({"sum", "max", "latest", "weighted_sum"})


class Counting(Struct, frozen=True, gc=False):
    """A meter as events are read for it.

    A `plain` one counts a number as it stands; a `bare` one counts the event's own, and nothing
    else of an event matters to it. What comes late to a `corrected` one is billed all the same.
    """

    meter: Meter
    id: bytes
    is_plain: bool
    is_bare: bool
    is_corrected: bool


def counting_of(sold: SoldMeter) -> Counting:
    """What has to be known of a meter, once for many events."""
    meter = sold.meter
    is_plain = meter.aggregation in NUMERIC and not meter.expression
    has_more = meter.property_name is not None or meter.accepted or meter.group_by
    return Counting(
        *(meter, sold.id.bytes, is_plain),
        is_bare=is_plain and not has_more,
        is_corrected=sold.late == "correct",
    )


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
        note = NOT_PRICED
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
        properties=properties_as_kept(event.properties),
    )
    return arrival, note


def bare_arrivals(sent: SentEvents, placed: Sequence[tuple[int, bytes, bytes]]) -> Arrivals:
    """Events that bare meters count, all of whose values are short numbers.

    It is what `arrival_of` makes of each, for many together. `placed` tells at which places they
    are, and the ids of their subscriptions and meters.
    """
    if not placed:
        return Arrivals.of(())
    places, owns, meters = zip(*placed, strict=True)
    of = picking(places) if len(places) < len(sent.keys) else _all_of
    nothing = [None] * len(places)
    return Arrivals(
        *(owns, meters, of(sent.ats), of(sent.keys), of(sent.contents)),
        happened_ats=nothing,
        sources=of(sent.sources),
        event_ids=of(sent.ids),
        numbers=of(sent.shown),
        names=nothing,
        removals=[False] * len(places),
        labels=nothing,
        problems=[""] * len(places),
        sents=[value if type(value) is str else str(value) for value in of(sent.values)],
        properties=of(sent.encoded),
    )


def _all_of(column: Sequence[Any]) -> Sequence[Any]:
    return column


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
