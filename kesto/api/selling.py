"""What is sold with: coupons, features, meters."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from msgspec import structs
from ninja import Query, Router

from kesto.api.bodies import refuse_body
from kesto.api.catalogue import CatalogueAsked
from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, holder, today_of
from kesto.api.once import REQUIRED, Made, once
from kesto.api.paging import cut, window_of
from kesto.api.publishing import add_coupon, add_feature, add_meter, given_in, publish
from kesto.api.schema import Schema
from kesto.api.shapes import asked as takes
from kesto.api.values import amount, own_id
from kesto.core import catalog
from kesto.core.catalog import CouponDuration, EntitlementKind, LateEvents
from kesto.core.exact import shown as plain
from kesto.core.metering import meter_fields
from kesto.store.api import catalogue as store
from kesto.store.api.listing import id_of
from kesto.store.session import Session, reading

router = Router(tags=["coupons, features and meters"])
ONE = store.ONE


class Coupon(Schema):
    """A discount that can be given: `percent`, or an `amount` of `currency` each period.

    `products` and `plans` empty: for all. `valid_from` and `valid_until` are the first and the
    last day on which it can be taken. `most_uses` 0: as often as one likes.
    """

    id: str
    code: str
    names: dict[str, str]
    percent: str | None
    amount: str | None
    currency: str | None
    duration: CouponDuration
    periods: int
    products: list[str]
    plans: list[str]
    codes: list[str]
    most_uses: int
    most_uses_per_customer: int
    valid_from: date | None
    valid_until: date | None


class Feature(Schema):
    """Something a subscriber may do or have; a metered one names its meter by code."""

    id: str
    code: str
    names: dict[str, str]
    kind: EntitlementKind
    meter: str | None


class Meter(Schema):
    """What is counted; `spec` says how, in the words of a file."""

    id: str
    code: str
    names: dict[str, str]
    unit: str
    late: LateEvents
    spec: dict[str, Any]


class CouponPage(Schema):
    """A page of coupons."""

    items: list[Coupon]
    next_cursor: str | None


class FeaturePage(Schema):
    """A page of features."""

    items: list[Feature]
    next_cursor: str | None


class MeterPage(Schema):
    """A page of meters."""

    items: list[Meter]
    next_cursor: str | None


@router.get(
    "/coupons",
    operation_id="list_coupons",
    auth=Bearer("read"),
    response={200: CouponPage, **READS},
    summary="List coupons",
)
def list_coupons(request: HttpRequest, asked: Query[CatalogueAsked]) -> dict[str, Any]:
    """The newest first; those that are over too."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = store.coupons(session, {"code": asked.code}, window)
    rows, cursor = cut(found, window.limit, lambda row: row.id)
    return {"items": [_coupon(row) for row in rows], "next_cursor": cursor}


@router.post(
    "/coupons",
    operation_id="add_coupon",
    auth=Bearer("write"),
    response={201: Coupon, **WRITES},
    summary="Add a coupon",
    openapi_extra={**takes("NewCoupon"), **REQUIRED},
)
def new_coupon(request: HttpRequest) -> HttpResponse:
    """What it gives never changes; it can be ended."""
    given = given_in(request)

    def work(session: Session) -> Made:
        made = add_coupon(session, request, given)
        return Made(201, _coupon(made), made.id)

    return once(request, work)


@router.get(
    "/coupons/{coupon}",
    operation_id="get_coupon",
    auth=Bearer("read"),
    response={200: Coupon, **READS},
    summary="Read a coupon",
)
def get_coupon(request: HttpRequest, coupon: str) -> Coupon:
    """By its id or its own code."""
    with reading(holder(request).merchant_id) as session:
        return _coupon(_one_coupon(session, coupon))


@router.post(
    "/coupons/{coupon}/end",
    operation_id="end_coupon",
    auth=Bearer("write"),
    response={200: Coupon, **WRITES},
    summary="End a coupon",
    openapi_extra=REQUIRED,
)
def end_coupon(request: HttpRequest, coupon: str) -> HttpResponse:
    """It is given no more from now on; who has it keeps it for as long as it was given."""
    refuse_body(request)

    def work(session: Session) -> Made:
        known = _one_coupon(session, coupon)
        last = today_of(session) - timedelta(days=1)
        if known.valid_until is None or last < known.valid_until:
            over = structs.replace(known, valid_until=last)
            publish(session, request, coupons=(over,))
        return Made(200, _coupon(_one_coupon(session, coupon)), known.id)

    return once(request, work)


