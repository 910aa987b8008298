"""Customers: who buys."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.adapters.files.customers import read_customer
from kesto.api.customer_shape import Customer, customer_of, fields_of
from kesto.api.documents import NextInvoice, next_invoice
from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, day_of, holder, now_of, today_of
from kesto.api.once import OPTIONAL, REQUIRED, Made, once
from kesto.api.paging import MOST, PageAsked, check_names, cut, window_of
from kesto.api.schema import Schema
from kesto.api.subscription_shape import SubscriptionPage, page_of
from kesto.api.values import Given, LanguageAsked, Moment, Name, Required, expansions
from kesto.flows.add_customers import add_customer
from kesto.flows.change_customer import change_customer
from kesto.flows.preview_next import preview_next
from kesto.store import merchants
from kesto.store.api import customers as store
from kesto.store.api.listing import id_of
from kesto.store.ids import new_id
from kesto.store.session import Session, reading
from kesto.words.messages import check_language

router = Router(tags=["customers"])
EXPAND = ("subscriptions",)


class CustomerPage(Schema):
    """A page of customers."""

    items: list[Customer]
    next_cursor: str | None


class CustomerInFull(Customer):
    """A customer, with its subscriptions where `expand` asks for them.

    They are the newest that it has or pays, a hundred at most; `next_cursor` is where the list of
    subscriptions of this `customer` goes on.
    """

    subscriptions: SubscriptionPage | None = None


class CustomerAsked(Schema):
    """What is shown in full."""

    expand: Annotated[
        str, Field(max_length=200, description="`subscriptions`, to show those as well.")
    ] = ""


class CustomersAsked(PageAsked):
    """Which customers."""

    external_id: Name | None = None
    kind: Literal["consumer", "company"] | None = None
    created_from: Moment | None = None
    created_until: Moment | None = None


class Changed(Given):
    """What may be changed; what is left out stays, the empty text takes a value away."""

    external_id: Name | None = None
    name: Name | None = None
    email: Name | None = None
    phone: Name | None = None
    street: Name | None = None
    postal_code: Name | None = None
    city: Name | None = None
    country: Name | None = None
    language: Name | None = None
    zone: Name | None = None
    currency: Name | None = None
    business_id: Name | None = None
    vat_id: Name | None = None
    buyer_reference: Name | None = None
    order_number: Name | None = None
    cost_centre: Name | None = None


class NewCustomer(Changed):
    """A new customer. `external_id` is the merchant's own number for it."""

    external_id: Required
    kind: Literal["consumer", "company"]
    name: Required
    payment_method: Name | None = None
    channel: Name | None = None


class NextInvoices(Schema):
    """The next invoice of each of a customer's billing groups, the earliest first."""

    items: list[NextInvoice]


@router.get(
    "/customers",
    operation_id="list_customers",
    auth=Bearer("read"),
    response={200: CustomerPage, **READS},
    summary="List customers",
)
def list_customers(request: HttpRequest, asked: Query[CustomersAsked]) -> dict[str, Any]:
    """The newest first."""
    window = window_of(request, asked)
    wanted = {
        "external_id": asked.external_id,
        "kind": asked.kind,
        "created_at_from": asked.created_from,
        "created_at_until": asked.created_until,
    }
    with reading(holder(request).merchant_id) as session:
        rows, cursor = cut(
            store.customers(session, wanted, window), window.limit, lambda row: row.id
        )
    return {"items": [customer_of(row) for row in rows], "next_cursor": cursor}


@router.post(
    "/customers",
    operation_id="add_customer",
    auth=Bearer("write"),
    response={201: Customer, **WRITES},
    summary="Add a customer",
    openapi_extra=REQUIRED,
)
def add(request: HttpRequest, body: NewCustomer) -> HttpResponse:
    """Refused with `external_id_taken` when there is a customer of that external id."""
    given = {name: str(text) for name, text in body.model_dump().items() if text is not None}
    customer = read_customer(given, new_id())

    def work(session: Session) -> Made:
        now = now_of(merchants.merchant(session))
        add_customer(session.merchant_id, customer, now, actor_of(request))
        row = store.by_id(session, [customer.id])[customer.id]
        return Made(201, customer_of(row), customer.id)

    return once(request, work)


@router.get(
    "/customers/{customer}",
    operation_id="get_customer",
    auth=Bearer("read"),
    response={200: CustomerInFull, **READS},
    exclude_unset=True,
    summary="Read a customer",
)
def get(request: HttpRequest, customer: str, asked: Query[CustomerAsked]) -> CustomerInFull:
    """By its id or its external id."""
    check_names(request, asked)
    with reading(holder(request).merchant_id) as session:
        if "subscriptions" not in expansions(asked.expand, EXPAND):
            return CustomerInFull(**fields_of(store.by_name(session, customer)))
        row, held, clock = store.with_subscriptions(session, customer, MOST)
        page = page_of(session, held, MOST, day_of(clock))
    return CustomerInFull(**fields_of(row), subscriptions=page)


@router.patch(
    "/customers/{customer}",
    operation_id="change_customer",
    auth=Bearer("write"),
    response={200: Customer, **WRITES},
    summary="Change a customer",
    openapi_extra=OPTIONAL,
)
def change(request: HttpRequest, customer: str, body: Changed) -> HttpResponse:
    """Invoices that are made keep the name and address that they were made with."""
    changes = {name: str(text) for name, text in body.model_dump().items() if text is not None}

    def work(session: Session) -> Made:
        now = now_of(merchants.merchant(session))
        own = id_of(session, "customer", customer)
        change_customer(session.merchant_id, own, changes, now, actor_of(request))
        return Made(200, customer_of(store.by_id(session, [own])[own]), own)

    return once(request, work, is_required=False)


@router.get(
    "/customers/{customer}/next_invoices",
    operation_id="preview_next_invoices",
    auth=Bearer("read"),
    response={200: NextInvoices, **READS},
    summary="Preview a customer's next invoices",
)
def next_invoices(
    request: HttpRequest, customer: str, asked: Query[LanguageAsked]
) -> dict[str, Any]:
    """What will be billed if nothing changes until then, by the very call that bills."""
    check_names(request, asked)
    with reading(holder(request).merchant_id) as session:
        row = store.by_name(session, customer)
        language = check_language(asked.language or row.language)
        found = preview_next(session, row.id, today_of(session), language)
    return {"items": [next_invoice(one, language) for one in found]}
