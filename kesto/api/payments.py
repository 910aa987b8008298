"""Payments: what came in, and which invoices it settled."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from kesto.api.customer_shape import Customer, customer_of
from kesto.api.faults import READS
from kesto.api.keys import Bearer, holder
from kesto.api.paging import PageAsked, check_names, cut, window_of
from kesto.api.schema import Schema
from kesto.api.values import Day, Name, amount, expansions, own_id
from kesto.store.api import customers
from kesto.store.api import payments as store
from kesto.store.api.listing import id_of
from kesto.store.session import Session, reading

router = Router(tags=["payments"])
EXPAND = ("customer",)


class Settled(Schema):
    """What a payment settled of an invoice."""

    invoice: str
    number: str
    amount: str


class Payment(Schema):
    """A payment; what settled no invoice is `kept` as the customer's credit."""

    id: str
    customer: str | Customer
    received_on: date
    currency: str
    amount: str
    settled: str
    kept: str
    invoices: list[Settled]
    created_at: datetime


class PaymentPage(Schema):
    """A page of payments."""

    items: list[Payment]
    next_cursor: str | None


class PaymentAsked(Schema):
    """What is shown in full."""

    expand: Annotated[
        str, Field(max_length=200, description="`customer`, to show who paid in full.")
    ] = ""


class PaymentsAsked(PageAsked, PaymentAsked):
    """Which payments. `customer` is who paid, by id or external id."""

    customer: Name | None = None
    received_from: Day | None = None
    received_until: Day | None = None


@router.get(
    "/payments",
    operation_id="list_payments",
    auth=Bearer("read"),
    response={200: PaymentPage, **READS},
    summary="List payments",
)
def list_payments(request: HttpRequest, asked: Query[PaymentsAsked]) -> dict[str, Any]:
    """The newest first."""
    window, expanded = window_of(request, asked), expansions(asked.expand, EXPAND)
    with reading(holder(request).merchant_id) as session:
        own = id_of(session, "customer", asked.customer) if asked.customer else None
        wanted = {
            "customer_id": own,
            "received_on_from": asked.received_from,
            "received_on_until": asked.received_until,
        }
        found = store.payments(session, wanted, window)
        rows, cursor = cut(found, window.limit, lambda row: row.id)
        return {"items": _shown(session, [*rows], expanded), "next_cursor": cursor}


@router.get(
    "/payments/{payment}",
    operation_id="get_payment",
    auth=Bearer("read"),
    response={200: Payment, **READS},
    summary="Read a payment",
)
def get(request: HttpRequest, payment: str, asked: Query[PaymentAsked]) -> Payment:
    """By its id."""
    check_names(request, asked)
    expanded = expansions(asked.expand, EXPAND)
    with reading(holder(request).merchant_id) as session:
        return _shown(session, [store.payment(session, payment)], expanded)[0]


def _shown(session: Session, rows: list[store.Payment], expanded: frozenset[str]) -> list[Payment]:
    known = customers.by_id(session, [row.customer_id for row in rows]) if expanded else {}
    return [
        Payment(
            id=own_id("payment", row.id),
            customer=customer_of(known[row.customer_id])
            if known
            else own_id("customer", row.customer_id),
            received_on=row.received_on,
            currency=row.currency,
            amount=amount(row.amount_minor, row.currency),
            settled=amount(row.allocated_minor, row.currency),
            kept=amount(row.amount_minor - row.allocated_minor, row.currency),
            invoices=[
                Settled(
                    invoice=own_id("invoice", part.invoice_id),
                    number=part.number,
                    amount=amount(part.amount_minor, row.currency),
                )
                for part in row.parts
            ],
            created_at=row.created_at,
        )
        for row in rows
    ]
