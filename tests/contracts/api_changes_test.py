"""Changes of subscriptions over the API: previewed, quoted, confirmed, carried out at once."""

from typing import Any
from uuid import UUID

import pytest

from kesto.store.office import runs as listed
from kesto.store.session import reading
from tests.contracts.api_visits import Program, key_for, problem_of, refused
from tests.town import Town

PLUS = {"action": "change_plan", "plan": "plus"}


class Shop:
    """A town whose Aino has Basic since October, and a program with a key."""

    def __init__(self) -> None:
        self.town = Town.founded()
        self.own: UUID = self.town.customer("Aino").subscribes("basic", on="2026-10-01")
        self.program = Program(key_for(self.town))
        self.sent = 0

    def post(self, noun: str, body: object = None, *, of: str = "") -> Any:
        """Ask something of the subscription, under a new key."""
        self.sent += 1
        path = of or f"/v1/subscriptions/{self.own.hex}/{noun}"
        return self.program.send("POST", path, body, Idempotency_Key=f"k{self.sent}")


@pytest.fixture
def shop(booted: object) -> Shop:
    assert booted
    return Shop()


def test_a_preview_says_what_a_change_comes_to_and_writes_nothing(shop: Shop) -> None:
    path = f"/v1/subscriptions/{shop.own.hex}/preview"
    answer = shop.program.post(path, {**PLUS, "on": "2026-10-16"})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["on"], [one["kind"] for one in found["events"]]) == (
        "2026-10-16",
        ["plan_changed"],
    )
    (group,) = found["groups"]
    assert (group["currency"], group["includes_tax"]) == ("EUR", True)
    first, *_ = group["bills"]
    assert group["before"]["total"] == "10.00"
    assert group["difference"]["regularly"]["every"] == "month"
    assert first["total"] == f"{sum(float(one['amount']) for one in first['lines']):.2f}"
    assert {one["kind"] for one in first["lines"]} == {"recurring", "one_time"}
    assert first["lines"][0]["explanation"]["exact"]
    assert len(shop.town.history(shop.own)) == 1


def test_a_credit_is_a_bill_below_zero(shop: Shop) -> None:
    shop.post("changes", {**PLUS, "on": "2026-10-01"})
    shop.town.bill(on="2026-10-02")
    body = {"action": "change_plan", "plan": "free", "on": "2026-10-10"}
    bill = shop.post("preview", body).json()["groups"][0]["bills"][0]
    assert bill["total"].startswith("-")


def test_a_change_is_carried_out_once(shop: Shop) -> None:
    path = f"/v1/subscriptions/{shop.own.hex}/changes"
    first = shop.program.post(path, PLUS, Idempotency_Key="a")
    again = shop.program.post(path, PLUS, Idempotency_Key="a")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert [kind for _, kind in shop.town.history(shop.own)] == ["subscribed", "plan_changed"]
    events = shop.program.get(f"/v1/subscriptions/{shop.own.hex}/events").json()["items"]
    (event,) = first.json()["events"]
    assert event["data"] == events[-1]["data"]


def test_a_quote_is_confirmed_as_it_was_shown(shop: Shop) -> None:
    answer = shop.post("quotes", PLUS)
    assert answer.status_code == 201
    quote = answer.json()
    path = f"/v1/quotes/{quote['id']}"
    assert shop.program.get(path).json() == quote
    confirmed = shop.post("", of=f"{path}/confirm")
    assert confirmed.status_code == 200
    assert confirmed.json()["quote"] is None
    assert confirmed.json()["change"]["events"] == quote["preview"]["events"]
    kept = shop.program.get(path).json()
    assert (kept["preview"], bool(kept["confirmed_at"])) == (None, True)
    assert refused(shop.post("", of=f"{path}/confirm")) == (409, "already_confirmed")


def test_a_quote_that_no_longer_holds_is_answered_with_a_new_one(shop: Shop) -> None:
    quote = shop.post("quotes", PLUS).json()
    shop.post("changes", {"action": "add_add_on", "add_on": "safety"})
    path = f"/v1/quotes/{quote['id']}"
    assert shop.program.get(path).json()["preview"] is None
    found = shop.post("", of=f"{path}/confirm").json()
    assert found["change"] is None
    assert found["quote"]["id"] != quote["id"]
    again = shop.post("", of=f"/v1/quotes/{found['quote']['id']}/confirm").json()
    assert again["change"]["on"] == "2026-10-01"


def test_a_quote_is_too_old_after_a_day(shop: Shop) -> None:
    quote = shop.post("quotes", PLUS).json()
    shop.town.clock("2026-10-03")
    assert shop.program.get(f"/v1/quotes/{quote['id']}").json()["preview"] is None
    found = shop.post("", of=f"/v1/quotes/{quote['id']}/confirm").json()
    assert found["change"] is None


def test_there_is_no_such_quote(shop: Shop) -> None:
    for name in ("nonsense", f"quo_{'0' * 32}", f"sub_{shop.own.hex}"):
        assert refused(shop.program.get(f"/v1/quotes/{name}")) == (404, "unknown_quote")
        answer = shop.post("", of=f"/v1/quotes/{name}/confirm")
        assert refused(answer) == (404, "unknown_quote")


