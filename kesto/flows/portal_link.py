"""Portal link: a message's link leads its customer into the portal, once, without a password.

Opening the page of a link changes nothing: scanners of mail open links too. Only the button on it
spends the link. A link that is unknown, spent or too old gets one and the same answer.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.ids import shown
from kesto.core.refusals import NotFound
from kesto.store import audit, customers, merchants, portal, portal_links
from kesto.store.ids import new_token
from kesto.store.portal_links import Door
from kesto.store.session import Session, reading, writing

Scope = Literal["view"]
"""What a visit by link may do: see the customer's own things, choose how messages come."""

PATH = "/p/"


class Entered(Struct, frozen=True):
    """A visit that a link opened; `subject_id` is the invoice or payment of its message."""

    door: Door
    subject_id: UUID | None


def new_link(
    session: Session, customer_id: UUID, scope: Scope, subject_id: UUID | None, now: datetime
) -> str:
    """A new link of a customer, as a path; it lasts as long as the merchant's setting says."""
    token = new_token()
    portal_links.add_link(session, token, customer_id, scope, subject_id, now)
    return f"{PATH}{token}"


def link_for(merchant_id: UUID, external_id: str, now: datetime, actor: str) -> str:
    """A link for a customer by the merchant's own number, for support. Raises NotFound."""
    with writing(merchant_id) as session:
        found = customers.known_customers(session, [external_id]).get(external_id)
        if found is None:
            raise NotFound(
                f"there is no customer {external_id!r}", code="unknown_customer", field="customer"
            )
        audit.record(session, "portal_link", {"customer": shown("customer", found.id)}, now, actor)
        return new_link(session, found.id, "view", None, now)


def look_at_link(token: str, real_now: datetime) -> str:
    """The name of the merchant whose link it is; looking spends nothing. Raises NotFound."""
    door = _door(token)
    with reading(door.merchant_id) as session:
        merchant = merchants.merchant(session)
        now = merchant.clock_at or real_now
        if portal_links.open_link(session, token, now) is None:
            raise _void()
        return merchant.name


def follow_link(token: str, visit: Door | None) -> Entered | None:
    """Where a link of one's own leads during the visit that goes on: spent or not, it is open."""
    if visit is None or portal_links.door_of_link(token) != visit:
        return None
    with reading(visit.merchant_id) as session:
        return Entered(visit, portal_links.subject_of(session, token))


def spend_link(token: str, real_now: datetime) -> Entered:
    """Spend a link. Raises NotFound for one that is void."""
    door = _door(token)
    with writing(door.merchant_id) as session:
        now = merchants.merchant(session).clock_at or real_now
        opened = portal_links.spend_link(session, token, now)
        if opened is None or opened.customer_id != door.customer_id:
            raise _void()
        name = shown("customer", door.customer_id)
        audit.record(session, "enter_portal", {"customer": name}, now, name)
        return Entered(door, opened.subject_id)


def enter_for(merchant_id: UUID, customer_id: UUID, now: datetime, actor: str) -> None:
    """Note that staff visits the portal in the place of a customer. Raises NotFound."""
    with writing(merchant_id) as session:
        if portal.visitor(session, customer_id) is None:
            raise NotFound("there is no such customer", code="unknown_customer", field="customer")
        name = shown("customer", customer_id)
        audit.record(session, "enter_portal", {"customer": name}, now, actor)


def ask_new_link(token: str, real_now: datetime) -> None:
    """Have a new link sent to whom a void one belonged; nothing happens for an unknown one."""
    door = portal_links.door_of_link(token)
    if door is None:
        return
    with writing(door.merchant_id) as session:
        now = merchants.merchant(session).clock_at or real_now
        portal_links.ask_new_link(session, door.customer_id, now)


def _door(token: str) -> Door:
    door = portal_links.door_of_link(token)
    if door is None:
        raise _void()
    return door


def _void() -> NotFound:
    return NotFound(
        "this link has been used, or its time has run out; ask for a new one",
        code="link_void",
        field="link",
    )
