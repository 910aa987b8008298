"""Move usage: bring the events that PostgreSQL has of a merchant to ClickHouse, and compare.

They change no more from the moment where the merchant's events go to the spool, so a part that was
sent is the same when it is sent again. Where it stands is noted after each part: a move that was
cut off goes on from there. Until it is done nothing is read; what comes in meanwhile is kept.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.refusals import Conflict
from kesto.store.session import Session, crash_point, reading, writing
from kesto.store.usage import moves
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.clickhouse_sql import Scope

CHUNK = 50_000
Progress = Callable[[int], None]


class Moved(Struct, frozen=True):
    """How many events were moved by now, and how many there are."""

    moved: int
    events: int


def move_usage(
    merchant_id: UUID,
    store: ClickHouseEvents,
    now: datetime,
    progress: Progress = lambda _: None,
    chunk: int = CHUNK,
    *,
    from_start: bool = False,
) -> Moved:
    """Move what is not there yet; `progress` is told how many events each part had.

    With `from_start` all is moved anew. Raises Conflict where what has arrived is not what
    PostgreSQL has, EventsAway where ClickHouse is away.
    """
    with writing(merchant_id, "run") as session:
        moves.begin(session, now)
        if from_start:
            _refuse_rest(session, store)
            moves.begin_anew(session)
        stand = moves.stand(session)
    crash_point("move_usage.begun")
    progress(stand.moved)
    while not stand.is_done:
        with reading(merchant_id, "run") as session:
            rows, after = moves.rows_after(session, stand, chunk)
        if not rows:
            break
        store.insert(rows, f"move {stand.chunk}")
        crash_point("move_usage.arrived")
        with writing(merchant_id, "run") as session:
            stand = moves.note(session, stand, after, len(rows), now)
            crash_point("move_usage.before_note")
        crash_point("move_usage.noted")
        progress(len(rows))
    with writing(merchant_id, "run") as session:
        _compare(session, store, stand.moved)
        moves.finish(session, now)
        crash_point("move_usage.before_commit")
    return Moved(stand.moved, stand.moved)


def _refuse_rest(session: Session, store: ClickHouseEvents) -> None:
    """Refuse to begin anew while something of the last time is there: it would count twice."""
    _, _, newest = moves.totals(session)
    count, _ = store.counted(Scope(session.merchant_id, newest))
    if count:
        raise Conflict(
            f"ClickHouse has {count:,} of these events: delete them there first, where"
            f" merchant_id = '{session.merchant_id}' and ingest_no <= {newest}",
            code="not_empty",
        )


def _compare(session: Session, store: ClickHouseEvents, moved: int) -> None:
    """Refuse to call it done where counts or sums differ."""
    count, added, newest = moves.totals(session)
    there = store.counted(Scope(session.merchant_id, newest))
    if (count, added) != there or count != moved:
        raise Conflict(
            f"PostgreSQL has {count:,} events that come to {added}, {moved:,} were moved and"
            f" ClickHouse has {there[0]:,} that come to {there[1]}: nothing is read from there."
            f" Delete those where merchant_id = '{session.merchant_id}' and ingest_no <= {newest};"
            " then `kesto usage move --from-start` begins anew",
            code="moved_differs",
        )
