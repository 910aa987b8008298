"""Open rollups: what runs now, and what begins soon, is kept up from here on as events come.

All of a merchant's once an hour, and what somebody changed within seconds.

It is the only place that knows which windows of time anybody will ask for. When it comes late,
usage is read from the events meanwhile: slower, and the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kesto.core.clock import Clock
from kesto.core.counting import ask_of, running_stretch
from kesto.core.item import Item
from kesto.store import billing, running
from kesto.store.catalogue import PriceList
from kesto.store.session import Session, crash_point, reading, writing
from kesto.store.usage import moved, rollups
from kesto.store.usage.chosen import event_store
from kesto.store.usage.counted import UsageBook
from kesto.store.usage.port import Window
from kesto.store.usage.rollups import Opened
from kesto.store.usage.taking_in import usage_so_far
from kesto.store.usage.windows import window_of

AHEAD = timedelta(days=2)
"""So long before a period begins its rollups are opened; events come at most a day before."""
CHUNK_GROUPS = 500
CHUNK_MOVED = 200
SMALL_GROUP = 200
"""A change makes the rollups of its whole group stale. Up to so many are opened with it; in a
larger group those of who changed, and the others by the hour: a payer of thousands changes all day.
"""


def open_rollups(merchant_id: UUID, now: datetime) -> int:
    """Open what is missing at the merchant's time; answers how many rollups were filled.

    No entry of the audit log: it changes nothing that anybody agreed on.
    """
    filled, after = 0, UUID(int=0)
    moments = (now, now + AHEAD)
    while True:
        with reading(merchant_id, "run") as session:
            groups = rollups.groups_without(session, moments, after, CHUNK_GROUPS)
            opened = _once(one for some in _of_groups(session, groups, moments) for one in some)
        if opened:
            filled += open_these(merchant_id, opened)
        if len(groups) < CHUNK_GROUPS:
            return filled
        after = groups[-1]


def open_moved(merchant_id: UUID, since: str, now: datetime) -> int:
    """The same for what changed since a snapshot of the database, and nothing else.

    Many changes that were made at once are left to the hour.
    """
    with reading(merchant_id, "run") as session:
        subscriptions = moved.moved_since(session, since)
    filled, moments = 0, (now, now + AHEAD)
    for start in range(0, len(subscriptions), CHUNK_MOVED):
        some = {*subscriptions[start : start + CHUNK_MOVED]}
        with reading(merchant_id, "run") as session:
            groups = running.groups_of(session, [*some])
            found = [
                one
                for opened in _of_groups(session, groups, moments)
                for one in opened
                if _is_small(opened) or one.window.subscription_id in some
            ]
        if found:
            filled += open_these(merchant_id, _once(found))
    return filled


def _is_small(opened: Sequence[Opened]) -> bool:
    """Whether so few windows are of a group that all of them are opened at once."""
    return len({one.window for one in opened}) <= SMALL_GROUP


def open_these(merchant_id: UUID, opened: Sequence[Opened]) -> int:
    """Write windows down, wait until every batch to come knows of them, then count them.

    What is filled already is left alone, what was left unfilled is filled.
    """
    windows = [one.window for one in opened]
    with writing(merchant_id, "run") as session:
        rollups.open_windows(session, opened)
    crash_point("open_rollups.opened")
    with writing(merchant_id, "run") as session:
        if not rollups.unfilled(session, windows):
            return 0
        usage_so_far(session)
    with writing(merchant_id, "run") as session:
        filled = rollups.fill(session, windows, event_store())
        crash_point("open_rollups.before_commit")
    return filled


def _of_groups(
    session: Session, groups: Sequence[UUID], moments: Sequence[datetime]
) -> Iterator[list[Opened]]:
    """The windows that metered prices will ask sums of, group by group."""
    book = UsageBook(session)
    found = billing.groups_by_id(session, groups)
    items = running.items(session, found, {one.id.int for one in found}, PriceList())
    for group in found:
        yield [
            Opened(window, group.history_seq)
            for item in items.get(group.id.int, ())
            for window in _windows(item, book, moments)
        ]


def _once(opened: Iterable[Opened]) -> list[Opened]:
    """Each window once, known of as of the newest history that it was looked at in."""
    known: dict[Window, int] = {}
    for one in opened:
        known[one.window] = max(known.get(one.window, 0), one.history_seq)
    return [Opened(window, seq) for window, seq in known.items()]


def _windows(item: Item, book: UsageBook, moments: Sequence[datetime]) -> Iterator[Window]:
    zones = item.course.zones if item.course else ()
    clock = Clock(item.cadence.zone, zones)
    for price in item.prices:
        for at in moments if price.meter else ():
            stretch = running_stretch(item, price, clock.day_of(at))
            ask = ask_of(item, price, stretch, book.meters) if stretch else None
            if ask is not None and ask.way == "sums":
                yield window_of(ask)
