"""Many windows of events at once, as a query of PostgreSQL has them."""

from collections.abc import Sequence
from typing import Any

from kesto.store import arrays
from kesto.store.session import Session
from kesto.store.usage.port import Window

WINDOWS = (
    "unnest(%(n)s::bigint[], %(subscriptions)s::uuid[], %(meters)s::uuid[],"
    " %(starts)s::timestamptz[], %(ends)s::timestamptz[])"
    " w (n, subscription_id, meter_id, start_at, end_at)"
)
# The events of each window are looked up by their key. A join would be planned by what the database
# believes of months that have just begun.
EVENTS = (
    "(select * from usage_event where merchant_id = %(merchant)s"
    " and subscription_id = w.subscription_id and meter_id = w.meter_id"
    " and at >= w.start_at and at < w.end_at and problem = '' and ingest_no <= %(seen)s"
    " offset 0) e"
)


def parameters(session: Session, windows: Sequence[Window], batch: int) -> dict[str, Any]:
    """What the queries over windows are given; they are asked by `arrays.rows`."""
    return {
        "merchant": session.merchant_id,
        "seen": batch,
        "n": arrays.numbered(len(windows)),
        "subscriptions": arrays.uuids([one.subscription_id for one in windows]),
        "meters": arrays.uuids([one.meter_id for one in windows]),
        "starts": arrays.instants([one.start_at for one in windows]),
        "ends": arrays.instants([one.end_at for one in windows]),
    }
