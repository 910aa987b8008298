"""Batches of events on their way to ClickHouse: safe in PostgreSQL until they have arrived.

A batch is kept here in the transaction that takes its keys. It is sent on with others, in a
shipment that always holds the same batches in the same order, and deleted after ClickHouse has
acknowledged it. Whoever reads takes what is here from here, and from ClickHouse what is of no batch
that is here: so a batch that is in both for a moment counts once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct

from kesto.store.session import Session, across_merchants
from kesto.store.usage.port import ALL, Arrival

MOST_BATCHES = 2_000
MOST_EVENTS = 100_000
"""How much a shipment holds: enough for ClickHouse to write few large parts."""

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


class Batch(Struct, frozen=True):
    """The new events of a batch, and when it came."""

    merchant_id: UUID
    ingest_no: int
    received_at: datetime
    arrivals: list[Arrival]


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


def keep(session: Session, arrivals: Sequence[Arrival], batch: int, now: datetime) -> None:
    """Keep the new events of a batch until they are sent on."""
    session.add(
        "usage_spool",
        [
            {
                "ingest_no": batch,
                "events": len(arrivals),
                "subscriptions": sorted({str(one.subscription_id) for one in arrivals}),
                "body": msgspec.json.encode(arrivals).decode(),
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
    """The numbers of all batches that wait, up to one; and those with events of subscriptions.

    To be asked before ClickHouse is: what leaves here in between has arrived there.
    """
    named = subscriptions if len(subscriptions) <= MOST_NAMED else ()
    only = " and subscriptions && %s::uuid[]" if named else " and %s::uuid[] is not null"
    rows = session.rows(
        f"select ingest_no, case when true{only} then received_at end,"
        f" case when true{only} then body end"
        " from usage_spool where merchant_id = %s and ingest_no <= %s order by ingest_no",
        *(list(named), list(named), session.merchant_id, seen),
    )
    found = [_batch((session.merchant_id, *row)) for row in rows if row[2] is not None]
    return [row[0] for row in rows], found


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


_arrivals = msgspec.json.Decoder(list[Arrival])


def _batch(row: Sequence[Any]) -> Batch:
    return Batch(row[0], row[1], row[2], _arrivals.decode(row[3]))
