"""Batches of events on their way to ClickHouse: safe in PostgreSQL until they have arrived.

A batch is kept here in the transaction that takes its keys. It is sent on with others, in a
shipment that always holds the same batches in the same order, and deleted after ClickHouse has
acknowledged it. Whoever reads takes what is here from here, and from ClickHouse what is of no batch
that is here: so a batch that is in both for a moment counts once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from msgspec.structs import asdict, replace

from kesto.store.session import Session, across_merchants
from kesto.store.usage.port import ALL, Arrival, Arrivals

MOST_BATCHES = 2_000
MOST_EVENTS = 100_000
"""How much a shipment holds: enough for ClickHouse to write few large parts."""

MOST_DECODED = 50_000
"""So many events of batches that were read are kept at hand in a process."""

MOST_NAMED = 64
"""Up to so many subscriptions are looked for in each batch; for more, all batches are read."""

CLAIM = """
    with waiting as (
        select merchant_id, ingest_no,
            sum(events) over (order by ingest_no rows unbounded preceding) - events as before
        from (select * from usage_spool where shipment is null order by ingest_no limit %s) t),
    taken as (
        select s.merchant_id, s.ingest_no from usage_spool s join waiting w
            on w.merchant_id = s.merchant_id and w.ingest_no = s.ingest_no and w.before < %s
        where s.shipment is null order by s.ingest_no for update of s skip locked),
    named as (select nextval('usage_shipment') as shipment where exists (select from taken))
    update usage_spool s set shipment = n.shipment from taken t, named n
    where s.merchant_id = t.merchant_id and s.ingest_no = t.ingest_no returning s.shipment
"""
# An alert looks again when something came for its subscription: from here on it can't see that by
# itself.
TELL_ALERTS = """
    update usage_alert a set came_no = greatest(a.came_no, s.ingest_no)
    from (select merchant_id, own, max(ingest_no) as ingest_no
            from usage_spool, unnest(subscriptions) own where shipment = %s group by 1, 2) s
    where a.merchant_id = s.merchant_id and a.subscription_id = s.own
"""


IDS = ("subscription_id", "meter_id", "key", "content")


class SpooledEvent(Struct, frozen=True, gc=False):
    """An arrival as it is written down here, its ids as such."""

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


class Batch(Struct, frozen=True):
    """The new events of a batch, and when it came."""

    merchant_id: UUID
    ingest_no: int
    received_at: datetime
    arrivals: list[SpooledEvent]


class Shipment(Struct, frozen=True):
    """What is sent together, always the same; `is_again`: it may have arrived before."""

    number: int
    batches: list[Batch]
    is_again: bool

    @property
    def events(self) -> int:
        """How many events it holds."""
        return sum(len(one.arrivals) for one in self.batches)


class Waiting(Struct, frozen=True):
    """How much waits for ClickHouse, and since when."""

    batches: int = 0
    events: int = 0
    since: datetime | None = None


def keep(session: Session, arrivals: Arrivals, batch: int, now: datetime) -> None:
    """Keep the new events of a batch until they are sent on."""
    named = {str(UUID(bytes=own)) for own in arrivals.subscription_ids}
    session.add(
        "usage_spool",
        [
            {
                "ingest_no": batch,
                "events": len(arrivals),
                "subscriptions": sorted(named),
                "body": msgspec.json.encode([*map(_written, arrivals.each())]).decode(),
                "received_at": now,
            }
        ],
    )


def events_waiting(session: Session) -> int:
    """How many of the merchant's events wait."""
    row = session.row(
        "select coalesce(sum(events), 0)::bigint from usage_spool where merchant_id = %s",
        session.merchant_id,
    )
    return row[0] if row else 0


def batches(
    session: Session, subscriptions: Sequence[UUID] = (), seen: int = ALL
) -> tuple[list[int], list[Batch]]:
    """The numbers of all batches that wait, up to one, and those with events of subscriptions.

    To be asked before ClickHouse is: what leaves here in between has arrived there. Of a few
    subscriptions only their events are given.
    """
    named = subscriptions if len(subscriptions) <= MOST_NAMED else ()
    rows = session.rows(
        "select ingest_no, cardinality(%s::uuid[]) = 0 or subscriptions && %s::uuid[]"
        " from usage_spool where merchant_id = %s and ingest_no <= %s order by ingest_no",
        *(list(named), list(named), session.merchant_id, seen),
    )
    found = _read(session, [row[0] for row in rows if row[1]])
    # What was here a moment ago and has left since then has arrived, and is asked for there.
    numbers = [no for no, is_wanted in rows if not is_wanted or no in found]
    return numbers, [one.of(named) if named else one.batch for one in found.values()]


