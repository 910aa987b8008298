"""Kept events, read one by one: behind a line, or in a span of time; and their sums by day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.store.session import Session

COLUMNS = (
    "key, subscription_id, meter_id, at, happened_at, source, event_id, number, name, is_removal,"
    " labels, problem, sent, properties, ingest_no, received_at"
)


class KeptEvent(Struct, frozen=True):
    """An event as it was taken in; `at` is when it counts, `happened_at` when it was, if other.

    `problem` says why it does not count; `sent` is its value as it came.
    """

    key: UUID
    subscription_id: UUID
    meter_id: UUID
    at: datetime
    happened_at: datetime | None
    source: str
    event_id: str
    number: Decimal
    name: str | None
    is_removal: bool
    labels: Sequence[str | None] | None
    problem: str
    sent: str
    properties: Mapping[str, Any] | None
    ingest_no: int
    received_at: datetime


class Wanted(Struct, frozen=True):
    """Which events: of a subscription, of a meter if said, from an instant to before another.

    `seen` leaves out what came after that batch, `is_counted` what does not count.
    """

    subscription_id: UUID
    meter_id: UUID | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    seen: int = 2**62
    is_counted: bool = False


def events(
    session: Session, wanted: Wanted, limit: int, after: UUID | None = None
) -> list[KeptEvent]:
    """So many events in the order in which they count, after the one with a key."""
    where, values = _where(session, wanted)
    if after is not None:
        where += (
            " and (at, key) > ((select at from event_key"
            " where merchant_id = %s and key = %s), %s::uuid)"
        )
        values += [session.merchant_id, after, after]
    rows = session.rows(
        f"select {COLUMNS} from usage_event where {where} order by at, key limit %s", *values, limit
    )
    return [KeptEvent(*row) for row in rows]


def how_many(session: Session, wanted: Wanted) -> int:
    """How many events there are."""
    where, values = _where(session, wanted)
    row = session.row(f"select count(*) from usage_event where {where}", *values)
    return row[0] if row else 0


def has_any(session: Session, wanted: Wanted) -> bool:
    """Whether there is any event."""
    where, values = _where(session, wanted)
    return session.row(f"select from usage_event where {where} limit 1", *values) is not None


def by_day(session: Session, wanted: Wanted, zone: str) -> list[tuple[date, Decimal]]:
    """What counted events come to on each local day that has any."""
    where, values = _where(session, wanted)
    rows = session.rows(
        "select (at at time zone %s)::date as day, sum(number) from usage_event"
        f" where {where} group by day order by day",
        zone,
        *values,
    )
    return [(row[0], row[1]) for row in rows]


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


def _where(session: Session, wanted: Wanted) -> tuple[str, list[object]]:
    conditions: dict[str, object] = {
        "merchant_id = %s": session.merchant_id,
        "subscription_id = %s": wanted.subscription_id,
        "meter_id = %s": wanted.meter_id,
        "at >= %s": wanted.start_at,
        "at < %s": wanted.end_at,
        "ingest_no <= %s": wanted.seen,
    }
    given = {text: value for text, value in conditions.items() if value is not None}
    counted = " and problem = ''" if wanted.is_counted else ""
    return " and ".join(given) + counted, list(given.values())
