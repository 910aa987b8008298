"""What is sold: products, plans with their versions and prices, add-ons."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of
from kesto.api.once import OPTIONAL, REQUIRED, Made, once
from kesto.api.paging import PageAsked, cut, window_of
from kesto.api.publishing import given_in, publish_add_on, publish_plan
from kesto.api.schema import Schema
from kesto.api.shapes import asked as takes
from kesto.api.values import Flag, Given, Name, own_id
from kesto.core import catalog
from kesto.core.pricing.plain import price_fields
from kesto.flows.offer_in_portal import offer_in_portal
from kesto.store import merchants, portal_offers
from kesto.store.api import catalogue as store
from kesto.store.api.listing import id_of
from kesto.store.session import Session, reading

router = Router(tags=["catalogue"])


class Product(Schema):
    """A thing or service with its names by language."""

    id: str
    code: str
    names: dict[str, str]
    tax_category: str
    revenue_account: str


class Interval(Schema):
    """How often something is charged."""

    unit: str
    count: int


class Price(Schema):
    """A price. `interval` is null for one that is charged once; `spec` is its pricing model."""

    id: str
    code: str
    product: str
    currency: str
    includes_tax: bool
    interval: Interval | None
    charged: str
    proration: str
    spec: dict[str, Any]


class DeliverySchedule(Schema):
    """How often it is delivered, in the fields that a file has (docs/deliveries.md)."""

    interval: str
    interval_count: int
    day: int
    counted_from: date | None
    cut_off_days: int
    skipping: catalog.Skipping
    most_skips: int


class PlanVersion(Schema):
    """A plan as it was published; subscriptions keep the version they took.

    `delivery` is null where nothing is delivered.
    """

    id: str
    version: int
    names: dict[str, str]
    published_at: datetime
    prices: list[Price]
    delivery: DeliverySchedule | None


class Plan(Schema):
    """A plan with its versions, the newest first, and whether subscribers may choose it."""

    id: str
    code: str
    offered_in_portal: bool
    versions: list[PlanVersion]


class AddOn(Schema):
    """An add-on in a published version, `plans` empty: with any; offered in all its versions."""

    id: str
    code: str
    version: int
    names: dict[str, str]
    plans: list[str]
    offered_in_portal: bool
    published_at: datetime
    prices: list[Price]
    delivery: DeliverySchedule | None


class SoldChanged(Given):
    """What may be changed of a plan or an add-on as a whole; what is left out stays."""

    offered_in_portal: Flag | None = None


class ProductPage(Schema):
    """A page of products."""

    items: list[Product]
    next_cursor: str | None


class PlanPage(Schema):
    """A page of plans."""

    items: list[Plan]
    next_cursor: str | None


class AddOnPage(Schema):
    """A page of add-ons."""

    items: list[AddOn]
    next_cursor: str | None


class CatalogueAsked(PageAsked):
    """Which of them."""

    code: Name | None = None


@router.get(
    "/products",
    operation_id="list_products",
    auth=Bearer("read"),
    response={200: ProductPage, **READS},
    summary="List products",
)
def list_products(request: HttpRequest, asked: Query[CatalogueAsked]) -> dict[str, Any]:
    """The newest first."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = store.products(session, {"code": asked.code}, window)
    rows, cursor = cut(found, window.limit, lambda row: row.id)
    return {"items": [_product(row) for row in rows], "next_cursor": cursor}


@router.get(
    "/products/{product}",
    operation_id="get_product",
    auth=Bearer("read"),
    response={200: Product, **READS},
    summary="Read a product",
)
def get_product(request: HttpRequest, product: str) -> Product:
    """By its id or its code."""
    with reading(holder(request).merchant_id) as session:
        own = id_of(session, "product", product)
        return _product(store.products(session, {"id": own}, store.ONE)[0])


@router.get(
    "/plans",
    operation_id="list_plans",
    auth=Bearer("read"),
    response={200: PlanPage, **READS},
    summary="List plans",
)
def list_plans(request: HttpRequest, asked: Query[CatalogueAsked]) -> dict[str, Any]:
    """The newest first, each with all its versions."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = store.plans(session, {"code": asked.code}, window)
        rows, cursor = cut(found, window.limit, lambda row: row.id)
        return {"items": _plans(session, [*rows]), "next_cursor": cursor}


@router.post(
    "/plans",
    operation_id="publish_plan",
    auth=Bearer("write"),
    response={201: Plan, **WRITES},
    summary="Publish a version of a plan",
    openapi_extra={**takes("NewPlan"), **REQUIRED},
)
def new_plan(request: HttpRequest) -> HttpResponse:
    """Published for good; who has an earlier version keeps it. Answers the plan as a whole."""
    given = given_in(request)

    def work(session: Session) -> Made:
        made = publish_plan(session, request, given)
        found = _plans(session, store.plans(session, {"code": made.plan}, store.ONE))
        return Made(201, found[0], made.id)

    return once(request, work)


@router.get(
    "/plans/{plan}",
    operation_id="get_plan",
    auth=Bearer("read"),
    response={200: Plan, **READS},
    summary="Read a plan",
)
def get_plan(request: HttpRequest, plan: str) -> Plan:
    """By its id or its code."""
    with reading(holder(request).merchant_id) as session:
        own = id_of(session, "plan", plan)
        return _plans(session, store.plans(session, {"id": own}, store.ONE))[0]


@router.patch(
    "/plans/{plan}",
    operation_id="change_plan_offer",
    auth=Bearer("write"),
    response={200: Plan, **WRITES},
    summary="Offer a plan in the portal, or no more",
    openapi_extra=OPTIONAL,
)
def change_plan(request: HttpRequest, plan: str, body: SoldChanged) -> HttpResponse:
    """In all its versions; who has it keeps it."""

    def work(session: Session) -> Made:
        own = id_of(session, "plan", plan)
        row = store.plans(session, {"id": own}, store.ONE)[0]
        _offer(session, request, "plan", row.code, body)
        return Made(200, _plans(session, store.plans(session, {"id": own}, store.ONE))[0], own)

    return once(request, work, is_required=False)


@router.get(
    "/add_ons",
    operation_id="list_add_ons",
    auth=Bearer("read"),
    response={200: AddOnPage, **READS},
    summary="List add-ons",
)
def list_add_ons(request: HttpRequest, asked: Query[CatalogueAsked]) -> dict[str, Any]:
    """The newest first; each published version stands for itself."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = store.add_ons(session, {"code": asked.code}, window)
        rows, cursor = cut(found, window.limit, lambda row: row.id)
        return {"items": _add_ons(session, [*rows]), "next_cursor": cursor}