class _Decoded(Struct, frozen=True):
    """A batch, and its events by their subscription: who asks again need not read it again."""

    batch: Batch
    by_subscription: dict[UUID, list[SpooledEvent]]

    def of(self, subscriptions: Sequence[UUID]) -> Batch:
        """The batch with the events of a few subscriptions only."""
        own = [one for named in subscriptions for one in self.by_subscription.get(named, ())]
        return replace(self.batch, arrivals=own)


def _read(session: Session, numbers: Sequence[int]) -> dict[int, _Decoded]:
    """Batches by their numbers, without those that have left; a batch never changes."""
    own = session.merchant_id
    with _LOCK:
        found = {no: _decoded[own, no] for no in numbers if (own, no) in _decoded}
    rows = session.rows(
        "select merchant_id, ingest_no, received_at, body from usage_spool"
        " where merchant_id = %s and ingest_no = any(%s)",
        *(own, [no for no in numbers if no not in found]),
    )
    for row in rows:
        batch = _batch(row)
        by_subscription: dict[UUID, list[SpooledEvent]] = {}
        for one in batch.arrivals:
            by_subscription.setdefault(one.subscription_id, []).append(one)
        found[batch.ingest_no] = _Decoded(batch, by_subscription)
    _remember(own, [found[row[1]] for row in rows])
    return dict(sorted(found.items()))


def _remember(own: UUID, read: Sequence[_Decoded]) -> None:
    with _LOCK:
        for one in read:
            kept = sum(len(other.batch.arrivals) for other in _decoded.values())
            if kept + len(one.batch.arrivals) > MOST_DECODED:
                _decoded.clear()
            if len(one.batch.arrivals) <= MOST_DECODED:
                _decoded[own, one.batch.ingest_no] = one


def claim(session: Session) -> Shipment | None:
    """The oldest shipment that has not been acknowledged, or what waits made one; None: nothing.

    To be committed before it is sent. Of all merchants together: ClickHouse wants few large parts.
    """
    row = session.row("select min(shipment) from usage_spool where shipment is not null")
    number, is_again = (row[0] if row else None), True
    if number is None:
        made = session.row(CLAIM, MOST_BATCHES, MOST_EVENTS)
        if made is None:
            return None
        number, is_again = made[0], False
    rows = session.rows(
        "select merchant_id, ingest_no, received_at, body from usage_spool where shipment = %s"
        " order by ingest_no",
        number,
    )
    return Shipment(number, [_batch(row) for row in rows], is_again)


def settle(session: Session, shipment: Shipment) -> None:
    """Let go of what ClickHouse has acknowledged."""
    session.execute(TELL_ALERTS, shipment.number)
    session.execute("delete from usage_spool where shipment = %s", shipment.number)


def waiting() -> Waiting:
    """How much of all merchants waits."""
    with across_merchants() as connection:
        return waiting_in(connection)


def waiting_in(connection: psycopg.Connection[Any]) -> Waiting:
    """The same over a connection that sees all merchants."""
    row = connection.execute(
        "select count(*), coalesce(sum(events), 0)::bigint, min(received_at) from usage_spool"
    ).fetchone()
    return Waiting(*row) if row else Waiting()


def first_waiting() -> UUID | None:
    """A merchant with events that wait; None where nothing does."""
    with across_merchants() as connection:
        row = connection.execute(
            "select merchant_id from usage_spool order by ingest_no limit 1"
        ).fetchone()
    return row[0] if row else None


_LOCK = Lock()
_decoded: dict[tuple[UUID, int], _Decoded] = {}
_arrivals = msgspec.json.Decoder(list[SpooledEvent])


def _batch(row: Sequence[Any]) -> Batch:
    return Batch(row[0], row[1], row[2], _arrivals.decode(row[3]))


def _written(one: Arrival) -> dict[str, object]:
    """An arrival as it is written down here, its ids as such."""
    properties = None if one.properties is None else msgspec.Raw(one.properties)
    ids = {name: UUID(bytes=getattr(one, name)) for name in IDS}
    return {**asdict(one), **ids, "properties": properties}
