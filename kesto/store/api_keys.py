"""Keys of the API: found by their hash before the merchant is known, revoked and never deleted."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.api_keys import VERSIONS, Scope, shown_prefix
from kesto.store.ids import new_id
from kesto.store.session import Session, asked_before_all

KEY = "id, name, prefix, scopes, created_at, last_used_at, revoked_at, version"


class ApiKey(Struct, frozen=True):
    """A key as people see it."""

    id: UUID
    name: str
    prefix: str
    scopes: Sequence[Scope]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    version: str


class Holder(Struct, frozen=True):
    """Whose a key is, what it may do, and which version of the API it was made for."""

    merchant_id: UUID
    key_id: UUID
    scopes: tuple[str, ...]
    last_used_at: datetime | None
    version: str


def key_hash(key: str) -> bytes:
    """What a key is found by: with 256 bits of chance in it, a plain hash will do."""
    return hashlib.sha256(f"api:{key}".encode()).digest()


def holder_of(key: str) -> Holder | None:
    """Whose key it is, or None for one that is unknown, revoked or run out."""
    row = asked_before_all(
        "select merchant_id, key_id, scopes, last_used_at, version from key_of(%(hash)s)",
        {"hash": key_hash(key)},
    )
    return Holder(row[0], row[1], tuple(row[2]), *row[3:]) if row else None


def keys(session: Session) -> list[ApiKey]:
    """All keys of the merchant, the oldest first; revoked ones too."""
    rows = session.rows(
        f"select {KEY} from api_key where merchant_id = %s order by id", session.merchant_id
    )
    return [ApiKey(*row) for row in rows]


def add_key(
    session: Session, key: str, name: str, scopes: tuple[Scope, ...], now: datetime, actor: str
) -> UUID:
    """Write a new key down: its hash, its beginning, and the newest version of the API."""
    key_id = new_id()
    session.execute(
        "insert into api_key (merchant_id, id, sha256, name, prefix, scopes, created_at,"
        " version, made_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        *(session.merchant_id, key_id, key_hash(key), name, shown_prefix(key), [*scopes], now),
        *(VERSIONS[-1], actor),
    )
    return key_id


def made_by(session: Session, key_id: UUID) -> str:
    """Who made a key, as the audit log names them; empty where nobody knows."""
    row = session.row(
        "select made_by from api_key where merchant_id = %s and id = %s",
        *(session.merchant_id, key_id),
    )
    return row[0] if row else ""


def revoke(session: Session, key_id: UUID, now: datetime) -> ApiKey | None:
    """Let a key count no more; None when there is none that still counts."""
    row = session.row(
        "update api_key set revoked_at = %s where merchant_id = %s and id = %s"
        f" and revoked_at is null returning {KEY}",
        *(now, session.merchant_id, key_id),
    )
    return ApiKey(*row) if row else None


def note_use(session: Session, key_id: UUID, now: datetime) -> None:
    """Write down when a key was last used."""
    session.execute(
        "update api_key set last_used_at = %s where merchant_id = %s and id = %s",
        *(now, session.merchant_id, key_id),
    )
