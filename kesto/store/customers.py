"""Customers in the database, with the people, wishes and snapshots that belong to them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.customers import Customer
from kesto.core.invoice import Buyer
from kesto.store.ids import new_ids
from kesto.store.session import Session, hexed
from kesto.store.snapshots import keep_snapshots, snapshot_hash


class KnownCustomer(Struct, frozen=True, gc=False):
    """What a flow needs of a customer that is there already."""

    id: UUID
    external_id: str
    zone: str
    kind: str = "consumer"
    currency: str = ""


def known_customers(session: Session, external_ids: Sequence[str]) -> dict[str, KnownCustomer]:
    """The customers with the given external ids, by external id."""
    rows = session.rows(
        "select id, external_id, zone, kind, currency from customer where merchant_id = %s"
        " and external_id = any(%s)",
        *(session.merchant_id, list(external_ids)),
    )
    return {row[1]: KnownCustomer(*row) for row in rows}


def subscriptions_of(session: Session, customer_id: UUID) -> list[UUID]:
    """The subscriptions that a customer holds, pays or uses."""
    rows = session.rows(
        "select id from subscription"
        " where merchant_id = %s and %s in (holder_id, payer_id, user_id)",
        *(session.merchant_id, customer_id),
    )
    return [own for (own,) in rows]


def add_customers(session: Session, customers: Sequence[Customer], now: datetime) -> None:
    """Write customers with person, payment wish, channel wish and the first journey event."""
    buyers = [buyer(customer) for customer in customers]
    keep_snapshots(session, buyers, now)
    people = new_ids(len(customers))
    session.add(
        "person",
        [
            {
                "id": person_id,
                **{
                    field: getattr(customer.person, field)
                    for field in customer.person.__struct_fields__
                },
            }
            for person_id, customer in zip(people, customers, strict=True)
        ],
    )
    session.add(
        "customer",
        [
            {
                "id": customer.id,
                "external_id": customer.external_id,
                "kind": customer.kind,
                "person_id": person_id,
                "language": customer.language,
                "zone": customer.zone,
                "currency": customer.currency,
                "business_id": customer.business_id,
                "vat_id": customer.vat_id,
                "buyer_reference": customer.buyer_reference,
                "order_number": customer.order_number,
                "cost_centre": customer.cost_centre,
                "snapshot_sha256": hexed(snapshot_hash(own)),
                "created_at": now,
            }
            for person_id, customer, own in zip(people, customers, buyers, strict=True)
        ],
    )
    _add_wishes(session, customers, now)


def lock_customer(session: Session, customer_id: UUID) -> None:
    """Keep others from changing a customer until the transaction ends."""
    session.row(
        "select from customer where merchant_id = %s and id = %s for update",
        *(session.merchant_id, customer_id),
    )


def change_customer(session: Session, customer: Customer, now: datetime) -> None:
    """Take over who a customer is; the next invoice freezes it, earlier ones keep their own."""
    own = buyer(customer)
    keep_snapshots(session, [own], now)
    session.execute(
        "update person p set name = %s, email = %s, phone = %s, street = %s, postal_code = %s,"
        " city = %s, country = %s from customer c where c.merchant_id = p.merchant_id"
        " and c.person_id = p.id and c.merchant_id = %s and c.id = %s",
        *(getattr(customer.person, field) for field in customer.person.__struct_fields__),
        *(session.merchant_id, customer.id),
    )
    session.execute(
        "update customer set external_id = %s, language = %s, zone = %s, currency = %s,"
        " business_id = %s, vat_id = %s, buyer_reference = %s, order_number = %s, cost_centre = %s,"
        " snapshot_sha256 = %s"
        " where merchant_id = %s and id = %s",
        *(customer.external_id, customer.language, customer.zone, customer.currency),
        *(customer.business_id, customer.vat_id),
        *(customer.buyer_reference, customer.order_number, customer.cost_centre),
        *(snapshot_hash(own), session.merchant_id, customer.id),
    )


def change_payment_method(session: Session, own: UUID, customer: Customer, now: datetime) -> None:
    """Let a customer wish to pay another way; `own` is the id of a row that is new."""
    session.execute(
        "insert into payment_method (merchant_id, id, customer_id, kind, is_default, created_at)"
        " values (%s, %s, %s, %s, true, %s) on conflict (merchant_id, customer_id)"
        " where is_default do update set kind = excluded.kind",
        *(session.merchant_id, own, customer.id, customer.payment_method, now),
    )


def buyer(customer: Customer) -> Buyer:
    """The customer as an invoice freezes it."""
    person = customer.person
    return Buyer(
        external_id=customer.external_id,
        kind=customer.kind,
        name=person.name,
        street=person.street,
        postal_code=person.postal_code,
        city=person.city,
        country=person.country,
        language=customer.language,
        business_id=customer.business_id,
        vat_id=customer.vat_id,
        buyer_reference=customer.buyer_reference,
        order_number=customer.order_number,
        cost_centre=customer.cost_centre,
    )


def _add_wishes(session: Session, customers: Sequence[Customer], now: datetime) -> None:
    ids = new_ids(3 * len(customers))
    session.add(
        "payment_method",
        [
            {
                "id": ids[3 * n],
                "customer_id": customer.id,
                "kind": customer.payment_method,
                "is_default": True,
                "created_at": now,
            }
            for n, customer in enumerate(customers)
        ],
    )
    session.add(
        "channel_preference",
        [
            {
                "id": ids[3 * n + 1],
                "customer_id": customer.id,
                "message_group": "invoice",
                "channel": customer.channel,
            }
            for n, customer in enumerate(customers)
        ],
    )
    session.add(
        "journey_event",
        [
            {
                "id": ids[3 * n + 2],
                "customer_id": customer.id,
                "kind": "joined",
                "occurred_at": now,
                "data": {},
            }
            for n, customer in enumerate(customers)
        ],
    )