def test_a_confirmation_takes_no_body(shop: Shop) -> None:
    quote = shop.post("quotes", PLUS).json()
    for body in (PLUS, b"{", b"[]"):
        answer = shop.post("", body, of=f"/v1/quotes/{quote['id']}/confirm")
        assert answer.status_code == 400


EXTRA = {"action": "add_extra", "product": "line", "unit_amount": "1"}


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"plan": "plus"}, "missing", "action"),
        ({"action": "dance"}, "bad_value", "action"),
        ([], "bad_value", "body"),
        ({"action": "change_plan"}, "missing", "plan"),
        ({**PLUS, "nonsense": 1}, "unknown_field", "nonsense"),
        ({**PLUS, "plan": 1}, "bad_value", "plan"),
        ({**PLUS, "plan": "a\nb"}, "bad_text", "plan"),
        ({**PLUS, "plan": "a" * 201}, "bad_text", "plan"),
        ({**PLUS, "on": "2026-02-30"}, "bad_value", "on"),
        ({**PLUS, "on": "1899-12-31"}, "bad_date", "on"),
        ({**PLUS, "on": "2201-01-01"}, "bad_date", "on"),
        ({**PLUS, "quantity": 1.5}, "bad_value", "quantity"),
        ({**PLUS, "quantity": "NaN"}, "bad_decimal", "quantity"),
        ({**PLUS, "quantity": "0"}, "bad_quantity", "quantity"),
        ({**EXTRA, "unit_amount": "1e-300"}, "bad_decimal", "unit_amount"),
        ({**EXTRA, "unit_amount": "-Infinity"}, "bad_decimal", "unit_amount"),
        ({**EXTRA, "unit_amount": "-1000000000"}, "bad_amount", "unit_amount"),
        ({**EXTRA, "unit_amount": "0.1234567890123"}, "bad_decimal", "unit_amount"),
        ({**EXTRA, "texts": {"en": "a\x00b"}}, "bad_text", "texts.en"),
        ({**EXTRA, "texts": {"en": 1}}, "bad_value", "texts"),
        ({"action": "pause", "percent": "NaN"}, "bad_decimal", "percent"),
        ({"action": "call_off", "event": 2**80}, "bad_count", "event"),
    ],
)
def test_what_is_wrong_is_named(shop: Shop, body: Any, code: str, field: str) -> None:
    for noun in ("preview", "quotes", "changes"):
        answer = shop.post(noun, body)
        problem = problem_of(answer)
        assert (answer.status_code, problem["code"], problem["field"]) == (400, code, field)
    assert len(shop.town.history(shop.own)) == 1


def test_what_the_core_refuses_is_a_problem(shop: Shop) -> None:
    for body, status, code in (
        ({"action": "change_plan", "plan": "basic"}, 409, "same_plan"),
        ({"action": "change_plan", "plan": "gold"}, 404, "unknown_plan"),
        ({"action": "resume"}, 409, "not_paused"),
        ({"action": "transfer", "payer": "nobody"}, 404, "unknown_customer"),
        ({"action": "call_off", "event": 999_999_999}, 404, "not_found"),
    ):
        for noun in ("preview", "quotes", "changes"):
            assert refused(shop.post(noun, body)) == (status, code)


def test_the_edges_of_what_is_let_through_are_billed(shop: Shop) -> None:
    for body in (
        {**EXTRA, "unit_amount": "0.000000000001", "quantity": "0.000000000001"},
        {**EXTRA, "unit_amount": "-5.123456789012", "texts": {"en": "Sorry"}},
        {**EXTRA, "unit_amount": "100", "quantity": "3.333333333333"},
        {"action": "change_quantity", "quantity": "0.000000000001", "on": "2026-10-20"},
        {"action": "pause", "on": "2026-10-05", "until": "2026-10-09", "percent": "0.000000000001"},
        {"action": "pause", "on": "2026-12-31", "until": "2200-12-31"},
        {"action": "change_plan", "plan": "seats", "on": "2200-12-31", "quantity": "999999999"},
    ):
        found = shop.post("preview", body)
        assert found.status_code == 200, (body, found.content)
        answer = shop.post("changes", body)
        assert answer.status_code == 201, (body, answer.content)
    (invoice,) = shop.town.bill(on="2026-11-01")
    assert invoice.invoice.total_minor > 0
    with reading(shop.town.merchant_id) as session:
        assert listed.parked(session) == []


def test_terms_do_not_reach_beyond_the_calendar(shop: Shop) -> None:
    for _ in range(2):
        answer = shop.post("changes", {"action": "renew", "months": 1000})
        assert answer.status_code == 201, answer.content
    assert shop.post("changes", {"action": "renew", "months": 1000}).status_code == 201
    assert refused(shop.post("changes", {"action": "renew", "months": 1})) == (400, "bad_date")
