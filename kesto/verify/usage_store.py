"""The invariants of usage where events are in ClickHouse: no query of PostgreSQL sees them there.

Keys and rollups stay in PostgreSQL; they are held against what ClickHouse has and what waits.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from kesto.core.exact import EXACT
from kesto.core.ids import shown
from kesto.core.metering.metered import Labels
from kesto.store.session import Session, reading
from kesto.store.usage import rollups
from kesto.store.usage.chosen import clickhouse
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.port import Sum, Window
from kesto.store.usage.proofs import days_kept, days_taken_in, filled_windows
from kesto.verify.finding import Finding, finding
from kesto.verify.usage import U1, U7

MOST_WINDOWS = 5_000
TRIES = 3
"""A batch may come and arrive while both sides are looked at: what differs is looked at again."""

ELSEWHERE = frozenset({U1.id, U7.id})


def check_usage_store(merchant_id: UUID) -> list[Finding]:
    """Hold keys and rollups against the events in ClickHouse; nothing where there is none."""
    store = clickhouse()
    if store is None:
        return []
    found: list[Finding] = []
    for _ in range(TRIES):
        with reading(merchant_id, "audit") as session:
            found = [*_keys(session, store), *_rollups(session, store)]
        if not found:
            break
    return found


def _keys(session: Session, store: ClickHouseEvents) -> Iterator[Finding]:
    taken, kept = days_taken_in(session), days_kept(session, store)
    for day in sorted(taken.keys() | kept.keys()):
        expected, there = taken.get(day), kept.get(day)
        if expected != there:
            yield finding(
                U1,
                day=str(day),
                taken_in=expected.events if expected else 0,
                kept=there.events if there else 0,
                problem="the events of this day are not those whose keys were taken in",
            )


def _rollups(session: Session, store: ClickHouseEvents) -> Iterator[Finding]:
    after: Window | None = None
    while windows := filled_windows(session, after, MOST_WINDOWS):
        yield from _differing(session, store, windows)
        after = windows[-1]


def _differing(
    session: Session, store: ClickHouseEvents, windows: Sequence[Window]
) -> Iterator[Finding]:
    whole = rollups.read(session, windows)
    groups = rollups.read(session, windows, is_grouped=True)
    counted = store.sums(session, windows)
    for window, leading, own, sums in zip(windows, whole, groups, counted, strict=True):
        kept = {**(own or {}), **(leading or {})}
        expected = {**{labels: one for labels, one in sums.items() if labels}, **_total(sums)}
        for labels in kept.keys() | expected.keys():
            if kept.get(labels) != expected.get(labels):
                yield finding(
                    U7,
                    subscription=shown("subscription", window.subscription_id),
                    start_at=window.start_at,
                    end_at=window.end_at,
                    of_group=str(labels),
                    kept_sum=kept[labels].added if labels in kept else None,
                    sum=expected[labels].added if labels in expected else None,
                )


def _total(sums: dict[Labels, Sum]) -> dict[Labels, Sum]:
    if not sums:
        return {}
    added = Decimal(0)
    for one in sums.values():
        added = EXACT.add(added, one.added)
    return {
        (): Sum(
            sum(one.events for one in sums.values()),
            added,
            max(one.highest for one in sums.values()),
            max(one.newest for one in sums.values()),
        )
    }
