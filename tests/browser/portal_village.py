"""What the browser tests of the portal need: a customer with a few months behind her."""

import secrets
from datetime import date
from uuid import UUID

from kesto.core.changes import Command, RemoveAddOn, SkipDelivery
from kesto.core.ids import shown
from kesto.flows.change_subscription import change_subscription
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.flows.portal_link import new_link
from kesto.flows.record_fulfilment import Report, record_fulfilment
from kesto.store.session import writing
from kesto.store.web_sessions import WebSession, keep_session
from kesto.web.ui.sessions import PORTAL, hashed
from tests import boxes
from tests.town import ACTOR, Citizen, Town

LINKS = 8


def portal_facts() -> dict[str, object]:
    """A town of its own, a visit of a customer in it, and links that nobody has used."""
    town = Town.founded(on="2026-08-01")
    lumi = town.customer("Lumi Laaksonen", language="fi")
    has_mail(lumi)
    own = lumi.subscribes("basic", on="2026-08-01", add_ons=["safety", "magazine"])
    town.pays(town.bill(on="2026-09-01")[0])
    town.pays(town.bill(on="2026-10-01")[0])
    lumi.subscribes("seats", on="2026-10-01", quantity="45")
    town.pays(town.bill(on="2026-11-01")[0], amount_minor=1000)
    last = town.bill(on="2026-12-01")[0]
    credit = NewCredit(
        kind="given", amount_minor=250, reason="Katkos", expires_on=date(2027, 3, 31)
    )
    give_credit(town.merchant_id, lumi.customer.id, credit, town.now, ACTOR)
    town.clock("2026-12-11")
    newcomer = town.customer("Uuno Uusi")
    return {
        "visit": visit(town, lumi.customer.id),
        "newcomer": visit(town, newcomer.customer.id),
        "number": last.number,
        "subscription": str(own),
        "box": str(a_box(lumi)),
        "links": [link(lumi) for _ in range(LINKS)],
    }


def a_box(citizen: Citizen) -> UUID:
    """A box of which one arrived and one is skipped."""
    town = boxes.opened(citizen.town)
    own = citizen.subscribes("box", on="2026-12-01", add_ons=["coffee"])
    report = Report(date(2026, 12, 10), "delivered", carrier="Posti", tracking="JJFI1")
    record_fulfilment(town.merchant_id, own.hex, report, town.now, ACTOR)
    citizen.changes(own, SkipDelivery(date(2026, 12, 24)))
    plans(citizen, own, RemoveAddOn("coffee"))
    return own


def plans(citizen: Citizen, subscription: UUID, command: Command) -> None:
    """Ask for a change as customers do in the portal."""
    actor = shown("customer", citizen.customer.id)
    change_subscription(
        *(citizen.town.merchant_id, subscription.hex, command, citizen.town.now, actor),
        is_staff=False,
    )


def has_mail(citizen: Citizen) -> None:
    """Give a customer an e-mail address and a telephone."""
    with writing(citizen.town.merchant_id) as session:
        session.execute(
            "update person set email = 'lumi@example.com', phone = '040 555 0173'"
            " where merchant_id = %s and id = (select person_id from customer"
            "  where merchant_id = %s and id = %s)",
            *(session.merchant_id, session.merchant_id, citizen.customer.id),
        )


def visit(town: Town, customer_id: UUID) -> str:
    """A customer whose link was opened; answers the key of the visit."""
    key = secrets.token_urlsafe()
    kept = WebSession(town.merchant_id, customer_id, {})
    keep_session(hashed(key), PORTAL.kind, kept, PORTAL.seconds)
    return key


def link(citizen: Citizen) -> str:
    """A link of a customer, as a message has it."""
    with writing(citizen.town.merchant_id) as session:
        return new_link(session, citizen.customer.id, "view", None, citizen.town.now)
