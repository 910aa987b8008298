"""Fills a home for the browser tests: `python -m tests.browser.village` prints what it made.

A small town with a few months behind it: invoices paid, open and credited, a payment that found
no invoice. What the tests need to know of it is printed as JSON.
"""

import json
import secrets

from kesto.core.staff import ROLES, Role
from kesto.flows.accept_staff_link import accept_staff_link
from kesto.flows.invite_staff import invite_staff
from kesto.ops.desk import installation
from kesto.store.web_sessions import WebSession, keep_session
from kesto.web.ui.sessions import OFFICE, hashed
from tests.browser.office_village import careful_office, empty_office, office_facts
from tests.browser.portal_village import portal_facts
from tests.browser.usage_village import usage_facts
from tests.town import ACTOR, Town

MONTHS = ("2026-11-01", "2026-12-01")


def main() -> None:
    """Found the town and tell about it."""
    with installation():
        print(json.dumps(found()))  # noqa: T201 - the tests read it


def found() -> dict[str, object]:
    """The town and what happened in it."""
    town = Town.founded()
    people = [town.customer(name) for name in ("Aino Virtanen", "Matti Meikäläinen")]
    for person in people:
        person.subscribes("basic", on="2026-10-01")
    first = town.bill(on=MONTHS[0])
    town.pays(first[0])
    town.pays(amount_minor=1234, payer_name="Korhonen Sanna", texts=("kiitos",))
    town.bill(on=MONTHS[1])
    return {
        "merchant_id": str(town.merchant_id),
        "code": town.code,
        "office": office_facts(),
        "portal": portal_facts(),
        "empty": empty_office(),
        "careful": careful_office(),
        "deciding": careful_office(),
        "usage": usage_facts(),
        "visits": {role: visit(town, role) for role in ROLES},
    }


def visit(town: Town, role: Role) -> str:
    """A member of staff who has signed in; answers the key of their visit."""
    token, email = secrets.token_urlsafe(), f"{role}@example.com"
    name = f"{role.title()} Laine"
    staff_id = invite_staff(town.merchant_id, name, email, role, "en", token, town.now, ACTOR)
    accept_staff_link(token, secrets.token_urlsafe(), town.now)
    key = secrets.token_urlsafe()
    kept = WebSession(town.merchant_id, staff_id, {})
    keep_session(hashed(key), OFFICE.kind, kept, OFFICE.seconds)
    return key


if __name__ == "__main__":
    main()
