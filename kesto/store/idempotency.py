"""Answers kept under an idempotency key, so that a request which comes again is done once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.store.session import Session, across_merchants


class Asked(Struct, frozen=True):
    """A request under a key: `scope` is who asks for what, `fingerprint` what exactly."""

    scope: str
    key: str
    fingerprint: bytes


class Answer(Struct, frozen=True):
    """An answer, byte for byte; `resource_id` is what was made or changed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    resource_id: UUID | None = None


class Kept(Struct, frozen=True):
    """An answer with what was asked for it; None once it was erased."""

    fingerprint: bytes
    answer: Answer | None


def hold(session: Session, asked: Asked) -> bool:
    """Take the key for this transaction; False at once when another one has it."""
    row = session.row(
        "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
        msgspec.json.encode((session.merchant_id, asked.scope, asked.key)).decode(),
    )
    return row is not None and bool(row[0])


def kept(session: Session, asked: Asked, since: datetime) -> Kept | None:
    """What was answered under the key; an answer from before `since` is forgotten here."""
    own = (session.merchant_id, asked.scope, asked.key)
    session.execute(
        "delete from idempotency where merchant_id = %s and scope = %s and key = %s"
        " and created_at < %s",
        *(*own, since),
    )
    row = session.row(
        "select fingerprint, status, headers::text, body, resource_id from idempotency"
        " where merchant_id = %s and scope = %s and key = %s",
        *own,
    )
    if row is None:
        return None
    fingerprint, status, headers, body, resource_id = row
    if body is None:
        return Kept(fingerprint, None)
    return Kept(fingerprint, Answer(status, msgspec.json.decode(headers), body, resource_id))


def keep(session: Session, asked: Asked, answer: Answer, now: datetime) -> None:
    """Keep an answer under the key."""
    session.execute(
        "insert into idempotency (merchant_id, scope, key, fingerprint, state, status, headers,"
        " body, resource_id, created_at)"
        " values (%s, %s, %s, %s, 'done', %s, %s::jsonb, %s, %s, %s)",
        *(session.merchant_id, asked.scope, asked.key, asked.fingerprint, answer.status),
        msgspec.json.encode(answer.headers).decode(),
        *(answer.body, answer.resource_id, now),
    )


def erase(session: Session, resources: Sequence[UUID], names: Sequence[str]) -> int:
    """Take away what was answered about some resources, or with one of some ids in it.

    The key stays, with nothing that says what was asked or answered, so that the work is not done
    again. Refusals go whole, whomever they are about: they quote what was sent, they did nothing,
    and who sends again is simply refused again. Answers how many went.
    """
    found = session.execute(
        "update idempotency set state = 'erased', fingerprint = '', status = null, headers = null,"
        " body = null, resource_id = null"
        " where merchant_id = %s and state = 'done' and (resource_id = any(%s)"
        " or exists (select from unnest(%s::bytea[]) as name where position(name in body) > 0))",
        *(session.merchant_id, list(resources), [name.encode() for name in names]),
    )
    return found + session.execute(
        "delete from idempotency where merchant_id = %s and status >= 400", session.merchant_id
    )


def forget(session: Session, before: datetime, most: int) -> int:
    """Delete the merchant's answers from before a moment, at most so many; answers how many."""
    return session.execute(
        "delete from idempotency where merchant_id = %s and (scope, key) in ("
        " select scope, key from idempotency where merchant_id = %s and created_at < %s"
        " order by created_at limit %s)",
        *(session.merchant_id, session.merchant_id, before, most),
    )


def merchants_with_answers(before: datetime) -> list[UUID]:
    """The merchants with answers from before a moment."""
    with across_merchants() as connection:
        rows = connection.execute(
            "select distinct merchant_id from idempotency where created_at < %s", [before]
        )
        return [row[0] for row in rows]
