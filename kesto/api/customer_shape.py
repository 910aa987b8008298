"""A customer as the API shows it, wherever it stands."""

from datetime import datetime
from typing import Any, Literal

from msgspec.structs import asdict

from kesto.api.schema import Schema
from kesto.api.values import amount, own_id
from kesto.store.api import customers


class Credit(Schema):
    """What is left of a customer's credit in a currency."""

    currency: str
    left: str


class Customer(Schema):
    """A customer: a consumer, or a company by its name and address.

    `credit` pays the next invoices when they are issued; what it is made of are credit grants.
    New subscriptions are bought in the `currency`, where they have prices in it; those that run
    are changed by `change_currency`.
    """

    id: str
    external_id: str
    kind: Literal["consumer", "company"]
    name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str
    language: str
    zone: str
    currency: str
    business_id: str
    vat_id: str
    buyer_reference: str
    order_number: str
    cost_centre: str
    payment_method: str | None
    channel: str | None
    credit: list[Credit]
    created_at: datetime


def customer_of(row: customers.Customer) -> Customer:
    """A customer as the API shows it."""
    return Customer(**fields_of(row))


def fields_of(row: customers.Customer) -> dict[str, Any]:
    """The fields of that shape."""
    credit = [
        Credit(currency=currency, left=amount(minor, currency))
        for currency, minor in sorted(row.credit.items())
    ]
    return {**asdict(row), "id": own_id("customer", row.id), "credit": credit}
