"""Drafts through the API: listed, read, issued; subscriptions with invoices of their own."""

from typing import Any

import pytest
from msgspec.structs import replace

from kesto.flows.change_settings import change_merchant
from kesto.store import merchants
from kesto.store.session import reading
from kesto.verify import verify
from tests.contracts.api_visits import MERCHANT, Program, key_for, refused
from tests.town import ACTOR, Town


@pytest.fixture
def street(town: Town) -> Town:
    """Two customers with something due on the first of November, which waits ten days."""
    town.customer("Aino").subscribes("basic", on="2026-10-01", add_ons=["magazine"])
    town.customer("Eino", language="fi").subscribes("max", on="2026-11-01")
    limits(town, grace_days=10)
    town.clock("2026-11-02")
    return town


@pytest.fixture
def program(street: Town) -> Program:
    return Program(key_for(street))


def limits(town: Town, **changes: int) -> None:
    with reading(town.merchant_id) as session:
        wanted = replace(merchants.limits(session), **changes)
    change_merchant(town.merchant_id, "Town", wanted, town.now, ACTOR)


def items(program: Program, query: str = "") -> Any:
    answer = program.get(f"/v1/drafts{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def issue(program: Program, own: str, key: str) -> Any:
    return program.post(f"/v1/drafts/{own}/issue", {}, Idempotency_Key=key)


def test_drafts_come_in_pages(program: Program) -> None:
    assert program.get(MERCHANT).json()["grace_days"] == 10
    eino, aino = items(program)
    assert (eino["total"], eino["due_through"], eino["bill_on"], eino["due_on"]) == (
        *("49.90", "2026-11-01", "2026-11-11", "2026-11-25"),
    )
    assert eino["id"].startswith("grp_")
    assert eino["customer"].startswith("cus_")
    first = program.get("/v1/drafts?limit=1").json()
    assert first["items"] == [eino]
    second = program.get(f"/v1/drafts?limit=1&cursor={first['next_cursor']}").json()
    assert (second["items"], second["next_cursor"]) == ([aino], None)
    assert items(program, "?customer=aino") == [aino]
    assert refused(program.get("/v1/drafts?customer=nobody")) == (404, "unknown_customer")
    assert refused(program.get("/v1/drafts?state=open")) == (400, "unknown_parameter")


def test_a_draft_is_read_in_a_language(program: Program) -> None:
    eino, aino = items(program)
    assert program.get(f"/v1/drafts/{eino['id']}").json() == eino
    english = program.get(f"/v1/drafts/{eino['id']}?language=en").json()
    assert english["lines"][0]["words"] != eino["lines"][0]["words"]
    assert {line["amount"] for line in aino["lines"]} >= {"10.00"}
    for wrong in ("grp_1", "grp_" + "0" * 32, aino["customer"]):
        assert refused(program.get(f"/v1/drafts/{wrong}")) == (404, "unknown_draft")


def test_a_draft_is_issued_once(program: Program, street: Town) -> None:
    eino, aino = items(program)
    first = issue(program, eino["id"], "one")
    assert first.status_code == 201, first.content
    assert first.json()["credit_notes"] == []
    again = issue(program, eino["id"], "one")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert refused(issue(program, eino["id"], "two")) == (404, "unknown_draft")
    invoice = program.get(f"/v1/invoices/{first.json()['invoice']}").json()
    assert (invoice["total"], invoice["billing_group"]) == (eino["total"], eino["id"])
    assert items(program) == [aino]
    assert len(street.invoices()) == 1
    assert verify(street.merchant_id) == []


def test_what_a_person_must_look_at_is_refused(program: Program, street: Town) -> None:
    limits(street, invoice_limit_minor=100)
    (aino,) = items(program, "?customer=aino")
    assert aino["is_checked"]
    assert refused(issue(program, aino["id"], "x")) == (409, "out_of_bounds")
    reads = Program(key_for(street, "read"))
    assert issue(reads, aino["id"], "y").status_code == 403
    assert street.invoices() == []


def test_a_subscription_has_invoices_of_its_own(program: Program, street: Town) -> None:
    body = {"external_id": "own", "holder": "eino", "plan": "max", "start_on": "2026-11-02"}
    made = program.send(
        "POST", "/v1/subscriptions", {**body, "is_consolidated": False}, Idempotency_Key="own"
    )
    assert made.status_code == 201, made.content
    other = {**body, "external_id": "shared"}
    shared = program.send("POST", "/v1/subscriptions", other, Idempotency_Key="shared")
    groups = [one.json()["billing_group"] for one in (made, shared)]
    found = [one["id"] for one in items(program, "?customer=eino")]
    assert sorted(found) == sorted(groups)
    street.bill(on="2026-11-12")
    assert verify(street.merchant_id) == []