@router.get(
    "/features",
    operation_id="list_features",
    auth=Bearer("read"),
    response={200: FeaturePage, **READS},
    summary="List features",
)
def list_features(request: HttpRequest, asked: Query[CatalogueAsked]) -> dict[str, Any]:
    """The newest first."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = store.features(session, {"code": asked.code}, window)
    rows, cursor = cut(found, window.limit, lambda row: row.id)
    return {"items": [_feature(row) for row in rows], "next_cursor": cursor}


@router.post(
    "/features",
    operation_id="add_feature",
    auth=Bearer("write"),
    response={201: Feature, **WRITES},
    summary="Add a feature",
    openapi_extra={**takes("NewFeature"), **REQUIRED},
)
def new_feature(request: HttpRequest) -> HttpResponse:
    """Plans and add-ons give it from then on."""
    given = given_in(request)

    def work(session: Session) -> Made:
        made = add_feature(session, request, given)
        return Made(201, _feature(made), made.id)

    return once(request, work)


@router.get(
    "/features/{feature}",
    operation_id="get_feature",
    auth=Bearer("read"),
    response={200: Feature, **READS},
    summary="Read a feature",
)
def get_feature(request: HttpRequest, feature: str) -> Feature:
    """By its id or its code."""
    with reading(holder(request).merchant_id) as session:
        own = id_of(session, "feature", feature)
        return _feature(store.features(session, {"id": own}, ONE)[0])


@router.get(
    "/meters",
    operation_id="list_meters",
    auth=Bearer("read"),
    response={200: MeterPage, **READS},
    summary="List meters",
)
def list_meters(request: HttpRequest, asked: Query[CatalogueAsked]) -> dict[str, Any]:
    """The newest first."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = store.meters(session, {"code": asked.code}, window)
    rows, cursor = cut(found, window.limit, lambda row: row.id)
    return {"items": [_meter(row) for row in rows], "next_cursor": cursor}


@router.post(
    "/meters",
    operation_id="add_meter",
    auth=Bearer("write"),
    response={201: Meter, **WRITES},
    summary="Add a meter",
    openapi_extra={**takes("NewMeter"), **REQUIRED},
)
def new_meter(request: HttpRequest) -> HttpResponse:
    """What it counts never changes."""
    given = given_in(request)

    def work(session: Session) -> Made:
        made = add_meter(session, request, given)
        return Made(201, _meter(made), made.id)

    return once(request, work)


@router.get(
    "/meters/{meter}",
    operation_id="get_meter",
    auth=Bearer("read"),
    response={200: Meter, **READS},
    summary="Read a meter",
)
def get_meter(request: HttpRequest, meter: str) -> Meter:
    """By its id or its code."""
    with reading(holder(request).merchant_id) as session:
        own = id_of(session, "meter", meter)
        return _meter(store.meters(session, {"id": own}, ONE)[0])


def _one_coupon(session: Session, coupon: str) -> catalog.Coupon:
    return store.coupons(session, {"id": id_of(session, "coupon", coupon)}, ONE)[0]


def _coupon(row: catalog.Coupon) -> Coupon:
    return Coupon(
        id=own_id("coupon", row.id),
        code=row.code,
        names=row.names,
        percent=plain(row.percent) if row.percent else None,
        amount=amount(row.amount_minor, row.currency) if row.amount_minor else None,
        currency=row.currency or None,
        duration=row.duration,
        periods=row.periods,
        products=[*row.products],
        plans=[*row.plans],
        codes=[*row.codes],
        most_uses=row.most_uses,
        most_uses_per_customer=row.most_uses_per_customer,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _feature(row: catalog.Feature) -> Feature:
    return Feature(
        id=own_id("feature", row.id),
        code=row.code,
        names=row.names,
        kind=row.kind,
        meter=row.meter or None,
    )


def _meter(row: catalog.SoldMeter) -> Meter:
    return Meter(
        id=own_id("meter", row.id),
        code=row.code,
        names=row.names,
        unit=row.unit,
        late=row.late,
        spec=meter_fields(row.meter),
    )
