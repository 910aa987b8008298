"""Price series: prices by the hour or quarter-hour, sent as they become known."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BeforeValidator, Field, WithJsonSchema

from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of
from kesto.api.once import REQUIRED, Made, once
from kesto.api.paging import PageAsked, cursor_of, cut, window_of
from kesto.api.schema import Schema
from kesto.api.values import DECIMAL, Given, Moment, Name, Required, decimal_given, own_id
from kesto.core import price_series as core
from kesto.core.exact import shown as plain
from kesto.core.price_series import EPOCH, LATEST, Resolution, SeriesValue
from kesto.flows.give_prices import MOST_VALUES, give_prices
from kesto.flows.make_price_series import make_price_series
from kesto.store import merchants
from kesto.store import price_series as store
from kesto.store.api.listing import Window
from kesto.store.api.price_series import by_name, series_listed
from kesto.store.ids import new_id
from kesto.store.price_series import Extent
from kesto.store.session import Session, reading

router = Router(tags=["price series"])
Amount = Annotated[
    Decimal,
    BeforeValidator(decimal_given),
    Field(max_digits=24, decimal_places=12),
    WithJsonSchema(DECIMAL),
]


class PriceSeries(Schema):
    """Prices by the hour or quarter-hour that plans of the model `time_series` name by its code.

    It holds `values` of them, from `first_at` to before `known_until`; there may be gaps between.
    """

    id: str
    code: str
    name: str
    currency: str
    unit: str
    resolution: Resolution
    values: int
    first_at: datetime | None
    known_until: datetime | None


class PriceSeriesPage(Schema):
    """A page of price series."""

    items: list[PriceSeries]
    next_cursor: str | None


class PriceValue(Schema):
    """What a unit costs in the interval that begins at `starts_at`; it may be below zero."""

    starts_at: datetime
    amount: str


class PriceValuePage(Schema):
    """A page of values, the oldest first."""

    items: list[PriceValue]
    next_cursor: str | None


class GivenPrices(Schema):
    """How many values were new and how many there already.

    `released` is how many invoices had waited for them, and are made by the next billing run.
    """

    accepted: int
    duplicate: int
    released: int


class NewPriceSeries(Given):
    """A price series to make; nothing of it changes afterwards."""

    code: Required
    name: Required
    resolution: Resolution
    currency: Annotated[Name | None, Field(description="By default the first company's.")] = None
    unit: Annotated[Name, Field(description="What a price is of, such as kWh.")] = ""


class NewValue(Given):
    """The price of a unit in the interval that begins at an instant."""

    starts_at: Moment
    amount: Amount


class NewValues(Given):
    """Prices that became known: all are taken, or none."""

    values: Annotated[list[NewValue], Field(min_length=1, max_length=MOST_VALUES)]


class SeriesAsked(PageAsked):
    """Which of them."""

    code: Name | None = None


class ValuesAsked(PageAsked):
    """Which values: from an instant to before one."""

    time_from: Moment | None = None
    time_until: Moment | None = None


@router.get(
    "/price_series",
    operation_id="list_price_series",
    auth=Bearer("read"),
    response={200: PriceSeriesPage, **READS},
    summary="List price series",
)
def list_price_series(request: HttpRequest, asked: Query[SeriesAsked]) -> dict[str, Any]:
    """The newest first."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = series_listed(session, {"code": asked.code}, window)
        extents = store.extents(session)
    rows, cursor = cut(found, window.limit, lambda row: row.id)
    return {"items": [_shown(row, extents) for row in rows], "next_cursor": cursor}


@router.post(
    "/price_series",
    operation_id="add_price_series",
    auth=Bearer("write"),
    response={201: PriceSeries, **WRITES},
    summary="Make a price series",
    openapi_extra=REQUIRED,
)
def add(request: HttpRequest, body: NewPriceSeries) -> HttpResponse:
    """A plan's price can name it from then on; its values come as they become known."""

    def work(session: Session) -> Made:
        currency = body.currency or merchants.billing_entities(session)[0].currency
        made = core.PriceSeries(
            *(new_id(), body.code, body.name, currency, body.unit, body.resolution)
        )
        now = now_of(merchants.merchant(session))
        make_price_series(session.merchant_id, made, now, actor_of(request))
        return Made(201, _shown(made, {}), made.id)

    return once(request, work)


@router.get(
    "/price_series/{price_series}",
    operation_id="get_price_series",
    auth=Bearer("read"),
    response={200: PriceSeries, **READS},
    summary="Read a price series",
)
def get(request: HttpRequest, price_series: str) -> PriceSeries:
    """By its id or its code."""
    with reading(holder(request).merchant_id) as session:
        return _shown(by_name(session, price_series), store.extents(session))


@router.get(
    "/price_series/{price_series}/values",
    operation_id="list_prices",
    auth=Bearer("read"),
    response={200: PriceValuePage, **READS},
    summary="List the values of a price series",
)
def list_values(
    request: HttpRequest, price_series: str, asked: Query[ValuesAsked]
) -> dict[str, Any]:
    """The oldest first, from an instant to before another."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        series = by_name(session, price_series)
        starts = [at for at in (asked.time_from, _after(window)) if at is not None]
        found = store.values(
            *(session, series, max(starts, default=None), asked.time_until, window.limit + 1)
        )
    items = found[: window.limit]
    more = len(found) > window.limit
    return {
        "items": [PriceValue(starts_at=one.starts_at, amount=plain(one.amount)) for one in items],
        "next_cursor": _cursor(items) if more else None,
    }


@router.post(
    "/price_series/{price_series}/values",
    operation_id="give_prices",
    auth=Bearer("write"),
    response={200: GivenPrices, **WRITES},
    summary="Send values of a price series",
)
def give(request: HttpRequest, price_series: str, body: NewValues) -> GivenPrices:
    """Sent again, a value is a duplicate; another one for the same interval is a conflict.

    What was used at a time without a price waits for it, and is billed by the next run.
    """
    values = [SeriesValue(one.starts_at, one.amount) for one in body.values]
    with reading(holder(request).merchant_id) as session:
        series = by_name(session, price_series)
        now = now_of(merchants.merchant(session))
    given = give_prices(holder(request).merchant_id, series.code, values, now, actor_of(request))
    return GivenPrices(accepted=given.accepted, duplicate=given.duplicate, released=given.released)


def _shown(row: core.PriceSeries, extents: dict[UUID, Extent]) -> PriceSeries:
    extent = extents.get(row.id, Extent())
    return PriceSeries(
        id=own_id("price_series", row.id),
        code=row.code,
        name=row.name,
        currency=row.currency,
        unit=row.unit,
        resolution=row.resolution,
        values=extent.values,
        first_at=extent.first_at,
        known_until=extent.known_until,
    )


def _cursor(shown: Sequence[SeriesValue]) -> str:
    """The cursor of what comes after the value that was shown last: its second."""
    return cursor_of(UUID(int=int((shown[-1].starts_at - EPOCH).total_seconds())))


def _after(window: Window) -> datetime | None:
    """The first second after the value that a cursor names."""
    if window.after is None:
        return None
    latest = int((LATEST - EPOCH).total_seconds())
    return EPOCH + timedelta(seconds=min(window.after.int, latest) + 1)
