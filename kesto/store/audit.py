"""The audit log: one entry per flow or chunk, chained by hash."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import msgspec

from kesto.store.session import Session


def record(
    session: Session, action: str, data: Mapping[str, object], now: datetime, actor: str = "system"
) -> None:
    """Append to the merchant's chain; its head stays locked until the transaction ends."""
    head = session.row(
        "select seq, sha256 from audit_head where merchant_id = %s for update", session.merchant_id
    )
    if head is None:
        raise LookupError("the merchant has no audit chain")
    seq, before = head[0] + 1, head[1]
    text = msgspec.json.encode(data, order="sorted").decode()
    sha256 = link_hash(before, seq, now, actor, action, text)
    session.execute(
        "insert into audit (merchant_id, seq, recorded_at, actor, action, data, sha256)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        *(session.merchant_id, seq, now, actor, action, text, sha256),
    )
    session.execute(
        "update audit_head set seq = %s, sha256 = %s where merchant_id = %s",
        *(seq, sha256, session.merchant_id),
    )


def link_hash(
    before: bytes, seq: int, recorded_at: datetime, actor: str, action: str, data: str
) -> bytes:
    """The hash of an entry: over the hash before it and all that the entry says."""
    content = msgspec.json.encode((before.hex(), seq, recorded_at, actor, action, data))
    return hashlib.sha256(content).digest()
