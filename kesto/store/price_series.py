"""Price series in the database: what they are, and their values by the interval."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from kesto.core.exact import shown
from kesto.core.price_series import Gap, PriceSeries, SeriesValue
from kesto.core.refusals import NotFound
from kesto.store.session import Session

COLUMNS = "s.id, s.code, s.name, s.currency, s.unit, s.resolution"


class Extent(NamedTuple):
    """How much of a series is there: how many values, from which instant, until when."""

    values: int = 0
    first_at: datetime | None = None
    known_until: datetime | None = None


def all_series(session: Session) -> dict[str, PriceSeries]:
    """The merchant's series by code."""
    rows = session.rows(
        f"select {COLUMNS} from price_series s where s.merchant_id = %s order by s.code",
        session.merchant_id,
    )
    return {row[1]: PriceSeries(*row) for row in rows}


def one_series(session: Session, code: str) -> PriceSeries:
    """A series by its code. Raises NotFound."""
    found = session.row(
        f"select {COLUMNS} from price_series s where s.merchant_id = %s and s.code = %s",
        *(session.merchant_id, code),
    )
    if found is None:
        raise NotFound(f"there is no price series {code!r}; make it first", field="series")
    return PriceSeries(*found)


def lock(session: Session, series: PriceSeries) -> None:
    """Let others who give values of this series wait until this transaction is over."""
    session.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", str(series.id))


def add_series(session: Session, series: PriceSeries, now: datetime) -> bool:
    """Add a series; whether its code was free."""
    return bool(
        session.execute(
            "insert into price_series"
            " (merchant_id, id, code, name, currency, unit, resolution, created_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            *(session.merchant_id, series.id, series.code, series.name, series.currency),
            *(series.unit, series.resolution, now),
        )
    )


def add_values(
    session: Session, series: PriceSeries, values: Sequence[SeriesValue], now: datetime
) -> None:
    """Add values that are not there yet."""
    session.add(
        "price_value",
        [
            {
                "series_id": series.id,
                "starts_at": one.starts_at,
                "amount": shown(one.amount),
                "given_at": now,
            }
            for one in values
        ],
    )


def known_at(
    session: Session, series: PriceSeries, starts: Sequence[datetime]
) -> dict[datetime, Decimal]:
    """The values of those intervals that have one."""
    rows = session.rows(
        "select starts_at, amount from price_value"
        " where merchant_id = %s and series_id = %s and starts_at = any(%s::timestamptz[])",
        *(session.merchant_id, series.id, list(starts)),
    )
    return dict(rows)


def values(
    session: Session,
    series: PriceSeries,
    starts_from: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[SeriesValue]:
    """Values in the order of time: from an instant to before another, so many at most."""
    rows = session.rows(
        "select starts_at, amount from price_value where merchant_id = %s and series_id = %s"
        " and starts_at >= coalesce(%s, '-infinity'::timestamptz)"
        " and starts_at < coalesce(%s, 'infinity'::timestamptz) order by starts_at limit %s",
        *(session.merchant_id, series.id, starts_from, until, limit),
    )
    return [SeriesValue(*row) for row in rows]


def latest(session: Session, series: PriceSeries, limit: int) -> list[SeriesValue]:
    """The latest values, the latest first."""
    rows = session.rows(
        "select starts_at, amount from price_value where merchant_id = %s and series_id = %s"
        " order by starts_at desc limit %s",
        *(session.merchant_id, series.id, limit),
    )
    return [SeriesValue(*row) for row in rows]


def extents(session: Session) -> dict[UUID, Extent]:
    """How much of each series is there."""
    rows = session.rows(
        "select v.series_id, count(*), min(v.starts_at), max(v.starts_at)"
        " + case s.resolution when 'hour' then interval '1 hour' else interval '15 minutes' end"
        " from price_value v join price_series s"
        "  on s.merchant_id = v.merchant_id and s.id = v.series_id"
        " where v.merchant_id = %s group by v.series_id, s.resolution",
        session.merchant_id,
    )
    return {row[0]: Extent(*row[1:]) for row in rows}


def gaps(session: Session, series: PriceSeries, limit: int) -> list[Gap]:
    """Where prices are missing between others, the latest first."""
    rows = session.rows(
        "select ends_at, next_at from (select starts_at + %s as ends_at,"
        "  lead(starts_at) over (order by starts_at) as next_at from price_value"
        "  where merchant_id = %s and series_id = %s) t"
        " where next_at > ends_at order by next_at desc limit %s",
        *(series.step, session.merchant_id, series.id, limit),
    )
    return [Gap(*row) for row in rows]


def by_day(
    session: Session, series: PriceSeries, since: datetime, zone: str
) -> list[tuple[date, Decimal]]:
    """The average price of each day since an instant, in a zone."""
    return [
        (on, mean)
        for on, mean in session.rows(
            "select (starts_at at time zone %s)::date, round(avg(amount), 6) from price_value"
            " where merchant_id = %s and series_id = %s and starts_at >= %s group by 1 order by 1",
            *(zone, session.merchant_id, series.id, since),
        )
    ]
