"""Usage events in ClickHouse: kept in the spool first, shipped in large parts, counted there.

What is new was decided by `event_key` in PostgreSQL, in the transaction that fills the spool. An
answer is what ClickHouse has of all batches that do not wait, and what waits: never more or less
than was taken in. When ClickHouse is away, events are taken in and nothing is read.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import msgspec

from kesto.core.counting import Ask
from kesto.core.metering.metered import Labels
from kesto.core.pricing import Usage
from kesto.core.refusals import EventsAway
from kesto.store.session import Session
from kesto.store.usage import moves, spool
from kesto.store.usage.clickhouse_asks import intervals, readings
from kesto.store.usage.clickhouse_rows import ROWS, EventRow, Row, SumRow, rows_of
from kesto.store.usage.clickhouse_server import MOST_WAITING, Server
from kesto.store.usage.clickhouse_sql import (
    READING,
    TABLE,
    WRITING,
    Scope,
    in_windows,
    instant,
    is_wanted,
    zone_name,
)
from kesto.store.usage.port import (
    ALL,
    Arrivals,
    EventStore,
    KeptEvent,
    Sum,
    Wanted,
    Window,
)
from kesto.store.usage.spool import Shipment
from kesto.store.usage.spooled import spooled

COLUMNS = ", ".join(EventRow.__struct_fields__)


class ClickHouseEvents(EventStore):
    """The event store of an installation with very much usage."""

    def __init__(self, server: Server, most_waiting: int = MOST_WAITING) -> None:
        self.server = server
        self.most_waiting = most_waiting

    def keep(self, session: Session, arrivals: Arrivals, batch: int, now: datetime) -> None:
        """Keep events whose keys were new in the spool, committed together with the session."""
        moves.begin(session, now)
        waiting = spool.events_waiting(session)
        if waiting + len(arrivals) > self.most_waiting:
            raise EventsAway(
                f"{waiting:,} events wait for ClickHouse and no more are taken in until it takes"
                " them; see `kesto doctor`"
            )
        spool.keep(session, arrivals, batch, now)

    def sums(
        self, session: Session, windows: Sequence[Window], batch: int = ALL
    ) -> list[dict[Labels, Sum]]:
        """What many windows come to up to a batch, by the labels of their groups."""
        found: list[dict[Labels, Sum]] = [{} for _ in windows]
        if not windows:
            return found
        moves.refuse_unmoved(session)
        waiting = spooled(session, list({one.subscription_id for one in windows}), batch)
        query = (
            "select w.n, e.labels, count(), sum(e.number), max(e.number), max(e.ingest_no) from"
            + in_windows(waiting.scope, windows, ("labels", "number", "ingest_no"))
            + " group by w.n, e.labels"
        )
        for row in _sums.decode_lines(self.server.ask(query + READING)):
            found[row.n][row.labels] = Sum(row.events, row.added, row.highest, row.newest)
        waiting.add_sums(windows, found)
        return found

    def count(
        self, session: Session, asks: Sequence[Ask], batch: int = ALL
    ) -> Iterator[tuple[Ask, Usage, int]]:
        """The answers to asks that no sums are enough for, each with the newest batch in it."""
        moves.refuse_unmoved(session)
        waiting = spooled(session, list({one.subscription_id for one in asks}), batch)
        priced = [ask for ask in asks if ask.way == "intervals"]
        if priced:
            yield from intervals(session, self.server, priced, waiting)
        others = [ask for ask in asks if ask.way != "intervals"]
        if others:
            yield from readings(self.server, others, waiting)

    def events(
        self, session: Session, wanted: Wanted, limit: int, after: UUID | None = None
    ) -> list[KeptEvent]:
        """So many events in the order of (time, key), after the one with a key."""
        moves.refuse_unmoved(session)
        waiting = spooled(session, [wanted.subscription_id], wanted.seen)
        found, where = waiting.wanted(wanted), is_wanted(waiting.scope, wanted)
        if after is not None:
            at = _time_of(session, after)
            found = [one for one in found if (one.at, one.key) > (at, after)]
            where += (
                f" and at >= {instant(at)} and (at, toString(key)) > ({instant(at)}, '{after}')"
            )
        # An id is ordered by its text: ClickHouse has another order of its own for ids.
        query = (
            f"select {COLUMNS} from {TABLE} where {where} order by at, toString(key) limit {limit}"
        )
        read = [row.event() for row in _events.decode_lines(self.server.ask(query + READING))]
        return sorted([*read, *found], key=lambda one: (one.at, one.key))[:limit]

    def how_many(self, session: Session, wanted: Wanted, most: int = ALL) -> int:
        """How many events there are; `most` is enough to know."""
        moves.refuse_unmoved(session)
        waiting = spooled(session, [wanted.subscription_id], wanted.seen)
        where = is_wanted(waiting.scope, wanted)
        few = f" limit {most}" if most < ALL else ""
        query = f"select count() from (select 1 from {TABLE} where {where}{few})"
        ((count,),) = _numbers.decode_lines(self.server.ask(query + READING))
        return min(count + len(waiting.wanted(wanted)), most)

    def by_day(self, session: Session, wanted: Wanted, zone: str) -> list[tuple[date, Decimal]]:
        """What counted events come to on each local day that has any."""
        moves.refuse_unmoved(session)
        waiting = spooled(session, [wanted.subscription_id], wanted.seen)
        query = (
            f"select toDate(at, {zone_name(zone)}) as day, sum(number) from {TABLE}"
            f" where {is_wanted(waiting.scope, wanted)} group by day"
        )
        days = dict(_days.decode_lines(self.server.ask(query + READING)))
        waiting.add_days(wanted, zone, days)
        return sorted(days.items())

    def ship(self, shipment: Shipment) -> None:
        """Bring a shipment to ClickHouse; one that has arrived is known by its token, and whole.

        Raises EventsAway where it is not acknowledged: whether it has arrived is not known then.
        """
        if shipment.is_again and self._has_arrived(shipment):
            return
        self.insert([row for one in shipment.batches for row in rows_of(one)])

    def insert(self, rows: Sequence[Row], attempt: str = "") -> None:
        """Insert rows as one block, which is known by its token when it comes again.

        The token says what is in it, so it is no other block's: not another installation's, nor
        one of a database that was restored and counts anew. Another `attempt` is another block.
        """
        if rows:
            known = sha256(attempt.encode())
            for row in rows:
                known.update(row.merchant_id.bytes + row.key.bytes)
            statement = f"insert into {TABLE}{WRITING.format(known.hexdigest())} format JSONEachRow"
            self.server.tell(statement, ROWS.encode_lines(rows))

    def version(self) -> str:
        """The version of the server, which has the table. Raises EventsAway."""
        self.server.ask(f"select count() from {TABLE} where 0{READING}")
        ((version,),) = _texts.decode_lines(self.server.ask(f"select version(){READING}"))
        return version

    def counted(self, scope: Scope, where: str = "1") -> tuple[int, Decimal]:
        """How many events are there and what their numbers come to, of those that fulfil more."""
        query = f"select count(), sum(number) from {TABLE} where {scope.condition} and {where}"
        ((count, added),) = _totals.decode_lines(self.server.ask(query + READING))
        return count, added

    def _has_arrived(self, shipment: Shipment) -> bool:
        """Whether all of it is there; the server forgets tokens after a while."""
        numbers = [one.ingest_no for one in shipment.batches]
        named = ", ".join(map(str, numbers))
        owners = ", ".join(sorted({f"'{one.merchant_id}'" for one in shipment.batches}))
        query = (
            f"select count() from {TABLE} where merchant_id in ({owners})"
            f" and ingest_no between {min(numbers)} and {max(numbers)} and ingest_no in ({named})"
        )
        ((count,),) = _numbers.decode_lines(self.server.ask(query + READING))
        return bool(count == shipment.events)


def _time_of(session: Session, key: UUID) -> datetime:
    row = session.row(
        "select at from event_key where merchant_id = %s and key = %s", session.merchant_id, key
    )
    if row is None:
        raise LookupError(key)
    at: datetime = row[0]
    return at


_texts = msgspec.json.Decoder(tuple[str])
_numbers = msgspec.json.Decoder(tuple[int])
_totals = msgspec.json.Decoder(tuple[int, Decimal])
_days = msgspec.json.Decoder(tuple[date, Decimal])
_sums = msgspec.json.Decoder(SumRow)
_events = msgspec.json.Decoder(EventRow)
