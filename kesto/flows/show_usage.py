"""Show usage: what has been used so far and what it costs, and the events behind a line."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.catalog import Price, SoldMeter
from kesto.core.clock import Clock
from kesto.core.counting import ask_of, from_sum, running_stretch
from kesto.core.due import DAY, Stretch
from kesto.core.exact import ZERO, shown
from kesto.core.invoice import INVOICE
from kesto.core.item import Item
from kesto.core.line import USAGE, Line
from kesto.core.pricing import PriceSpec, Unpriced, Usage
from kesto.core.pricing.flat import Flat
from kesto.core.refusals import NotFound
from kesto.countries.raters import rater_of
from kesto.store import billing, invoices, merchants, running
from kesto.store.catalogue import PriceList
from kesto.store.session import Session
from kesto.store.shop import Party
from kesto.store.usage import events, running_sums
from kesto.store.usage.counted import UsageBook
from kesto.store.usage.events import KeptEvent, Wanted

COUNTED = PriceSpec("flat", Flat(Decimal(0)))
"""What counts usage without a price for it."""


class UsedSoFar(Struct, frozen=True):
    """What a metered price of a running period comes to by now; by the day where that is asked.

    `amount_minor` is what would be billed if nothing came any more, `included` the units that
    cost nothing; what of the quantity has no price yet is `unpriced` and not in it. `wanted` names
    its events.
    """

    item_id: UUID
    price: Price
    meter: SoldMeter
    period_start: date
    period_end: date
    zone: str
    quantity: Decimal
    amount_minor: int
    included: Decimal
    wanted: Wanted
    days: tuple[tuple[date, Decimal], ...] = ()
    unpriced: Unpriced | None = None


class _Running(Struct, frozen=True):
    """A metered price of an item, and the stretch of it that lies around now."""

    item: Item
    price: Price
    stretch: Stretch
    country: str

    @property
    def subscription_id(self) -> UUID:
        return self.item.subscription_id or UUID(int=0)


class _Counting(Struct, frozen=True):
    """What says over which period a meter counts; of several whose `rank` comes first."""

    rank: tuple[bool, bool]
    item: Item
    price: Price
    stretch: Stretch


class LineUsage(Struct, frozen=True):
    """What stands behind a usage line: the meter, its period, and which events.

    `before` is the last batch that an earlier line for the same usage saw: what came after it came
    late (None: this line is the first). `newest` is the last batch that this line saw.
    """

    invoice_id: UUID
    line_no: int
    line: Line
    meter: SoldMeter
    zone: str
    wanted: Wanted
    before: int | None

    def is_late(self, event: KeptEvent) -> bool:
        """Whether an event came too late for the line before."""
        return self.before is not None and event.ingest_no > self.before


def used_so_far(session: Session, found: Party, now: datetime) -> list[UsedSoFar]:
    """The running periods of a subscription's metered prices by the day, item by item.

    The days are added up from the events: who needs none asks `used_in_all`.
    """
    return [
        replace(one, days=tuple(events.by_day(session, one.wanted, one.zone)))
        for one in used_in_all(session, found, now)
    ]


def used_in_all(session: Session, found: Party, now: datetime) -> list[UsedSoFar]:
    """The same without the days."""
    return used_by_subscription(session, [found.id], now).get(found.id, [])


def used_by_subscription(
    session: Session, subscriptions: Sequence[UUID], now: datetime
) -> dict[UUID, list[UsedSoFar]]:
    """The same of many subscriptions in a few queries, without the days."""
    book = UsageBook(session)
    running_now = _running_now(session, book, subscriptions, now)
    asks = [ask_of(one.item, one.price, one.stretch, book.meters) for one in running_now]
    book.fetch([ask for ask in asks if ask is not None])
    found: dict[UUID, list[UsedSoFar]] = {}
    for one in running_now:
        found.setdefault(one.subscription_id, []).append(_used(one, book))
    return found


def used_now(session: Session, customer_id: UUID, meter: str, now: datetime) -> Decimal:
    """What a meter counts in the running periods of all that a customer uses, added up.

    Programs ask it all day: one query says it of most, the rest are counted by `counted_now`,
    which says the same.
    """
    known, used = running_sums.of_user(session, customer_id, meter, now), ZERO
    for number in known.values():
        if number is not None:
            used += _told(from_sum(number))
    left = [own for own, number in known.items() if number is None]
    return sum(counted_now(session, left, meter, now).values(), used) if left else used


def counted_now(
    session: Session, subscriptions: Sequence[UUID], meter: str, now: datetime
) -> dict[UUID, Decimal]:
    """What a meter counts in the running period of each subscription, whatever is priced by it.

    The period is that of a price that goes by the meter, else that of the first recurring price;
    of the plan, else of the oldest add-on: an add-on may be older than the plan by now.
    """
    book = UsageBook(session)
    if meter not in book.meters:
        return {}
    plans = running_sums.plan_items(session, subscriptions)
    found: dict[UUID, _Counting] = {}
    for item, today, _ in _items_now(session, subscriptions, now):
        for price in item.prices:
            own, rank = item.subscription_id, (price.meter != meter, item.id not in plans)
            if own is None or price.interval is None or (own in found and found[own].rank <= rank):
                continue
            counting = replace(price, meter=meter, charged="arrears", spec=COUNTED)
            stretch = running_stretch(item, counting, today)
            if stretch is not None:
                found[own] = _Counting(rank, item, counting, stretch)
    count = book.seen()
    return {own: _told(count(one.item, one.price, one.stretch)) for own, one in found.items()}


def _told(usage: Usage) -> Decimal:
    """A quantity as it is shown: a weighed level may be no decimal."""
    return Decimal(shown(usage.quantity or ZERO))


def behind_line(session: Session, invoice_id: UUID, line_no: int) -> LineUsage:
    """What stands behind a line of an invoice. Raises NotFound where it is no usage line."""
    stored = next(iter(invoices.load(session, [invoice_id])), None)
    lines = stored.lines if stored is not None and stored.invoice.kind == INVOICE else ()
    line = lines[line_no - 1] if 0 < line_no <= len(lines) else None
    if stored is None or line is None or line.rated.kind != USAGE:
        raise NotFound(
            "no events stand behind this: it is no usage line of an invoice",
            code="no_usage_line",
            field="line",
        )
    rated = line.rated
    item = next(
        one for one in _items(session, [stored.invoice.billing_group_id]) if one.id == line.item_id
    )
    price = next(one for one in item.prices if one.id == rated.price_id)
    meter = UsageBook(session).meters[price.meter]
    wanted = replace(
        _events_in(item, meter, rated.period_start, rated.period_end),
        seen=stored.invoice.usage_seen,
    )
    before = invoices.usage_seen_before(session, line, stored.invoice.id)
    zone = item.zone_on(rated.period_start)
    return LineUsage(stored.invoice.id, line_no, line, meter, zone, wanted, before)


def _running_now(
    session: Session, book: UsageBook, subscriptions: Sequence[UUID], now: datetime
) -> list[_Running]:
    """The metered prices of subscriptions that run now, in the order of their items."""
    if not book.meters:
        return []
    country = {one.id: one.country for one in merchants.billing_entities(session)}
    found = []
    for item, today, entity_id in _items_now(session, subscriptions, now):
        for price in item.prices:
            stretch = running_stretch(item, price, today)
            if stretch is not None:
                found.append(_Running(item, price, stretch, country[entity_id]))
    return found


def _items_now(
    session: Session, subscriptions: Sequence[UUID], now: datetime
) -> Iterator[tuple[Item, date, UUID]]:
    """The items of subscriptions in their order, the day that it is for each, and who sells it."""
    wanted = set(subscriptions)
    if not wanted:
        return
    groups = billing.groups_by_id(session, running.groups_of(session, subscriptions))
    items = running.items(session, groups, {one.id.int for one in groups}, PriceList())
    for group in groups:
        for item in items.get(group.id.int, ()):
            if item.subscription_id in wanted:
                zones = item.course.zones if item.course else ()
                today = Clock(item.cadence.zone, zones).day_of(now)
                yield item, today, group.billing_entity_id


def _used(one: _Running, book: UsageBook) -> UsedSoFar:
    """What a price comes to so far, and what of it has no price yet."""
    item, price, stretch = one.item, one.price, one.stretch
    rater = rater_of(one.country, book.seen())
    alone = replace(item, prices=(price,))
    lines = rater.due_lines([alone], stretch.end - DAY, stretch.end)
    meter, unpriced = book.meters[price.meter], lines[0].unpriced
    return UsedSoFar(
        *(item.id, price, meter, stretch.start, stretch.end),
        zone=item.zone_on(stretch.start),
        quantity=lines[0].rated.quantity + (unpriced.quantity if unpriced else 0),
        amount_minor=sum(line.rated.amount_minor for line in lines),
        included=price.spec.included_units,
        wanted=_events_in(item, meter, stretch.start, stretch.end),
        unpriced=unpriced,
    )


def _events_in(item: Item, meter: SoldMeter, start: date, end: date) -> Wanted:
    carries = meter.meter.carry == "since_start"
    return Wanted(
        subscription_id=item.subscription_id or UUID(int=0),
        meter_id=meter.id,
        start_at=None if carries else item.begins_at(start),
        end_at=item.begins_at(end),
        is_counted=True,
    )


def _items(session: Session, groups: Sequence[UUID]) -> list[Item]:
    """The items of billing groups, those that ended long ago too."""
    found = billing.groups_by_id(session, groups)
    looking_back = {group.id.int for group in found}
    by_group = running.items(session, found, looking_back, PriceList())
    return [item for items in by_group.values() for item in items]
