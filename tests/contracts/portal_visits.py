"""A visitor of the portal for the tests: the link of a customer, and what it opens."""

from typing import Any
from uuid import UUID

from django.test import Client

from kesto.flows.portal_link import new_link
from kesto.store.session import writing
from tests.town import Citizen, Town


def browser(language: str = "en", **headers: str) -> Client:
    """A browser with nothing in it."""
    return Client(headers={"host": "localhost", "accept-language": language, **headers})


def link_of(citizen: Citizen, subject_id: UUID | None = None, town: Town | None = None) -> str:
    """A new link of a customer."""
    at = town or citizen.town
    with writing(at.merchant_id) as session:
        return new_link(session, citizen.customer.id, "view", subject_id, at.now)


def visit_of(citizen: Citizen, language: str = "en") -> Client:
    """A browser in which a customer's link has been opened."""
    client = browser(language)
    client.cookies["kesto_language"] = language
    answer = client.post(link_of(citizen))
    assert answer.status_code == 302, answer.content
    return client


def text_of(answer: Any) -> str:
    """A page's HTML with plain blanks."""
    return str(answer.content.decode()).replace("\N{NO-BREAK SPACE}", " ")
