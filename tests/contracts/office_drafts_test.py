"""The office's drafts: a list, the invoice as it will be, a line more, and issuing it now."""

import re

import pytest
from django.test import Client
from msgspec.structs import replace

from kesto.flows.change_settings import change_merchant
from kesto.store import merchants
from kesto.store.session import reading
from kesto.verify import verify
from tests.contracts.office_visits import facts, landed, member, text_of
from tests.town import ACTOR, Town

DRAFTS = "/office/drafts/"


@pytest.fixture
def street(town: Town) -> Town:
    """Two customers whose October is due, in a town that waits ten days."""
    for name in ("Aino Virtanen", "Eino Korhonen"):
        town.customer(name).subscribes("basic", on="2026-10-01")
    with reading(town.merchant_id) as session:
        limits = replace(merchants.limits(session), grace_days=10)
    change_merchant(town.merchant_id, "Town", limits, town.now, ACTOR)
    town.clock("2026-11-02")
    return town


@pytest.fixture
def owner(street: Town) -> Client:
    return member(street, "owner")


def a_draft(owner: Client) -> str:
    """The address of the first draft of the list."""
    found = re.search(rf'href="({DRAFTS}[0-9a-f-]{{36}}/)"', text_of(owner.get(DRAFTS)))
    assert found is not None
    return found[1]


def sealed(page: str) -> dict[str, str]:
    found = re.search(r'name="seal" value="([0-9a-f]{64})"', page)
    assert found is not None
    return {"seal": found[1]}


def test_drafts_are_listed_with_their_days(owner: Client) -> None:
    page = text_of(owner.get(DRAFTS))
    assert page.count(">1 November 2026") == page.count(">11 November 2026") == 2
    assert "Aino Virtanen" in page
    assert page.count("€10.00") == 2
    assert "a draft for 10 days" in page
    assert owner.get(f"{DRAFTS}?after=nonsense").status_code == 200
    last = text_of(owner.get(f"{DRAFTS}?after=00000000-0000-0000-0000-000000000000"))
    assert "No draft waits" in last


def test_without_a_grace_nothing_waits(town: Town) -> None:
    page = text_of(member(town, "owner").get(DRAFTS))
    assert "without waiting" in page
    assert "No draft waits" in page


def test_a_draft_is_issued_once(owner: Client, street: Town) -> None:
    path = a_draft(owner)
    page = text_of(owner.get(path))
    assert facts(page)["Total"] == "€10.00"
    seal = sealed(page)
    issued = landed(owner, owner.post(f"{path}issue/", seal))
    assert "2026-000001 is issued." in issued
    assert "was issued, or nothing is due" in landed(owner, owner.post(f"{path}issue/", seal))
    assert owner.get(path).status_code == 404
    assert len(street.invoices()) == 1
    assert len(street.bill(on="2026-11-11")) == 2
    assert verify(street.merchant_id) == []


def test_what_changed_since_it_was_shown_is_shown_first(owner: Client, street: Town) -> None:
    path = a_draft(owner)
    page = text_of(owner.get(path))
    form = re.search(r'href="(/office/subscriptions/[^"]+/extra/)\?on=2026-11-01"', page)
    assert form is not None
    prefilled = text_of(owner.get(f"{form[1]}?on=2026-11-01"))
    assert 'value="2026-11-01"' in prefilled
    asked = {"product": "line", "unit_amount": "4", "quantity": "1", "on": "2026-11-01"}
    preview = text_of(owner.post(form[1], asked))
    assert "€14.00" in preview
    quote = re.search(r'name="quote" value="([^"]+)"', preview)
    assert quote is not None
    confirm = form[1].replace("extra/", "confirm/")
    landed(owner, owner.post(confirm, {"quote": quote[1], "action": "extra"}))
    assert "has changed since" in landed(owner, owner.post(f"{path}issue/", sealed(page)))
    again = text_of(owner.get(path))
    assert facts(again)["Total"] == "€14.00"
    landed(owner, owner.post(f"{path}issue/", sealed(again)))
    assert street.invoices()[0].invoice.total_minor == 1400


def test_service_looks_and_does_not_issue(owner: Client, street: Town) -> None:
    path = a_draft(owner)
    service = member(street, "service")
    page = text_of(service.get(path))
    assert "Finance or an owner issues drafts." in page
    assert service.post(f"{path}issue/", {}).status_code == 403


def test_a_subscription_is_ordered_with_invoices_of_its_own(owner: Client, street: Town) -> None:
    with reading(street.merchant_id) as session:
        row = session.row("select id from customer where external_id = 'aino virtanen'")
    assert row is not None
    page = text_of(owner.get(f"/office/customers/{row[0]}/subscribe/?plan=basic"))
    own = re.search(r'name="id" value="([^"]+)"', page)
    assert own is not None
    order = {
        "id": own[1],
        "plan": "basic",
        "quantity": "1",
        "start_on": "2026-11-02",
        "alignment": "anniversary",
        "minimum_months": "0",
        "notice_days": "0",
        "is_separate": "on",
    }
    preview = text_of(owner.post(f"/office/customers/{row[0]}/subscribe/", order))
    seal = re.search(r'name="seal" value="([^"]+)"', preview)
    assert seal is not None, preview
    path = f"/office/customers/{row[0]}/subscribe/"
    landed(owner, owner.post(path, {**order, "seal": seal[1]}))
    with reading(street.merchant_id) as session:
        groups = session.rows("select separate_for::text from billing_group order by id")
    assert [one for (one,) in groups if one] == [own[1]]
