"""Counting: which usage a metered price asks for, and what it is given to price.

The store counts events, the core prices what was counted. What adds up is asked for as sums; what
hangs on the order of events, on days or on single amounts is asked for event by event.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, Inexact
from fractions import Fraction
from functools import lru_cache
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import known_zone
from kesto.core.catalog import Price, SoldMeter
from kesto.core.due import REMEMBERED, Stretch, due_stretches, next_due_on
from kesto.core.exact import ZERO, narrowed, shortest
from kesto.core.item import Item
from kesto.core.metering import Span
from kesto.core.metering.event import Reading
from kesto.core.metering.metered import (
    Group,
    Labels,
    billed_quantity,
    label_order,
    meter_readings,
)
from kesto.core.pricing import Entry, Unpriced, Usage
from kesto.core.pricing.capacity import Capacity
from kesto.core.pricing.dimensional import Dimensional
from kesto.core.pricing.time_series import INTERVAL, Interval, TimeSeries, spans

Way = Literal["sums", "readings", "intervals"]
Asked = tuple[int, int, date, date]
"""What an answer is kept under: the numbers of subscription and price, the days of the stretch."""

ADDS_UP = frozenset(("count", "sum", "max"))
NOTHING = Usage(ZERO, entries=(), amounts=(), levels=())


class Ask(Struct, frozen=True, gc=False):
    """What a metered price wants to know: the events of a meter in a subscription in a span.

    Its answer is kept under `key`.
    """

    subscription_id: UUID
    price: Price
    sold: SoldMeter
    stretch: Stretch
    span: Span
    key: Asked

    @property
    def way(self) -> Way:
        """How the store answers it: by sums, by sums per interval, or event by event."""
        meter = self.sold.meter
        if isinstance(self.price.spec.model, TimeSeries):
            return "intervals"
        is_plain = not meter.is_prorated and meter.initial is None and meter.carry == "period"
        takes_amounts = self.price.spec.name in ("percentage", "dynamic")
        if meter.aggregation in ADDS_UP and is_plain and not takes_amounts:
            return "sums"
        return "readings"

    @property
    def is_plain_sum(self) -> bool:
        """Whether the price takes one quantity, as it was added up."""
        spec, meter = self.price.spec, self.sold.meter
        takes_other = isinstance(spec.model, Capacity | Dimensional) or spec.bucketed
        is_amount = spec.name == "graduated_percentage"
        return not (takes_other or is_amount or meter.rounding or meter.group_by)

    @property
    def is_summed(self) -> bool:
        """Whether of intervals the sum of what they cost is enough."""
        spec = self.price.spec
        return not (spec.included_units or spec.transform_quantity or spec.bucketed)

    @property
    def series(self) -> str:
        """The code of the price series that has its prices; empty where the plan has them."""
        model = self.price.spec.model
        return model.code if isinstance(model, TimeSeries) else ""


def asked(
    items: Sequence[Item],
    after: date | None,
    through: date,
    meters: Mapping[str, SoldMeter],
) -> Iterator[Ask]:
    """What rating items over days will ask for."""
    for item in items:
        for price in item.prices:
            if price.meter:
                for stretch in due_stretches(item, price, after, through)[0]:
                    if (ask := ask_of(item, price, stretch, meters)) is not None:
                        yield ask


def running_stretch(item: Item, price: Price, day: date) -> Stretch | None:
    """The stretch of a metered price that a day lies in."""
    next_on = next_due_on(item, price, day) if price.meter else None
    if next_on is None:
        return None
    found = due_stretches(item, price, day, next_on)[0]
    return next((one for one in found if one.start <= day < one.end), None)


def ask_of(
    item: Item, price: Price, stretch: Stretch, meters: Mapping[str, SoldMeter]
) -> Ask | None:
    """What a price of an item asks for a stretch; None where nothing can have happened yet."""
    own = item.subscription_id
    if own is None:
        return None
    start_at, end_at = item.begins_at(stretch.start), item.begins_at(stretch.end)
    if start_at >= end_at:  # the clock skipped its only day: somebody moved across the date line
        return None
    is_short = price.proration == "day" and not stretch.share.is_whole
    full_days = stretch.share.of if is_short else None
    zone = item.zone_on(stretch.start)
    span = _span(start_at, end_at, zone, full_days, stretch.start, stretch.end)
    return Ask(own, price, meters[price.meter], stretch, span, key_of(own, price, stretch))


def key_of(subscription_id: UUID, price: Price, stretch: Stretch) -> Asked:
    """What the answer for a stretch of a price is kept under."""
    return subscription_id.int, price.id.int, stretch.start, stretch.end


@lru_cache(maxsize=REMEMBERED)
def _span(
    start_at: datetime,
    end_at: datetime,
    zone: str,
    full_days: int | None,
    start_on: date,
    end_on: date,
) -> Span:
    """A span, the very same for all that ask for it: few differ in a run."""
    return Span(start_at, end_at, zone, full_days, start_on, end_on)


def from_sum(number: Decimal) -> Usage:
    """The usage of events that were added up, for a price that takes one quantity as it is."""
    try:
        return Usage(max(shortest(number), ZERO))
    except Inexact:
        return Usage(narrowed(max(Fraction(number), Fraction(0))))


def from_sums(ask: Ask, sums: Mapping[Labels, Decimal]) -> Usage:
    """The usage of events that were added up, by the properties that the meter groups by."""
    meter = ask.sold.meter
    if ask.is_plain_sum and len(sums) == 1:
        # What most prices take, once for each customer of a run: fractions would take longest.
        (number,) = sums.values()
        return from_sum(number)
    in_order = sorted(sums.items(), key=lambda pair: label_order(pair[0]))
    groups = [
        Group(labels, billed_quantity(meter, Fraction(number))) for labels, number in in_order
    ]
    return _used(ask, groups)


def from_readings(ask: Ask, readings: Mapping[Labels, Sequence[Reading]]) -> Usage:
    """The usage of events that were read one by one, in the order of (time, id)."""
    if ask.price.spec.name in ("percentage", "dynamic"):
        numbers = [one.number for found in readings.values() for one in found]
        return Usage(amounts=tuple(map(narrowed, numbers)))
    metered = meter_readings(ask.sold.meter, ask.span, readings)
    return _used(ask, metered.groups or [Group((), metered.quantity)])


def from_intervals(
    sums: Sequence[tuple[datetime, Decimal, Decimal]], unpriced: Unpriced | None = None
) -> Usage:
    """The usage by interval: its start, what a unit costs in it, and how many there were."""
    names = [start.astimezone(UTC).isoformat() for start, _, _ in sums]
    own = list(zip(names, sums, strict=True))
    return Usage(
        entries=tuple(Entry(used, None, ((INTERVAL, name),)) for name, (_, _, used) in own),
        series=tuple(Interval(name, amount) for name, (_, amount, _) in own),
        unpriced=unpriced,
    )


def from_total(quantity: Decimal, amount: Decimal, unpriced: Unpriced | None = None) -> Usage:
    """The usage of a whole series, and what it costs at the price of each interval."""
    return Usage(quantity, cost=amount, unpriced=unpriced)


def without_price(
    ask: Ask, quantity: Decimal, intervals: int, first_at: datetime, minutes: int = 60
) -> Unpriced:
    """What was used in intervals without a price; their first in the zone of the subscription."""
    first_at = first_at.astimezone(known_zone(ask.span.zone))
    return Unpriced(quantity, intervals, first_at, minutes, ask.series)


def cuts(ask: Ask) -> list[tuple[datetime, datetime, Decimal]]:
    """The intervals of a series: where each starts and ends, and what a unit costs in it."""
    series = _series(ask)
    return [
        (*span, priced.unit_amount)
        for span, priced in zip(spans(series), series.series, strict=True)
    ]


def _used(ask: Ask, groups: Sequence[Group]) -> Usage:
    """What was counted in the kind that the pricing model takes."""
    spec, meter = ask.price.spec, ask.sold.meter
    quantity = narrowed(sum((group.quantity for group in groups), Fraction(0)))
    if isinstance(spec.model, Capacity):
        levels = ((group.labels or (ask.sold.code,), group.quantity) for group in groups)
        named = tuple((labels[0] or "", narrowed(level)) for labels, level in levels)
        return Usage(quantity, levels=named)
    if isinstance(spec.model, Dimensional) or spec.bucketed:
        return Usage(
            entries=tuple(
                Entry(narrowed(group.quantity), None, _keys(meter.group_by, group.labels))
                for group in groups
            )
        )
    is_amount = spec.name == "graduated_percentage"
    return Usage(amounts=(quantity,)) if is_amount else Usage(quantity)


def _keys(names: Sequence[str], labels: Labels) -> tuple[tuple[str, str], ...]:
    """The properties that a group was counted by; one that was missing says nothing."""
    found = zip(names, labels, strict=True) if labels else ()
    return tuple((name, label) for name, label in found if label is not None)


def _series(ask: Ask) -> TimeSeries:
    model = ask.price.spec.model
    if not isinstance(model, TimeSeries):
        raise TypeError(model)
    return model
