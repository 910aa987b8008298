"""The months of usage in ClickHouse: which are there, who needs them, and taking them away."""

import re
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from kesto.store.session import Session
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.clickhouse_sql import READING, TABLE, instant, quoted
from kesto.store.usage.months import BILLED, later

# Subscriptions that are not billed beyond a month, or must look back at it.
UNBILLED = """
    select distinct i.subscription_id from billing_group g
        join subscription_item i on i.merchant_id = g.merchant_id and i.billing_group_id = g.id
    where g.merchant_id = %s and (g.next_due_on is not null or g.dirty_from is not null)
        and (g.billed_through is null or g.billed_through <= %s::date + 1
            or g.dirty_from <= %s::date + 1)
"""
CLUSTER = re.compile(r"Distributed\('([\w-]+)'")
AT_ONCE = 10_000


def standing(store: ClickHouseEvents) -> list[date]:
    """The first days of the months that have events, the oldest first."""
    query = f"select distinct toStartOfMonth(at) as month from {TABLE} order by month{READING}"
    return [row[0] for row in _days.decode_lines(store.server.ask(query))]


def is_needed(session: Session, store: ClickHouseEvents, month: date, now: datetime) -> bool:
    """Whether any merchant wishes to keep what is in a month, was billed for it, or will be."""
    start_at, end_at = _moment(month), _moment(later(month, 1))
    within = f"at >= {instant(start_at)} and at < {instant(end_at)}"
    query = f"select distinct merchant_id from {TABLE} where {within}{READING}"
    for (merchant_id,) in _ids.decode_lines(store.server.ask(query)):
        row = session.row("select usage_months from merchant where id = %s", merchant_id)
        kept_months = row[0] if row else None
        if kept_months is None or later(month, kept_months + 1) > now.date():
            return True
        if session.row(BILLED, merchant_id, end_at, start_at) is not None:
            return True
        rows = session.rows(UNBILLED, merchant_id, end_at, end_at)
        if _has_any(store, merchant_id, [row[0] for row in rows], within):
            return True
    return False


def detach(store: ClickHouseEvents, month: date) -> None:
    """Take a month away from the table; its parts stay on the disk until somebody drops them."""
    query = (
        "select engine_full from system.tables"
        f" where database = currentDatabase() and name = '{TABLE}'"
    )
    ((engine,),) = _texts.decode_lines(store.server.ask(query + READING))
    found = CLUSTER.match(engine)
    table = f"{TABLE}_shard on cluster '{found[1]}'" if found else TABLE
    store.server.tell(f"alter table {table} detach partition {month:%Y%m}")


def _has_any(
    store: ClickHouseEvents, merchant_id: UUID, subscriptions: list[UUID], within: str
) -> bool:
    for start in range(0, len(subscriptions), AT_ONCE):
        lines = "".join(f"{one}\\n" for one in subscriptions[start : start + AT_ONCE])
        query = (
            f"select merchant_id from {TABLE} where merchant_id = {quoted(merchant_id)}"
            f" and subscription_id in (select own from format(TSV, 'own UUID', '{lines}'))"
            f" and {within} limit 1{READING}"
        )
        if store.server.ask(query).strip():
            return True
    return False


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


_days = msgspec.json.Decoder(tuple[date])
_ids = msgspec.json.Decoder(tuple[UUID])
_texts = msgspec.json.Decoder(tuple[str])
