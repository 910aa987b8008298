"""Quotes in the database: what a change comes to, kept until it is confirmed or too old."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.changes.command import Command
from kesto.core.history import SubscriptionEvent
from kesto.store.session import Session


class Quote(Struct, frozen=True):
    """A stored price that the confirm step executes.

    `basis` is the newest event of each billing group when it was made: another one since then
    makes the quote stale. `lines_sha256` seals the lines that were shown.
    """

    id: UUID
    subscription_id: UUID
    command: Command
    events: tuple[SubscriptionEvent, ...]
    basis: dict[str, int]
    lines_sha256: str
    expires_at: datetime
    created_at: datetime
    confirmed_at: datetime | None = None


QUOTE = """
    select id, subscription_id, command::text, events::text, basis, lines_sha256, expires_at,
        created_at, confirmed_at
    from quote where merchant_id = %s and id = %s
"""

_command = msgspec.json.Decoder(Command)
_events = msgspec.json.Decoder(tuple[SubscriptionEvent, ...])


def add(session: Session, quote: Quote) -> None:
    """Keep a quote."""
    row: Mapping[str, object] = msgspec.structs.asdict(quote)
    session.add("quote", [row])


def quote(session: Session, quote_id: UUID) -> Quote | None:
    """A quote, or None."""
    return _read(session.row(QUOTE, session.merchant_id, quote_id))


def lock(session: Session, quote_id: UUID) -> Quote | None:
    """A quote, locked until the transaction ends, or None."""
    return _read(session.row(f"{QUOTE} for update", session.merchant_id, quote_id))


def confirm(session: Session, quote_id: UUID, now: datetime) -> None:
    """Say that a quote was carried out."""
    session.execute(
        "update quote set confirmed_at = %s where merchant_id = %s and id = %s",
        *(now, session.merchant_id, quote_id),
    )


def _read(row: tuple[Any, ...] | None) -> Quote | None:
    if row is None:
        return None
    own, subscription_id, command, events, *rest = row
    return Quote(own, subscription_id, _command.decode(command), _events.decode(events), *rest)
