"""Show usage: what has been used so far and what it costs, and the events behind a line."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.calendar import local_date
from kesto.core.catalog import Price, SoldMeter
from kesto.core.due import DAY, Stretch, due_stretches, next_due_on
from kesto.core.invoice import INVOICE
from kesto.core.item import Item
from kesto.core.line import USAGE, Line
from kesto.core.pricing import Unpriced
from kesto.core.refusals import NotFound
from kesto.countries.raters import rater_of
from kesto.store import billing, invoices, merchants, running
from kesto.store.catalogue import PriceList
from kesto.store.session import Session
from kesto.store.shop import Party
from kesto.store.usage import events
from kesto.store.usage.counted import UsageBook
from kesto.store.usage.events import KeptEvent, Wanted


class UsedSoFar(Struct, frozen=True):
    """What a metered price of a running period comes to by now, and by the day.

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
    days: tuple[tuple[date, Decimal], ...]
    wanted: Wanted
    unpriced: Unpriced | None = None


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
    """The running periods of a subscription's metered prices, in the order of its items."""
    book = UsageBook(session)
    if not book.meters:
        return []
    today = local_date(now, found.zone)
    country = {one.id: one.country for one in merchants.billing_entities(session)}
    rater = rater_of(country[found.billing_entity_id], book.seen())
    shown = []
    for item in _items(session, running.groups_of(session, found.id)):
        for price in item.prices if item.subscription_id == found.id else ():
            stretch = _running(item, price, today)
            if stretch is None:
                continue
            alone = replace(item, prices=(price,))
            lines = rater.due_lines([alone], stretch.end - DAY, stretch.end)
            meter = book.meters[price.meter]
            wanted = _events_in(item, meter, stretch.start, stretch.end)
            unpriced = lines[0].unpriced
            shown.append(
                UsedSoFar(
                    *(item.id, price, meter, stretch.start, stretch.end),
                    zone=item.zone_on(stretch.start),
                    quantity=lines[0].rated.quantity + (unpriced.quantity if unpriced else 0),
                    amount_minor=sum(line.rated.amount_minor for line in lines),
                    included=price.spec.included_units,
                    days=tuple(events.by_day(session, wanted, item.zone_on(stretch.start))),
                    wanted=wanted,
                    unpriced=unpriced,
                )
            )
    return shown


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


def _running(item: Item, price: Price, today: date) -> Stretch | None:
    """The stretch of a metered price that a day lies in."""
    next_on = next_due_on(item, price, today) if price.meter else None
    if next_on is None:
        return None
    found = due_stretches(item, price, today, next_on)[0]
    return next((one for one in found if one.start <= today < one.end), None)


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
