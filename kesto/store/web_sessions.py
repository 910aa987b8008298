"""Signed-in visits: found by the hash of their key, ended one by one or all of a person."""

from typing import Literal
from uuid import UUID

import msgspec
from django.db import connections
from msgspec import Struct

from kesto.store.session import ALIASES, writing

Kind = Literal["staff", "portal"]

KEEP = """
    insert into web_session (merchant_id, sha256, kind, subject_id, data, expires_at)
    values (%s, %s, %s, %s, %s::jsonb, now() + make_interval(secs => %s))
    on conflict (sha256) do update set data = excluded.data, expires_at = excluded.expires_at
"""


class WebSession(Struct, frozen=True):
    """A visit: whose it is and what it remembers."""

    merchant_id: UUID
    subject_id: UUID
    data: dict[str, object]


def find_session(sha256: bytes, kind: Kind) -> WebSession | None:
    """The visit whose key has this hash, if it has not expired; its merchant is not known yet."""
    with connections[ALIASES["app"]].cursor() as cursor:
        cursor.execute(
            "select merchant_id, subject_id, data from session_of(%s, %s)", [sha256, kind]
        )
        row = cursor.fetchone()
    return row and WebSession(row[0], row[1], msgspec.json.decode(row[2]))


def keep_session(sha256: bytes, kind: Kind, kept: WebSession, seconds: int) -> None:
    """Write down a visit, which ends so many seconds from now."""
    with writing(kept.merchant_id) as session:
        session.execute(
            KEEP,
            *(kept.merchant_id, sha256, kind, kept.subject_id),
            *(msgspec.json.encode(kept.data).decode(), seconds),
        )


def end_session(sha256: bytes, merchant_id: UUID) -> None:
    """End one visit, and clear away those of the merchant that have expired."""
    with writing(merchant_id) as session:
        session.execute("delete from web_session where sha256 = %s or expires_at < now()", sha256)


def end_sessions_of(subject_id: UUID, kind: Kind, merchant_id: UUID) -> int:
    """End all visits of a person; say how many there were."""
    with writing(merchant_id) as session:
        return session.execute(
            "delete from web_session where kind = %s and subject_id = %s", kind, subject_id
        )
