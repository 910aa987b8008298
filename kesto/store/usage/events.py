"""Kept events, read one by one: behind a line, or in a span of time; and their sums by day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from kesto.core.calendar import local_date
from kesto.store.session import Session
from kesto.store.usage.chosen import event_store
from kesto.store.usage.port import KeptEvent, Wanted

__all__ = ["KeptEvent", "Wanted", "by_day", "events", "has_any", "how_many", "late_keys"]


def events(
    session: Session, wanted: Wanted, limit: int, after: UUID | None = None
) -> list[KeptEvent]:
    """So many events in the order in which they count, after the one with a key."""
    return event_store().events(session, wanted, limit, after)


def how_many(session: Session, wanted: Wanted) -> int:
    """How many events there are."""
    return event_store().how_many(session, wanted)


def has_any(session: Session, wanted: Wanted) -> bool:
    """Whether there is any event."""
    return event_store().how_many(session, wanted, most=1) > 0


def by_day(session: Session, wanted: Wanted, zone: str) -> list[tuple[date, Decimal]]:
    """What counted events come to on each local day that has any."""
    return event_store().by_day(session, wanted, zone)


def late_keys(session: Session, found: Sequence[KeptEvent], zone: str) -> set[UUID]:
    """Those of the events that came after an invoice had billed their day."""
    rows = session.rows(
        "select t.key from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::date[], %s::bigint[])"
        "  t (key, subscription_id, meter_id, day, ingest_no)"
        " where exists (select from subscription_item i"
        "  join claim c on c.merchant_id = i.merchant_id and c.item_id = i.id"
        "   and c.kind = 'usage' and c.period_start <= t.day and c.period_end > t.day"
        "  join price p on p.merchant_id = c.merchant_id and p.id = c.price_id"
        "  join meter m on m.merchant_id = p.merchant_id and m.code = p.meter"
        "  join invoice n on n.merchant_id = c.merchant_id and n.id = c.invoice_id"
        "   and n.kind = 'invoice' and n.usage_seen < t.ingest_no"
        "  where i.merchant_id = %s and i.subscription_id = t.subscription_id"
        "   and m.id = t.meter_id)",
        *([one.key for one in found], [one.subscription_id for one in found]),
        [one.meter_id for one in found],
        [local_date(one.at, zone) for one in found],
        *([one.ingest_no for one in found], session.merchant_id),
    )
    return {row[0] for row in rows}
