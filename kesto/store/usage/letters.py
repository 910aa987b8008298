"""Dead letters: events that were rejected, kept as they were sent until they are mended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.metering.sent import Undated, is_name, key_of
from kesto.core.refusals import NotFound
from kesto.store.ids import new_ids
from kesto.store.session import Session, across_merchants

MOST_LETTERS = 20_000
"""A merchant's list holds so many: what is rejected beyond is told its sender, and not kept."""

MOST_BYTES = 16_000
SOURCE = "api"

_LETTER = "id, event_id, source, code, field, detail, event::text, is_undated, received_at"
_by_name = msgspec.json.Encoder(order="sorted")
_event = msgspec.json.Decoder(dict[str, Any])


class NewLetter(Struct, frozen=True):
    """A rejected event as it was sent, and why."""

    digest: UUID
    key: UUID
    event_id: str
    source: str
    code: str
    field: str
    detail: str
    event: dict[str, Any]
    is_undated: bool


class Letter(Struct, frozen=True):
    """A rejected event in the list."""

    id: UUID
    event_id: str
    source: str
    code: str
    field: str
    detail: str
    event: dict[str, Any]
    is_undated: bool
    received_at: datetime

    @property
    def as_sent(self) -> dict[str, object]:
        """The event as its sender gave it; one whose time was left to us happened when it came."""
        if not self.is_undated:
            return self.event
        return Undated({**self.event, "time": None})


def letter_from(raw: object, code: str, field: str, detail: str) -> NewLetter | None:
    """A rejected event to be kept; None for what is no event, has no id or is too long."""
    if not isinstance(raw, dict):
        return None
    own, source = raw.get("id"), raw.get("source") or SOURCE
    if not is_name(own) or not is_name(source):
        return None
    try:
        encoded = _by_name.encode(raw)
    except (UnicodeEncodeError, RecursionError, msgspec.MsgspecError, ValueError):
        return None
    if len(encoded) > MOST_BYTES or b"\\u0000" in encoded:
        return None
    digest = UUID(bytes=blake2b(encoded, digest_size=16).digest())
    key = UUID(bytes=key_of(source, own))
    is_undated = isinstance(raw, Undated)
    return NewLetter(
        *(digest, key, own, source, code, field, detail, dict(raw), is_undated),
    )


def keep(session: Session, dead: Sequence[NewLetter], now: datetime) -> None:
    """Keep rejected events, each once; the reason is that of the last time."""
    row = session.row(
        "select count(*) from (select from dead_letter where merchant_id = %s limit %s) t",
        *(session.merchant_id, MOST_LETTERS),
    )
    room = MOST_LETTERS - (row[0] if row else 0)
    once = [*{one.digest: one for one in dead}.values()][:room]
    if not once:
        return
    # Their ids are in the order in which they came; they are written in an order that all share.
    rows = sorted(zip(new_ids(len(once)), once, strict=True), key=lambda row: row[1].digest)
    session.execute(
        "insert into dead_letter (merchant_id, id, digest, key, event_id, source, code, field,"
        " detail, event, is_undated, received_at)"
        " select %s, *, %s from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[],"
        "  %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::boolean[])"
        " on conflict (merchant_id, digest) do update"
        " set code = excluded.code, field = excluded.field, detail = excluded.detail"
        " where dead_letter.code <> excluded.code",
        *(session.merchant_id, now),
        *map(list, zip(*(_row(own, one) for own, one in rows), strict=True)),
    )


def letters(
    session: Session, code: str = "", limit: int = 100, after: UUID | None = None
) -> list[Letter]:
    """The letters of a reason, or all, the oldest first."""
    rows = session.rows(
        f"select {_LETTER} from dead_letter where merchant_id = %s and (%s = '' or code = %s)"
        " and (%s::uuid is null or id > %s) order by id limit %s",
        *(session.merchant_id, code, code, after, after, limit),
    )
    return [_letter(row) for row in rows]


