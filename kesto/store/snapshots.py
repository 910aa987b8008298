"""Snapshots: the exact bytes of a party's data, shared by content hash."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from kesto.core.invoice import Buyer, Seller, frozen_bytes
from kesto.store.session import Session


def snapshot_hash(party: Buyer | Seller) -> bytes:
    """The name under which a party's snapshot is kept."""
    return hashlib.sha256(frozen_bytes(party)).digest()


def keep_snapshots(session: Session, parties: Sequence[Buyer | Seller], now: datetime) -> None:
    """Keep what is not there yet; equal content is one row."""
    bodies = [frozen_bytes(party) for party in parties]
    session.execute(
        "insert into snapshot (merchant_id, sha256, kind, document, created_at)"
        " select %s, sha256, kind, document, %s"
        " from unnest(%s::bytea[], %s::text[], %s::text[]) as t(sha256, kind, document)"
        " on conflict do nothing",
        *(session.merchant_id, now),
        [hashlib.sha256(body).digest() for body in bodies],
        ["seller" if isinstance(party, Seller) else "buyer" for party in parties],
        [body.decode() for body in bodies],
    )
