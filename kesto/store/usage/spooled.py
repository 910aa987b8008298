"""The events of batches that wait for ClickHouse, counted here as ClickHouse would count them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.exact import EXACT
from kesto.core.metering.metered import Labels
from kesto.store.session import Session
from kesto.store.usage import spool
from kesto.store.usage.clickhouse_sql import Scope
from kesto.store.usage.port import ALL, KeptEvent, Sum, Wanted, Window
from kesto.store.usage.spool import Batch, SpooledEvent

NO_SUM = Sum(0, Decimal(0), Decimal("-Infinity"), 0)


class Spooled(Struct, frozen=True):
    """What waits of some subscriptions; `scope` is what ClickHouse is asked for beside it."""

    scope: Scope
    batches: Sequence[Batch]

    def in_windows(self, windows: Sequence[Window]) -> Iterator[tuple[int, SpooledEvent, int]]:
        """The counted events of each window, with its place and the number of their batch."""
        found: dict[tuple[UUID, UUID], list[tuple[datetime, SpooledEvent, int]]] = {}
        for batch in self.batches:
            for one in batch.arrivals:
                if not one.problem:
                    own = found.setdefault((one.subscription_id, one.meter_id), [])
                    own.append((one.at, one, batch.ingest_no))
        for own in found.values():
            own.sort(key=_moment)
        for n, window in enumerate(windows):
            own = found.get((window.subscription_id, window.meter_id), [])
            first = bisect_left(own, window.start_at, key=_moment)
            for place in range(first, bisect_left(own, window.end_at, key=_moment)):
                yield n, own[place][1], own[place][2]

    def wanted(self, wanted: Wanted) -> list[KeptEvent]:
        """The events that are wanted, in the order of (time, key)."""
        found = [
            kept_event(one, batch)
            for batch in self.batches
            for one in batch.arrivals
            if _is_wanted(one, wanted)
        ]
        return sorted(found, key=lambda one: (one.at, one.key))

    def add_sums(self, windows: Sequence[Window], sums: list[dict[Labels, Sum]]) -> None:
        """Add what waits to what ClickHouse has."""
        for n, one, batch in self.in_windows(windows):
            labels = tuple(one.labels or ())
            sums[n][labels] = plus(sums[n].get(labels, NO_SUM), Decimal(one.number), batch)

    def add_days(self, wanted: Wanted, zone: str, days: dict[date, Decimal]) -> None:
        """Add what waits to the days of a chart."""
        for one in self.wanted(wanted):
            day = local_date(one.at, zone)
            days[day] = EXACT.add(days.get(day, Decimal(0)), one.number)


def spooled(session: Session, subscriptions: Sequence[UUID], seen: int = ALL) -> Spooled:
    """What waits of subscriptions up to a batch; to be asked before ClickHouse is."""
    numbers, batches = spool.batches(session, subscriptions, seen)
    return Spooled(Scope(session.merchant_id, seen, numbers), batches)


def plus(found: Sum, number: Decimal, batch: int) -> Sum:
    """A sum with one event more."""
    return Sum(
        found.events + 1,
        EXACT.add(found.added, number),
        max(found.highest, number),
        max(found.newest, batch),
    )


def kept_event(one: SpooledEvent, batch: Batch) -> KeptEvent:
    """An event that waits, as it is read."""
    return KeptEvent(
        key=one.key,
        subscription_id=one.subscription_id,
        meter_id=one.meter_id,
        at=one.at,
        happened_at=one.happened_at,
        source=one.source,
        event_id=one.event_id,
        number=Decimal(one.number),
        name=one.name,
        is_removal=one.is_removal,
        labels=one.labels,
        problem=one.problem,
        sent=one.sent,
        properties=one.properties,
        ingest_no=batch.ingest_no,
        received_at=batch.received_at,
    )


def _moment(one: tuple[datetime, SpooledEvent, int]) -> datetime:
    return one[0]


def _is_wanted(one: SpooledEvent, wanted: Wanted) -> bool:
    return (
        one.subscription_id == wanted.subscription_id
        and wanted.meter_id in (None, one.meter_id)
        and (wanted.start_at is None or wanted.start_at <= one.at)
        and (wanted.end_at is None or one.at < wanted.end_at)
        and not (wanted.is_counted and one.problem)
    )
