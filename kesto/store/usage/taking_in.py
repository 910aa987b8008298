"""Events into the store: each once, in the order of batches, with a mark on what came late."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import psycopg

from kesto.store import arrays
from kesto.store.session import Session
from kesto.store.usage import rollups
from kesto.store.usage.chosen import event_store
from kesto.store.usage.port import Arrival, Arrivals, picking

__all__ = [
    "Arrival",
    "Arrivals",
    "Batch",
    "Outcome",
    "begin_batch",
    "known_keys",
    "mark_late",
    "number_of",
    "picking",
    "take_in",
    "usage_so_far",
    "wake",
]

Batch = psycopg.Cursor[Any]
"""What was asked for the number of a batch, whether it is answered yet or not."""

Outcome = Literal["accepted", "duplicate", "conflict"]

CAREFUL_BATCHES = 100
"""So many batches of a merchant are taken in with care after a key of its was known already."""

_careful: dict[UUID, int] = {}

# They come in the order of the key, and so they are written. All are new, or all of it is refused:
# asking with each key whether it is there costs as much again.
TAKE_NEW_KEYS = """
    insert into event_key (merchant_id, key, content, at)
    select %(merchant)s, unnest(%(keys)s::uuid[]), unnest(%(contents)s::uuid[]),
        unnest(%(ats)s::timestamptz[])
"""
# Nearly always all of them are new: then which ones is not told.
TAKE_KEYS = f"""
    with fresh as ({TAKE_NEW_KEYS} on conflict do nothing returning key)
    select case when (select count(*) from fresh) < %(count)s then array(select key from fresh) end
"""


def begin_batch(session: Session) -> Batch:
    """Ask for the number of a batch; whoever asks what came so far waits until it is committed."""
    # The number is taken when the lock is.
    return session.asked(
        "select nextval('usage_ingest')"
        " from (select pg_advisory_xact_lock_shared(%(lock)s) offset 0) locked",
        {"lock": _lock(session)},
    )


def number_of(asked: Batch) -> int:
    """The number that was asked for."""
    rows = asked.fetchall()
    return int(rows[0][0])


def usage_so_far(session: Session) -> int:
    """The number of the last batch: all up to it are committed, all to come have higher ones.

    The lock ends with the transaction, so ask in one of its own.
    """
    session.rows("select pg_advisory_xact_lock(%s)", _lock(session))
    row = session.row("select case when is_called then last_value else 0 end from usage_ingest")
    return int(row[0]) if row else 0


def may_hope(merchant_id: UUID) -> bool:
    """Whether all keys of a merchant's next batch are likely to be new: none was known lately."""
    left = _careful.get(merchant_id, 0)
    if left > 1:
        _careful[merchant_id] = left - 1
    else:
        _careful.pop(merchant_id, None)
    return not left


def be_careful(merchant_id: UUID) -> None:
    """Remember, in this process, that a key was known."""
    _careful[merchant_id] = CAREFUL_BATCHES


def take_in(
    session: Session,
    arrivals: Arrivals,
    batch: int,
    now: datetime,
    *,
    is_hopeful: bool = False,
) -> dict[bytes, Outcome]:
    """Keep what is new; answers for each key whether it was new, known, or another event's.

    A few statements however many events there are, each in the order of its key, so that no two
    batches wait for each other: first the keys, then the events, the rollups last, because those of
    who uses much are what other batches wait for. Of two events with a key the first is taken.
    """
    if not len(arrivals):
        return {}
    in_order = _by_key(arrivals)
    keys = in_order.keys
    if is_hopeful:
        session.wait_no_more()
    fresh = _take_keys(session, in_order, is_hopeful=is_hopeful)
    if fresh is None:
        new = in_order
    else:
        new = in_order.picked([place for place, key in enumerate(keys) if key in fresh])
    if len(new):
        if not is_hopeful:
            session.wait_no_more()
        event_store().keep(session, new, batch, now)
        rollups.keep_up(session, new, batch)
    outcomes: dict[bytes, Outcome] = dict.fromkeys(new.keys, "accepted")
    if fresh is not None:
        contents = dict(zip(keys, in_order.contents, strict=True))
        for key, known in known_keys(session, [key for key in keys if key not in fresh]).items():
            outcomes[key] = outcome_of(contents[key], known)
    return outcomes


def known_keys(session: Session, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Those of the keys that were taken in before, each with the hash of what it said."""
    if not keys:
        return {}
    rows = arrays.rows(
        session,
        "select k.key, e.content from unnest(%(keys)s::uuid[]) k (key) cross join lateral (select"
        " content from event_key where merchant_id = %(merchant)s and key = k.key offset 0) e",
        {"merchant": session.merchant_id, "keys": arrays.uuids_of(keys)},
    )
    return {key.bytes: content.bytes for key, content in rows}


def outcome_of(content: bytes, known: bytes | None) -> Outcome:
    """What becomes of an event, by what is known under its key."""
    if known is None:
        return "accepted"
    return "duplicate" if known == content else "conflict"


def mark_late(session: Session, late: Mapping[UUID, date], batch: int) -> None:
    """Remember from which day on a subscription has events that came after it."""
    rows = [
        {"subscription_id": own, "ingest_no": batch, "since": since} for own, since in late.items()
    ]
    session.add("usage_late", rows)


def wake(session: Session, late: Mapping[UUID, date], today: date) -> None:
    """Give groups that nothing lay ahead for work again: something came after their end."""
    session.execute(
        "update billing_group g set next_due_on = %s, dirty_from = least(dirty_from, %s)"
        " where merchant_id = %s"
        " and next_due_on is null and id in (select billing_group_id from subscription_item"
        "  where merchant_id = %s and subscription_id = any(%s))",
        *(today, min(late.values()), session.merchant_id, session.merchant_id, list(late)),
    )


def _by_key(arrivals: Arrivals) -> Arrivals:
    """The same in the order of their keys, the first with each."""
    keys = arrivals.keys
    places = dict(zip(reversed(keys), reversed(range(len(keys))), strict=True))
    return arrivals.picked([places[key] for key in sorted(places)])


def _take_keys(session: Session, arrivals: Arrivals, *, is_hopeful: bool) -> set[bytes] | None:
    """Those keys that were not there, or None for all of them; each is taken in only once ever.

    A hopeful one waits for no answer and is refused, by the commit at the latest, if one was there.
    """
    values = {
        "merchant": session.merchant_id,
        "keys": arrays.uuids_of(arrivals.keys),
        "contents": arrays.uuids_of(arrivals.contents),
        "ats": arrays.instants_of(arrivals.instants),
    }
    if is_hopeful:
        arrays.often(session, TAKE_NEW_KEYS, values)
        return None
    row = arrays.often(session, TAKE_KEYS, {**values, "count": len(arrivals)}).fetchone()
    if row is None or row[0] is None:
        return None
    be_careful(session.merchant_id)
    return {key.bytes for key in row[0]}


def _lock(session: Session) -> int:
    """The number of the merchant's lock."""
    return int.from_bytes(session.merchant_id.bytes[:8], signed=True) ^ 0x7573616765
