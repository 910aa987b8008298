"""A visitor of the office for the tests: a member of staff who signs in as people do."""

import re
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.test import Client

from kesto.core.staff import Role
from kesto.flows.accept_staff_link import accept_staff_link
from kesto.flows.invite_staff import invite_staff
from tests.town import ACTOR, Town

PASSWORD = "hevonen kuu lapio"  # noqa: S105 - of nobody
SIGN_IN = "/office/sign-in/"


def browser(language: str = "en", *, checks_csrf: bool = False, address: str = "") -> Client:
    """A browser with nothing in it, somewhere of its own."""
    client = Client(
        enforce_csrf_checks=checks_csrf,
        headers={"host": "localhost", "accept-language": language},
        REMOTE_ADDR=address or f"2001:db8::{secrets.token_hex(2)}",
    )
    client.cookies["kesto_language"] = language
    return client


def real_now() -> datetime:
    """The moment by the machine's clock, which invitations and codes go by."""
    return datetime.now(UTC)


def invited(town: Town, role: Role, email: str = "") -> tuple[UUID, str]:
    """Somebody new with a link to come in by: their id, and the link's token."""
    token = secrets.token_urlsafe()
    address = email or f"{role}@{town.code}.example"
    name = role.title()
    staff_id = invite_staff(town.merchant_id, name, address, role, "en", token, real_now(), ACTOR)
    return staff_id, token


def member(town: Town, role: Role, language: str = "en") -> Client:
    """A browser in which somebody of a role is at work."""
    _, token = invited(town, role, f"{role}-{secrets.token_hex(4)}@example.com")
    client = browser(language)
    answer = client.post(f"/office/welcome/{token}/", {"password": PASSWORD})
    assert answer.status_code == 302, text_of(answer)
    return client


def text_of(answer: Any) -> str:
    """A page's HTML with plain blanks."""
    return str(answer.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def landed(client: Client, answer: Any) -> str:
    """The page that a redirect leads to."""
    assert answer.status_code == 302, text_of(answer)
    return text_of(client.get(answer.headers["Location"]))


def facts(page: str) -> dict[str, str]:
    """The facts of a page by name."""
    return dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)", page))


def lived_in(town: Town) -> Town:
    """Three customers, two months: one has paid, one is late, one has paid in part."""
    for name in ("Aino Virtanen", "Eino Korhonen", "Liisa Laine"):
        town.customer(name, language="fi").subscribes("basic", on="2026-10-01")
    paid, _, part = town.bill(on="2026-11-01")
    town.clock("2026-11-10")
    town.pays(paid)
    town.pays(part, amount_minor=400)
    town.pays(amount_minor=1000, payer_name="KORHONEN EINO", texts=("lasku",))
    town.pays(amount_minor=77, payer_name="NOBODY")
    town.bill(on="2026-12-01")
    return town


def ready(town: Town, email: str) -> None:
    """Let somebody have chosen a password."""
    _, token = invited(town, "service", email)
    accept_staff_link(token, PASSWORD, real_now())


def sign_in_form(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    """Fill in the form of the way in."""
    return client.post(SIGN_IN, {"email": email, "password": password, **more})
