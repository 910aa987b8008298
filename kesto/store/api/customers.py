"""Customers as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.api.listing import Window, called, calls, listed, listing, unknown
from kesto.store.api.subscriptions import (
    OF_CUSTOMER,
    SUBSCRIPTIONS,
    Subscription,
    subscription_of,
)
from kesto.store.merchants import CLOCK, Clock
from kesto.store.session import Session

CUSTOMERS = """
    select c.id, c.external_id, c.kind, p.name, p.email, p.phone, p.street, p.postal_code, p.city,
        p.country, c.language, c.zone, c.currency, c.business_id, c.vat_id, c.buyer_reference,
        c.order_number, c.cost_centre, c.created_at,
        (select kind from payment_method m where m.merchant_id = c.merchant_id
            and m.customer_id = c.id and m.is_default limit 1),
        (select channel from channel_preference h where h.merchant_id = c.merchant_id
            and h.customer_id = c.id and h.message_group = 'invoice'),
        (select coalesce(jsonb_object_agg(currency, minor), '{}') from (
            select w.currency, sum(w.balance_minor)::bigint as minor from wallet w
            where w.merchant_id = c.merchant_id and w.customer_id = c.id and w.balance_minor > 0
            group by w.currency) credit)
    from customer c join person p on p.merchant_id = c.merchant_id and p.id = c.person_id
"""
CALLED = f"{CUSTOMERS} where c.merchant_id = %(merchant)s and c.id = ({called('customer')})"
HELD = OF_CUSTOMER.format(customer="found.id")


class Customer(Struct, frozen=True):
    """A customer with name, address and wishes."""

    id: UUID
    external_id: str
    kind: str
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
    created_at: datetime
    payment_method: str | None
    channel: str | None
    credit: dict[str, int]


def customers(session: Session, wanted: Mapping[str, object], window: Window) -> list[Customer]:
    """Customers in a list."""
    return [Customer(*row) for row in listed(session, CUSTOMERS, wanted, window, "c.id")]


def by_id(session: Session, ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """Customers by their ids."""
    asked: UUID | list[UUID]
    if len(ids) == 1:  # as nearly always: a plan that is kept has to know that it is one
        condition, asked = "c.id = %(ids)s", ids[0]
    else:
        condition, asked = "c.id = any(%(ids)s)", list(ids)
    query = f"{CUSTOMERS} where c.merchant_id = %(merchant)s and {condition}"
    rows = session.prepared(query, {"merchant": session.merchant_id, "ids": asked})
    return {row[0]: Customer(*row) for row in rows}


def by_name(session: Session, text: str) -> Customer:
    """The customer that is called by its id or external id. Raises NotFound."""
    rows = session.prepared(CALLED, {"merchant": session.merchant_id, **calls("customer", text)})
    if not rows:
        raise unknown("customer", text)
    return Customer(*rows[0])


def with_subscriptions(
    session: Session, text: str, most: int
) -> tuple[Customer, list[Subscription], Clock]:
    """The same with its newest subscriptions, one more than so many if there is more, and the day.

    All of it in one statement. Raises NotFound.
    """
    query, values = listing(
        *(session.merchant_id, SUBSCRIPTIONS, {HELD: calls("customer", text)}, Window(most), "s.id")
    )
    rows = session.prepared(
        f"select found.*, array({query}), clock.* from ({CALLED}) found, ({CLOCK}) clock", values
    )
    if not rows:
        raise unknown("customer", text)
    *fields, held, at, zone = rows[0]
    return Customer(*fields), [*map(subscription_of, held)], Clock(at, zone)
