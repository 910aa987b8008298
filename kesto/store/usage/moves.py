"""Whose events are in ClickHouse: what was taken in before has to be brought there first.

A merchant that begins there has nothing to bring. Until all is there, nothing is read; what comes
in meanwhile waits in the spool.
"""

from datetime import datetime
from threading import Lock
from uuid import UUID

from kesto.store.session import EventsAway, Session

HAS_EVENTS = "exists (select from usage_event e where e.merchant_id = %s limit 1)"
UNMOVED = (
    "usage that was taken in before KESTO_USAGE_URL was set is not in ClickHouse yet: run"
    " `kesto usage move`; what comes in meanwhile is kept"
)
_LOCK = Lock()
_begun: set[UUID] = set()
_moved: set[UUID] = set()


def begin(session: Session, now: datetime) -> None:
    """Note that the merchant's events go to ClickHouse from now on; once is enough."""
    if session.merchant_id in _begun:
        return
    added = session.execute(
        "insert into usage_move (merchant_id, is_done, chunk, moved, noted_at)"
        f" select %s, not {HAS_EVENTS}, 0, 0, %s on conflict do nothing",
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
