"""Events into the store: each once, in the order of batches, with a mark on what came late."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from kesto.store.session import Session

Outcome = Literal["accepted", "duplicate", "conflict"]


class Arrival(Struct, frozen=True, gc=False):
    """An event as it is kept: `number` as text; `content` tells it from another of the same key."""

    subscription_id: UUID
    meter_id: UUID
    at: datetime
    key: UUID
    content: UUID
    happened_at: datetime | None
    source: str
    event_id: str
    number: str
    name: str | None
    is_removal: bool
    labels: tuple[str | None, ...] | None
    problem: str
    sent: str
    properties: Mapping[str, object] | None


def begin_batch(session: Session) -> int:
    """The number of a batch; whoever asks what came so far waits until it is committed."""
    session.rows("select pg_advisory_xact_lock_shared(%s)", _lock(session))
    row = session.row("select nextval('usage_ingest')")
    return int(row[0]) if row else 0


def usage_so_far(session: Session) -> int:
    """The number of the last batch: all up to it are committed, all to come have higher ones.

    The lock ends with the transaction, so ask in one of its own.
    """
    session.rows("select pg_advisory_xact_lock(%s)", _lock(session))
    row = session.row("select case when is_called then last_value else 0 end from usage_ingest")
    return int(row[0]) if row else 0


def take_in(
    session: Session, arrivals: Sequence[Arrival], batch: int, now: datetime
) -> dict[UUID, Outcome]:
    """Keep what is new; answers for each key whether it was new, known, or another event's."""
    if not arrivals:
        return {}
    in_order = sorted(arrivals, key=lambda one: one.key)
    keys = [one.key for one in in_order]
    fresh = {
        row[0]
        for row in session.rows(
            "insert into event_key (merchant_id, key, content, at)"
            " select %s, * from unnest(%s::uuid[], %s::uuid[], %s::timestamptz[])"
            " on conflict do nothing returning key",
            *(session.merchant_id, keys),
            [one.content for one in in_order],
            [one.at for one in in_order],
        )
    }
    new = [one for one in in_order if one.key in fresh]
    rows = [{**asdict(one), "ingest_no": batch, "received_at": now} for one in new]
    for row in rows:
        del row["content"]
    session.add("usage_event", rows)
    known = known_keys(session, [key for key in keys if key not in fresh])
    return {one.key: _outcome(one, fresh, known) for one in in_order}


def known_keys(session: Session, keys: Sequence[UUID]) -> dict[UUID, UUID]:
    """Those of the keys that were taken in before, each with the hash of what it said."""
    if not keys:
        return {}
    rows = session.rows(
        "select key, content from event_key where merchant_id = %s and key = any(%s)",
        *(session.merchant_id, list(keys)),
    )
    return dict(rows)


def outcome_of(content: UUID, known: UUID | None) -> Outcome:
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


def _outcome(one: Arrival, fresh: set[UUID], known: Mapping[UUID, UUID]) -> Outcome:
    return outcome_of(one.content, None if one.key in fresh else known[one.key])


def _lock(session: Session) -> int:
    """The number of the merchant's lock."""
    return int.from_bytes(session.merchant_id.bytes[:8], signed=True) ^ 0x7573616765