@router.post(
    "/add_ons",
    operation_id="publish_add_on",
    auth=Bearer("write"),
    response={201: AddOn, **WRITES},
    summary="Publish a version of an add-on",
    openapi_extra={**takes("NewAddOn"), **REQUIRED},
)
def new_add_on(request: HttpRequest) -> HttpResponse:
    """Published for good; who has an earlier version keeps it."""
    given = given_in(request)

    def work(session: Session) -> Made:
        made = publish_add_on(session, request, given)
        return Made(201, _add_ons(session, [made])[0], made.id)

    return once(request, work)


@router.get(
    "/add_ons/{add_on}",
    operation_id="get_add_on",
    auth=Bearer("read"),
    response={200: AddOn, **READS},
    summary="Read an add-on",
)
def get_add_on(request: HttpRequest, add_on: str) -> AddOn:
    """By its id, or by its code: then the newest version."""
    with reading(holder(request).merchant_id) as session:
        own = id_of(session, "add_on", add_on)
        return _add_ons(session, store.add_ons(session, {"id": own}, store.ONE))[0]


@router.patch(
    "/add_ons/{add_on}",
    operation_id="change_add_on_offer",
    auth=Bearer("write"),
    response={200: AddOn, **WRITES},
    summary="Offer an add-on in the portal, or no more",
    openapi_extra=OPTIONAL,
)
def change_add_on(request: HttpRequest, add_on: str, body: SoldChanged) -> HttpResponse:
    """In all its versions; who has it keeps it."""

    def work(session: Session) -> Made:
        own = id_of(session, "add_on", add_on)
        row = store.add_ons(session, {"id": own}, store.ONE)[0]
        _offer(session, request, "add_on", row.code, body)
        return Made(200, _add_ons(session, [row])[0], own)

    return once(request, work, is_required=False)


def _offer(
    session: Session, request: HttpRequest, noun: catalog.SoldNoun, code: str, changed: SoldChanged
) -> None:
    is_offered = changed.offered_in_portal
    if is_offered is None:
        return
    at = (now_of(merchants.merchant(session)), actor_of(request))
    offer_in_portal(session.merchant_id, noun, code, *at, is_offered=is_offered)


def _product(row: catalog.Product) -> Product:
    return Product(
        id=own_id("product", row.id),
        code=row.code,
        names=row.names,
        tax_category=row.tax_category,
        revenue_account=row.revenue_account,
    )


def _plans(session: Session, rows: list[store.Plan]) -> list[Plan]:
    moments = store.published_at(session)
    return [
        Plan(
            id=own_id("plan", row.id),
            code=row.code,
            offered_in_portal=row.offered_in_portal,
            versions=[_version(version, moments) for version in row.versions],
        )
        for row in rows
    ]


def _version(row: catalog.PlanVersion, moments: dict[UUID, datetime]) -> PlanVersion:
    return PlanVersion(
        id=own_id("plan_version", row.id),
        version=row.version,
        names=row.names,
        published_at=moments[row.id],
        prices=[_price(price) for price in row.prices],
        delivery=_delivery(row.delivery),
    )


def _add_ons(session: Session, rows: list[catalog.AddOn]) -> list[AddOn]:
    moments = store.published_at(session)
    offered = portal_offers.offered(session)
    return [
        AddOn(
            id=own_id("add_on", row.id),
            code=row.code,
            version=row.version,
            names=row.names,
            plans=[*row.plans],
            offered_in_portal=("add_on", row.code) in offered,
            published_at=moments[row.id],
            prices=[_price(price) for price in row.prices],
            delivery=_delivery(row.delivery),
        )
        for row in rows
    ]


def _delivery(row: catalog.DeliverySchedule | None) -> DeliverySchedule | None:
    if row is None:
        return None
    return DeliverySchedule(
        interval=row.interval.unit,
        interval_count=row.interval.count,
        day=row.day,
        counted_from=row.counted_from,
        cut_off_days=row.cut_off_days,
        skipping=row.skipping,
        most_skips=row.most_skips,
    )


def _price(row: catalog.Price) -> Price:
    interval = row.interval
    return Price(
        id=own_id("price", row.id),
        code=row.code,
        product=row.product.code,
        currency=row.currency,
        includes_tax=row.includes_tax,
        interval=Interval(unit=interval.unit, count=interval.count) if interval else None,
        charged=row.charged,
        proration=row.proration,
        spec=price_fields(row.spec),
    )
