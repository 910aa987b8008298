"""Whose events are in ClickHouse: what was taken in before has to be brought there first.

A merchant that begins there has nothing to bring. Until all is there, nothing is read; what comes
in meanwhile waits in the spool.
"""

from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from uuid import UUID

from msgspec import Struct

from kesto.core.refusals import EventsAway
from kesto.store.session import Session, across_merchants
from kesto.store.usage.clickhouse_rows import Row

HAS_EVENTS = "exists (select from usage_event e where e.merchant_id = %s limit 1)"
UNMOVED = (
    "usage that was taken in before KESTO_USAGE_URL was set is not in ClickHouse yet: run"
    " `kesto usage move`; what comes in meanwhile is kept"
)
ELSEWHERE = "usage is kept in ClickHouse, and KESTO_USAGE_URL does not name it: set it again"
_LOCK = Lock()
_begun: set[UUID] = set()
_moved: set[UUID] = set()
_here: set[UUID] = set()


def begin(session: Session, now: datetime) -> None:
    """Note that the merchant's events go to ClickHouse from now on; once is enough."""
    if session.merchant_id in _begun:
        return
    added = session.rows(
        "insert into usage_move (merchant_id, is_done, chunk, moved, noted_at)"
        f" select %s, not {HAS_EVENTS}, 0, 0, %s on conflict do nothing returning 1",
        *(session.merchant_id, session.merchant_id, now),
    )
    # What was noted just now may never be committed.
    if not added:
        with _LOCK:
            _begun.add(session.merchant_id)


def refuse_unmoved(session: Session) -> None:
    """Refuse to read while events of the merchant are elsewhere. Raises EventsAway."""
    if session.merchant_id in _moved:
        return
    row = session.row(
        "select coalesce((select is_done from usage_move where merchant_id = %s),"
        f" not {HAS_EVENTS})",
        *(session.merchant_id, session.merchant_id),
    )
    if row is None or not row[0]:
        raise EventsAway(UNMOVED)
    with _LOCK:
        _moved.add(session.merchant_id)


def forget() -> None:
    """Forget what was asked before, where another database is looked at."""
    with _LOCK:
        _begun.clear()
        _moved.clear()
        _here.clear()


class Stand(Struct, frozen=True):
    """How far a merchant's events were moved; `after` is the key of the last one."""

    is_done: bool
    chunk: int
    moved: int
    after: tuple[UUID, UUID, datetime, UUID] | None


def stand(session: Session) -> Stand:
    """How far the move is. Raises LookupError where none was begun."""
    row = session.row(
        "select is_done, chunk, moved, subscription_id, meter_id, at, key from usage_move"
        " where merchant_id = %s",
        session.merchant_id,
    )
    if row is None:
        raise LookupError(session.merchant_id)
    is_done, chunk, moved, *last = row
    after = None if last[0] is None else (last[0], last[1], last[2], last[3])
    return Stand(is_done, chunk, moved, after)


def begin_anew(session: Session) -> None:
    """Forget how far the move is; its parts get other numbers, so that none is taken for known."""
    session.execute(
        "update usage_move set is_done = false, chunk = chunk + 1, moved = 0,"
        " subscription_id = null, meter_id = null, at = null, key = null where merchant_id = %s",
        session.merchant_id,
    )


def rows_after(
    session: Session, stand: Stand, limit: int
) -> tuple[list[Row], tuple[UUID, UUID, datetime, UUID] | None]:
    """The next events of PostgreSQL in the order of their key, and the key of the last."""
    nobody = UUID(int=0)
    after = stand.after or (nobody, nobody, datetime(1, 1, 1, tzinfo=UTC), nobody)
    rows = session.rows(
        "select merchant_id, subscription_id, meter_id, at, key, happened_at, source, event_id,"
        " number::text, name, is_removal, labels, problem, sent, coalesce(properties::text, ''),"
        " ingest_no, received_at from usage_event where merchant_id = %s"
        " and (subscription_id, meter_id, at, key) > (%s, %s, %s, %s)"
        " order by subscription_id, meter_id, at, key limit %s",
        *(session.merchant_id, *after, limit),
    )
    found = [Row(*row) for row in rows]
    last = found[-1] if found else None
    return found, None if last is None else (
        *(last.subscription_id, last.meter_id),
        *(last.at, last.key),
    )


def note(
    session: Session,
    stand: Stand,
    after: tuple[UUID, UUID, datetime, UUID] | None,
    events: int,
    now: datetime,
) -> Stand:
    """Note that a part has arrived."""
    moved = Stand(is_done=False, chunk=stand.chunk + 1, moved=stand.moved + events, after=after)
    session.execute(
        "update usage_move set chunk = %s, moved = %s, subscription_id = %s, meter_id = %s,"
        " at = %s, key = %s, noted_at = %s where merchant_id = %s",
        *(moved.chunk, moved.moved, *(after or (None,) * 4), now, session.merchant_id),
    )
    return moved


def finish(session: Session, now: datetime) -> None:
    """Note that all has arrived: from now on it is read."""
    session.execute(
        "update usage_move set is_done = true, noted_at = %s where merchant_id = %s",
        *(now, session.merchant_id),
    )


def totals(session: Session) -> tuple[int, Decimal, int]:
    """How many events PostgreSQL has, what their numbers come to, and their newest batch."""
    row = session.row(
        "select count(*), coalesce(sum(number), 0), coalesce(max(ingest_no), 0) from usage_event"
        " where merchant_id = %s",
        session.merchant_id,
    )
    return (row[0], row[1], row[2]) if row else (0, Decimal(0), 0)


def refuse_elsewhere(session: Session) -> None:
    """Refuse to use PostgreSQL where the merchant's events go to ClickHouse. Raises EventsAway."""
    if session.merchant_id in _here:
        return
    row = session.row("select 1 from usage_move where merchant_id = %s", session.merchant_id)
    if row is not None:
        raise EventsAway(ELSEWHERE)
    with _LOCK:
        _here.add(session.merchant_id)


def merchants_there() -> list[str]:
    """The codes of merchants whose events go to ClickHouse."""
    return _codes("exists (select from usage_move v where v.merchant_id = m.id)")


def merchants_unmoved() -> list[str]:
    """The codes of merchants of whom PostgreSQL has events that are not in ClickHouse yet."""
    return _codes(
        "not coalesce((select v.is_done from usage_move v where v.merchant_id = m.id), false)"
        " and exists (select from usage_event e where e.merchant_id = m.id limit 1)"
    )


def _codes(condition: str) -> list[str]:
    with across_merchants() as connection:
        query = f"select m.code from merchant m where {condition} order by m.code"
        return [row[0] for row in connection.execute(query.encode())]
