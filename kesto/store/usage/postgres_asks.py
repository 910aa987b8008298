"""What hangs on the order of events, on single amounts, or on prices by the hour: asked in sets."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.core.counting import (
    Ask,
    cuts,
    from_intervals,
    from_readings,
    from_total,
    without_price,
)
from kesto.core.metering.event import Reading
from kesto.core.metering.metered import Labels
from kesto.core.price_series import MINUTES
from kesto.core.pricing import Usage
from kesto.store import arrays, price_series
from kesto.store.session import Session
from kesto.store.usage.postgres_windows import EVENTS, WINDOWS, parameters
from kesto.store.usage.windows import windows_of

# What an interval comes to is never below zero, as any quantity that is billed.
QUANTITY = "greatest(sum(e.number), 0) as quantity, max(e.ingest_no) as newest"
IN_PLAN = (
    "select w.n, coalesce(cut.start_at, date_bin('1 hour', e.at, timestamptz 'epoch')) starts_at,"
    f" cut.amount, {QUANTITY} from {WINDOWS} cross join lateral {EVENTS} left join"
    " unnest(%(cut_starts)s::timestamptz[], %(cut_ends)s::timestamptz[], %(amounts)s::numeric[])"
    "  cut (start_at, end_at, amount) on e.at >= cut.start_at and e.at < cut.end_at"
    " group by w.n, 2, cut.amount"
)
# Each price is looked up by its key. A join would be planned by what the database believes of
# tables that have just grown, and where it believes wrong, compare each interval with each price.
# The last `offset 0` keeps the look-up from being done again for each sum.
IN_SERIES = (
    "select w.n, u.starts_at, u.quantity, u.newest, (select v.amount from price_value v"
    "  where v.merchant_id = %(merchant)s and v.series_id = %(series)s"
    "  and v.starts_at = u.starts_at) as amount"
    f" from {WINDOWS} cross join lateral"
    " (select date_bin(make_interval(mins => %(minutes)s), e.at, timestamptz 'epoch') starts_at,"
    f"  {QUANTITY} from {EVENTS} group by 1 offset 0) u offset 0"
)
NO_PRICE = "filter (where amount is null and quantity > 0)"


def readings(session: Session, asks: Sequence[Ask], batch: int) -> Iterator[tuple[Ask, Usage, int]]:
    """What is counted event by event, in the order of (time, id)."""
    rows = arrays.rows(
        session,
        "select w.n, e.labels, e.at, e.number, e.name, e.is_removal, e.ingest_no"
        f" from {WINDOWS} cross join lateral {EVENTS} order by w.n, e.at, e.event_id, e.source",
        parameters(session, windows_of(asks), batch),
    )
    found: list[dict[Labels, list[Reading]]] = [{} for _ in asks]
    newest = [0] * len(asks)
    for n, labels, at, number, name, is_removal, batch_no in rows:
        reading = Reading(at, Fraction(number), name or "", is_removal)
        found[n].setdefault(tuple(labels or ()), []).append(reading)
        newest[n] = max(newest[n], batch_no)
    for ask, readings, last in zip(asks, found, newest, strict=True):
        yield ask, from_readings(ask, readings), last


class _Source(Struct, frozen=True):
    """Where the prices of intervals stand: the query that finds them, with its parameters."""

    query: str
    parameters: dict[str, Any]
    minutes: int = 60


def intervals(
    session: Session, asks: Sequence[Ask], batch: int
) -> Iterator[tuple[Ask, Usage, int]]:
    """Sums by the intervals of a series; where it is enough, only what they come to together."""
    by_price: dict[UUID, list[Ask]] = {}
    for ask in asks:
        by_price.setdefault(ask.price.id, []).append(ask)
    for own in by_price.values():
        source = _source(session, own[0])
        asked = {**parameters(session, windows_of(own), batch), **source.parameters}
        yield from (_totals if own[0].is_summed else _by_interval)(session, own, source, asked)


def _source(session: Session, ask: Ask) -> _Source:
    if ask.series:
        series = price_series.one_series(session, ask.series)
        minutes = MINUTES[series.resolution]
        return _Source(IN_SERIES, {"series": series.id, "minutes": minutes}, minutes)
    starts, ends, amounts = zip(*cuts(ask), strict=True)
    return _Source(
        IN_PLAN, {"cut_starts": list(starts), "cut_ends": list(ends), "amounts": list(amounts)}
    )


def _totals(
    session: Session, asks: Sequence[Ask], source: _Source, asked: dict[str, Any]
) -> Iterator[tuple[Ask, Usage, int]]:
    rows = arrays.rows(
        session,
        "select n, coalesce(sum(quantity) filter (where amount is not null), 0),"
        " coalesce(sum(quantity * amount), 0), max(newest),"
        f" sum(quantity) {NO_PRICE}, count(*) {NO_PRICE}, min(starts_at) {NO_PRICE}"
        f" from ({source.query}) t group by n",
        asked,
    )
    found = {row[0]: row[1:] for row in rows}
    nothing = (Decimal(0), Decimal(0), 0, Decimal(0), 0, None)
    for n, ask in enumerate(asks):
        quantity, amount, newest, missing, hours, first_at = found.get(n, nothing)
        unpriced = None
        if first_at is not None:
            unpriced = without_price(ask, missing, hours, first_at, source.minutes)
        yield ask, from_total(quantity, amount, unpriced), newest


def _by_interval(
    session: Session, asks: Sequence[Ask], source: _Source, asked: dict[str, Any]
) -> Iterator[tuple[Ask, Usage, int]]:
    rows = arrays.rows(
        session,
        "select n, starts_at, amount, quantity, newest"
        f" from ({source.query}) t order by n, starts_at",
        asked,
    )
    found: list[list[tuple[datetime, Decimal, Decimal]]] = [[] for _ in asks]
    missing: list[list[tuple[datetime, Decimal]]] = [[] for _ in asks]
    newest = [0] * len(asks)
    for n, starts_at, amount, quantity, last in rows:
        newest[n] = max(newest[n], last)
        if amount is not None:
            found[n].append((starts_at, amount, quantity))
        elif quantity:
            missing[n].append((starts_at, quantity))
    for ask, sums, left, last in zip(asks, found, missing, newest, strict=True):
        unpriced = None
        if left:
            quantity = sum((used for _, used in left), Decimal(0))
            unpriced = without_price(ask, quantity, len(left), left[0][0], source.minutes)
        yield ask, from_intervals(sums, unpriced), last
