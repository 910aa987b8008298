"""Change a customer: who they are, what invoices say of them, how they pay and are reached."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict, replace

from kesto.adapters.files.customers import CUSTOMER, PERSON, read_customer
from kesto.core.customers import Customer
from kesto.core.ids import shown
from kesto.core.refusals import Conflict, NotFound
from kesto.flows.prefer_channel import check_wish, record_wishes
from kesto.store import audit, customers, portal
from kesto.store.api.customers import by_id
from kesto.store.ids import new_id
from kesto.store.session import Session, writing

FIXED = ("kind",)
CHANGEABLE = tuple(name for name in (*PERSON, *CUSTOMER) if name not in FIXED)
"""What may be changed, by name; the empty text takes a value away."""


def change_customer(
    merchant_id: UUID, customer_id: UUID, changes: Mapping[str, str], now: datetime, actor: str
) -> None:
    """Take over what is given and leave the rest.

    Raises NotFound, Invalid with the field, Conflict for another customer's external id and for
    a channel by which nobody is reached.

    Invoices that are made stay as they are. The audit log says which fields changed, not to what.
    """
    with writing(merchant_id) as session:
        customers.lock_customer(session, customer_id)
        known = by_id(session, [customer_id]).get(customer_id)
        if known is None:
            raise NotFound("there is no such customer", code="unknown_customer", field="customer")
        before = {name: str(asdict(known)[name] or "") for name in (*CUSTOMER, *PERSON)}
        changed = {name for name, text in changes.items() if before[name] != text}
        if not changed:
            return
        customer = read_customer({**before, **changes}, customer_id)
        if "external_id" in changed:
            _refuse_taken(session, customer.external_id)
        customers.change_customer(session, customer, now)
        if "payment_method" in changed:
            customers.change_payment_method(session, new_id(), customer, now)
        if "channel" in changed:
            _choose_channel(session, customer, now, actor)
        data = {"customer": shown("customer", customer_id), "fields": sorted(changed)}
        audit.record(session, "change_customer", data, now, actor)


def _choose_channel(session: Session, customer: Customer, now: datetime, actor: str) -> None:
    """Let invoices come another way; the other groups of messages stay as they are."""
    reached = portal.visitor(session, customer.id)
    before = portal.preferences(session, customer.id, lock=True)
    wish = replace(before["invoice"], channel=customer.channel)
    if reached is not None:
        check_wish("invoice", wish, reached, "channel")
    portal.prefer(session, new_id(), customer.id, "invoice", wish)
    record_wishes(session, customer.id, before, {"invoice": wish}, now, actor)


def _refuse_taken(session: Session, external_id: str) -> None:
    if customers.known_customers(session, [external_id]):
        raise Conflict(
            f"there is a customer {external_id!r} already; give another external id",
            code="external_id_taken",
            field="external_id",
        )