def counts(session: Session) -> dict[str, int]:
    """How many letters there are of each reason, most first."""
    rows = session.rows(
        "select code, count(*) from dead_letter where merchant_id = %s"
        " group by code order by count(*) desc, code",
        session.merchant_id,
    )
    return dict(rows)


def locked(session: Session, ids: Sequence[UUID]) -> list[Letter]:
    """Those of the letters that are still there, held until the end of the transaction."""
    rows = session.rows(
        f"select {_LETTER} from dead_letter where merchant_id = %s and id = any(%s)"
        " order by id for update",
        *(session.merchant_id, list(ids)),
    )
    return [_letter(row) for row in rows]


def letter_of(session: Session, own: UUID) -> Letter:
    """A letter. Raises NotFound."""
    rows = session.rows(
        f"select {_LETTER} from dead_letter where merchant_id = %s and id = %s",
        *(session.merchant_id, own),
    )
    if not rows:
        raise no_letter()
    return _letter(rows[0])


def no_letter() -> NotFound:
    """What is said where an event is not in the list any more."""
    return NotFound(
        "there is no such rejected event; it may have been mended already",
        code="unknown_event",
        field="event",
    )


def change(session: Session, own: UUID, changed: NewLetter) -> None:
    """Keep a letter with another content or reason; one that is there already takes its place."""
    session.execute(
        "delete from dead_letter where merchant_id = %s and digest = %s and id <> %s",
        *(session.merchant_id, changed.digest, own),
    )
    session.execute(
        "update dead_letter set digest = %s, key = %s, event_id = %s, source = %s, code = %s,"
        " field = %s, detail = %s, event = %s::jsonb, is_undated = %s"
        " where merchant_id = %s and id = %s",
        *(changed.digest, changed.key, changed.event_id, changed.source, changed.code),
        *(changed.field, changed.detail, msgspec.json.encode(changed.event).decode()),
        *(changed.is_undated, session.merchant_id, own),
    )


def give_reason(session: Session, own: UUID, code: str, field: str, detail: str) -> None:
    """Note why an event is rejected now, where that is another reason than before."""
    session.execute(
        "update dead_letter set code = %s, field = %s, detail = %s"
        " where merchant_id = %s and id = %s",
        *(code, field, detail, session.merchant_id, own),
    )


def remove(session: Session, ids: Sequence[UUID]) -> int:
    """Take letters off the list; says how many there were."""
    return session.execute(
        "delete from dead_letter where merchant_id = %s and id = any(%s)",
        *(session.merchant_id, list(ids)),
    )


def settle(session: Session, keys: Sequence[bytes]) -> None:
    """Take off the list what has come in by its id meanwhile."""
    session.execute(
        "delete from dead_letter where merchant_id = %s and key = any(%s)",
        *(session.merchant_id, [UUID(bytes=key) for key in keys]),
    )


def forget(session: Session, before: datetime, most: int) -> int:
    """Delete letters that came before a moment; says how many."""
    return session.execute(
        "delete from dead_letter where merchant_id = %s and id = any(array(select id"
        " from dead_letter where merchant_id = %s and received_at < %s limit %s))",
        *(session.merchant_id, session.merchant_id, before, most),
    )


def merchants_with_past(now: datetime, kept_for: timedelta) -> list[UUID]:
    """Merchants with letters that came so long ago, or with changes that can be forgotten."""
    with across_merchants() as connection:
        rows = connection.execute(
            "select merchant_id from dead_letter where received_at < %s"
            " union select merchant_id from placing_change"
            "  where seen_at is null or seen_at < now() - interval '1 hour'",
            [now - kept_for],
        )
        return [row[0] for row in rows]


def _row(own: UUID, one: NewLetter) -> Sequence[object]:
    event = msgspec.json.encode(one.event).decode()
    return (
        *(own, one.digest, one.key, one.event_id, one.source),
        *(one.code, one.field, one.detail, event, one.is_undated),
    )


def _letter(row: Sequence[Any]) -> Letter:
    own, event_id, source, code, field, detail, event, is_undated, received_at = row
    sent = _event.decode(event)
    return Letter(own, event_id, source, code, field, detail, sent, is_undated, received_at)
