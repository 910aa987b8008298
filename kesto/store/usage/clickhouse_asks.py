"""What hangs on the order of events, on single amounts, or on prices by the hour, by ClickHouse."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import gcd
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.counting import (
    Ask,
    cuts,
    from_intervals,
    from_readings,
    from_total,
    without_price,
)
from kesto.core.exact import EXACT
from kesto.core.metering.event import Reading
from kesto.core.metering.metered import Labels
from kesto.core.price_series import EPOCH, MINUTES
from kesto.core.pricing import Unpriced, Usage
from kesto.store import price_series
from kesto.store.session import Session
from kesto.store.usage.clickhouse_server import Server
from kesto.store.usage.clickhouse_sql import READING, in_windows
from kesto.store.usage.port import Sum
from kesto.store.usage.spooled import NO_SUM, Spooled, plus
from kesto.store.usage.windows import windows_of

READ = ("labels", "number", "name", "is_removal", "ingest_no", "event_id", "source")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MICRO = timedelta(microseconds=1)


class _Came(Struct, frozen=True, gc=False):
    """What an interval of a window came to: its start, its price, how much, the newest batch."""

    starts_at: datetime
    amount: Decimal | None
    quantity: Decimal
    newest: int


def readings(
    server: Server, asks: Sequence[Ask], waiting: Spooled
) -> Iterator[tuple[Ask, Usage, int]]:
    """What is counted event by event, in the order of (time, id)."""
    windows = windows_of(asks)
    query = (
        "select w.n, e.labels, e.at, e.number, e.name, e.is_removal, e.ingest_no, e.event_id,"
        f" e.source from{in_windows(waiting.scope, windows, READ)}"
        " order by w.n, e.at, e.event_id, e.source"
    )
    found: list[list[tuple[datetime, str, str, Labels, Reading, int]]] = [[] for _ in asks]
    for n, labels, at, number, name, is_removal, batch, own, source in _read.decode_lines(
        server.ask(query + READING)
    ):
        reading = Reading(at, Fraction(number), name or "", is_removal)
        found[n].append((at, own, source, labels, reading, batch))
    for n, one, batch in waiting.in_windows(windows):
        reading = Reading(one.at, Fraction(one.number), one.name or "", one.is_removal)
        found[n].append((one.at, one.event_id, one.source, tuple(one.labels or ()), reading, batch))
    for ask, own_events in zip(asks, found, strict=True):
        by_group: dict[Labels, list[Reading]] = {}
        for event in sorted(own_events, key=lambda event: event[:3]):
            by_group.setdefault(event[3], []).append(event[4])
        newest = max((event[5] for event in own_events), default=0)
        yield ask, from_readings(ask, by_group), newest


def intervals(
    session: Session, server: Server, asks: Sequence[Ask], waiting: Spooled
) -> Iterator[tuple[Ask, Usage, int]]:
    """Sums by the intervals of a series; where it is enough, only what they come to together."""
    by_price: dict[UUID, list[Ask]] = {}
    for ask in asks:
        by_price.setdefault(ask.price.id, []).append(ask)
    for own in by_price.values():
        if own[0].series:
            series = price_series.one_series(session, own[0].series)
            minutes = MINUTES[series.resolution]
            cells = _cells(server, own, waiting, minutes * MINUTE // MICRO)
            prices = price_series.known_at(session, series, sorted({at for _, at in cells}))
            came = _came(cells, len(own), partial(_priced, prices))
        else:
            minutes = 60
            came = _in_plan(server, own, waiting)
        answer = _total if own[0].is_summed else _by_interval
        for ask, found in zip(own, came, strict=True):
            newest = max((one.newest for one in found), default=0)
            yield ask, answer(ask, found, minutes), newest


def _priced(prices: Mapping[datetime, Decimal], at: datetime) -> tuple[datetime, Decimal | None]:
    return at, prices.get(at)


def _in_plan(server: Server, asks: Sequence[Ask], waiting: Spooled) -> list[list[_Came]]:
    """Sums by the intervals that the plan names; what lies in none of them by the hour.

    Asked for in steps that both the hour and every interval are made of.
    """
    named = sorted(cuts(asks[0]))
    starts = [start_at for start_at, _, _ in named]
    edges = {(at - EPOCH) // MICRO for start_at, end_at, _ in named for at in (start_at, end_at)}

    def interval(at: datetime) -> tuple[datetime, Decimal | None]:
        place = bisect_right(starts, at) - 1
        if place >= 0 and at < named[place][1]:
            return named[place][0], named[place][2]
        return at - (at - EPOCH) % HOUR, None

    cells = _cells(server, asks, waiting, gcd(HOUR // MICRO, *edges))
    return _came(cells, len(asks), interval)


def _cells(
    server: Server, asks: Sequence[Ask], waiting: Spooled, step: int
) -> dict[tuple[int, datetime], Sum]:
    """Sums of each window by steps of so many microseconds, counted from those of UTC."""
    windows = windows_of(asks)
    query = (
        f"select w.n, intDiv(toUnixTimestamp64Micro(e.at), {step}) as place, count(),"
        " sum(e.number), max(e.number), max(e.ingest_no)"
        f" from{in_windows(waiting.scope, windows, ('number', 'ingest_no'))}"
        " group by w.n, place"
    )
    cells = {
        (n, EPOCH + place * step * MICRO): Sum(events, added, highest, newest)
        for n, place, events, added, highest, newest in _places.decode_lines(
            server.ask(query + READING)
        )
    }
    for n, one, batch in waiting.in_windows(windows):
        cell = n, one.at - (one.at - EPOCH) % (step * MICRO)
        cells[cell] = plus(cells.get(cell, NO_SUM), Decimal(one.number), batch)
    return cells


def _came(
    cells: Mapping[tuple[int, datetime], Sum],
    windows: int,
    interval: Callable[[datetime], tuple[datetime, Decimal | None]],
) -> list[list[_Came]]:
    """Cells gathered into intervals; what one comes to is never below zero, as any quantity."""
    sums: dict[tuple[int, datetime], tuple[Decimal | None, Decimal, int]] = {}
    for (n, at), cell in cells.items():
        starts_at, amount = interval(at)
        _, added, newest = sums.get((n, starts_at), (None, Decimal(0), 0))
        gathered = amount, EXACT.add(added, cell.added), max(newest, cell.newest)
        sums[n, starts_at] = gathered
    came: list[list[_Came]] = [[] for _ in range(windows)]
    for n, starts_at in sorted(sums):
        amount, quantity, newest = sums[n, starts_at]
        came[n].append(_Came(starts_at, amount, max(quantity, Decimal(0)), newest))
    return came


def _total(ask: Ask, came: Sequence[_Came], minutes: int) -> Usage:
    quantity = cost = Decimal(0)
    for one in came:
        if one.amount is not None:
            quantity = EXACT.add(quantity, one.quantity)
            cost = EXACT.add(cost, EXACT.multiply(one.quantity, one.amount))
    left = [one for one in came if one.amount is None and one.quantity]
    return from_total(quantity, cost, _unpriced(ask, left, minutes))


def _by_interval(ask: Ask, came: Sequence[_Came], minutes: int) -> Usage:
    found = [(one.starts_at, one.amount, one.quantity) for one in came if one.amount is not None]
    left = [one for one in came if one.amount is None and one.quantity]
    return from_intervals(found, _unpriced(ask, left, minutes))


def _unpriced(ask: Ask, left: Sequence[_Came], minutes: int) -> Unpriced | None:
    if not left:
        return None
    quantity = Decimal(0)
    for one in left:
        quantity = EXACT.add(quantity, one.quantity)
    first_at = min(one.starts_at for one in left)
    return without_price(ask, quantity, len(left), first_at, minutes)


_Label = tuple[str | None, ...]
_places = msgspec.json.Decoder(tuple[int, int, int, Decimal, Decimal, int])
_read = msgspec.json.Decoder(tuple[int, _Label, datetime, Decimal, str | None, bool, int, str, str])
