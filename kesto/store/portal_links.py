"""Links into the portal: found by a hash before the merchant is known, spent once."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import connections
from msgspec import Struct

from kesto.store.session import ALIASES, Session

LINK = "portal_link"
ADD = """
    insert into portal_link (merchant_id, sha256, customer_id, scope, subject_id, created_at,
        expires_at)
    select m.id, %s, %s, %s, %s, %s, %s::timestamptz + make_interval(days => m.portal_link_days)
    from merchant m where m.id = %s
"""


class Door(Struct, frozen=True):
    """Whose link it is, whether it still counts or not."""

    merchant_id: UUID
    customer_id: UUID


class Opened(Struct, frozen=True):
    """What a link opens: a customer's visit, what it may do, and what its message was about."""

    customer_id: UUID
    scope: str
    subject_id: UUID | None


def link_hash(token: str) -> bytes:
    """What a link is found by: with 256 bits of chance in it, a plain hash will do."""
    return hashlib.sha256(f"portal:{token}".encode()).digest()


def door_of_link(token: str) -> Door | None:
    """Whose link a token is, or None; asked before the merchant is known."""
    with connections[ALIASES["app"]].cursor() as cursor:
        cursor.execute(
            "select merchant_id, subject_id from entry_of(%s, %s)", [link_hash(token), LINK]
        )
        row = cursor.fetchone()
    return Door(*row) if row else None


def add_link(
    session: Session,
    token: str,
    customer_id: UUID,
    scope: str,
    subject_id: UUID | None,
    now: datetime,
) -> None:
    """Let a token lead to a customer for as long as the merchant's links last."""
    sha256 = link_hash(token)
    session.rows("select entry_add(%s, %s, %s)", sha256, LINK, customer_id)
    session.execute(ADD, *(sha256, customer_id, scope, subject_id, now, now, session.merchant_id))


def open_link(session: Session, token: str, now: datetime) -> Opened | None:
    """What a link opens, or None for one that is spent or whose time has run out."""
    row = session.row(
        "select customer_id, scope, subject_id from portal_link where merchant_id = %s"
        " and sha256 = %s and spent_at is null and expires_at > %s",
        *(session.merchant_id, link_hash(token), now),
    )
    return Opened(*row) if row else None


def subject_of(session: Session, token: str) -> UUID | None:
    """What a link's message was about, whether the link is spent or not."""
    row = session.row(
        "select subject_id from portal_link where merchant_id = %s and sha256 = %s",
        *(session.merchant_id, link_hash(token)),
    )
    return row[0] if row else None


def spend_link(session: Session, token: str, now: datetime) -> Opened | None:
    """Spend a link: of many who try at once one gets what it opens, the others None."""
    row = session.row(
        "update portal_link set spent_at = %s where merchant_id = %s and sha256 = %s"
        " and spent_at is null and expires_at > %s returning customer_id, scope, subject_id",
        *(now, session.merchant_id, link_hash(token), now),
    )
    return Opened(*row) if row else None


def ask_new_link(session: Session, customer_id: UUID, now: datetime) -> None:
    """Have a new link sent to the customer; while one waits to be sent, no second one is."""
    session.execute(
        "insert into outbox (merchant_id, topic, subject_id, created_at)"
        " values (%s, 'portal.link', %s, %s) on conflict do nothing",
        *(session.merchant_id, customer_id, now),
    )
