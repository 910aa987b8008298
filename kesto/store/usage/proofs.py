"""What keys and events of a day come to, so that one side can be held against the other."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.price_series import EPOCH
from kesto.store.session import Session
from kesto.store.usage import spool
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.clickhouse_sql import READING, TABLE, Scope
from kesto.store.usage.port import Window

# The first 32 bits of each key and the microseconds of each time, added up: enough to find any
# event that is missing, there twice, or at another time.
TAKEN_IN = """
    select (at at time zone 'UTC')::date, count(*),
        sum(('x' || left(key::text, 8))::bit(32)::bigint),
        sum(round(extract(epoch from at) * 1000000))
    from event_key where merchant_id = %s group by 1
"""
KEPT = (
    "select toDate(at) as day, count(),"
    " sum(toInt128(reinterpretAsUInt32(reverse(unhex(left(toString(key), 8)))))),"
    " sum(toInt128(toUnixTimestamp64Micro(at)))"
    " from {} where {} group by day"
)
FILLED = """
    select subscription_id, meter_id, start_at, end_at from usage_rollup
    where merchant_id = %s and labels = '{}' and is_filled
        and (subscription_id, meter_id, end_at, start_at) > (%s, %s, %s, %s)
    order by subscription_id, meter_id, end_at, start_at limit %s
"""
NOBODY = UUID(int=0)
MICRO = timedelta(microseconds=1)
BEFORE = datetime(1, 1, 1, tzinfo=UTC)


class Day(Struct, frozen=True):
    """How many events a day has, and what tells whether they are the same."""

    events: int
    keys: Decimal
    times: Decimal


def days_taken_in(session: Session) -> dict[date, Day]:
    """The days of the keys in PostgreSQL."""
    rows = session.rows(TAKEN_IN, session.merchant_id)
    return {row[0]: Day(*row[1:]) for row in rows}


def days_kept(session: Session, store: ClickHouseEvents) -> dict[date, Day]:
    """The days of the events that ClickHouse has, and of those that wait for it."""
    numbers, batches = spool.batches(session)
    query = KEPT.format(TABLE, Scope(session.merchant_id, without=numbers).condition)
    days = {row[0]: Day(*row[1:]) for row in _days.decode_lines(store.server.ask(query + READING))}
    moments = ((one.at, one.key) for batch in batches for one in batch.arrivals)
    return _with(days, moments)


def filled_windows(session: Session, after: Window | None, limit: int) -> list[Window]:
    """Windows whose rollups are filled, in the order of their keys."""
    last = (NOBODY, NOBODY, BEFORE, BEFORE)
    if after is not None:
        last = (after.subscription_id, after.meter_id, after.end_at, after.start_at)
    rows = session.rows(FILLED, session.merchant_id, *last, limit)
    return [Window(*row) for row in rows]


def _with(days: dict[date, Day], moments: Iterable[tuple[datetime, UUID]]) -> dict[date, Day]:
    for at, key in moments:
        day = at.astimezone(UTC).date()
        known = days.get(day, Day(0, Decimal(0), Decimal(0)))
        days[day] = Day(
            known.events + 1,
            known.keys + (key.int >> 96),
            known.times + (at - EPOCH) // MICRO,
        )
    return days


_days = msgspec.json.Decoder(tuple[date, int, Decimal, Decimal])
