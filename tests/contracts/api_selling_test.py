"""Publishing over the API: plans, add-ons, coupons, features, meters, in the fields of a file."""

from typing import Any

import pytest

from kesto.core.changes import GiveCoupon
from kesto.core.refusals import NotAllowed
from tests.contracts.api_visits import Program, key_for, problem_of, refused
from tests.town import Town

PRICE = {"code": "monthly", "product": "line", "interval": "month"}
PLAN = {
    "code": "gold",
    "name": {"en": "Gold", "fi": "Kulta"},
    "prices_include_tax": True,
    "prices": [{**PRICE, "model": "flat", "amount": "99.00"}],
}
COUPON = {"code": "spring", "name": {"en": "Spring"}, "percent": "20", "codes": ["SPRING27"]}


class Shop:
    """A town and its program."""

    def __init__(self) -> None:
        self.town = Town.founded()
        self.program = Program(key_for(self.town))
        self.sent = 0

    def post(self, path: str, body: object = None) -> Any:
        """Send under a new key."""
        self.sent += 1
        return self.program.send("POST", f"/v1/{path}", body, Idempotency_Key=f"k{self.sent}")

    def get(self, path: str) -> Any:
        """Read something that is there."""
        answer = self.program.get(f"/v1/{path}")
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def shop(booted: object) -> Shop:
    assert booted
    return Shop()


def test_a_plan_is_published_version_by_version(shop: Shop) -> None:
    first = shop.post("plans", PLAN)
    assert first.status_code == 201, first.content
    dearer = {**PLAN, "prices": [{**PRICE, "model": "flat", "amount": "109.00"}]}
    second = shop.post("plans", dearer).json()
    assert [one["version"] for one in second["versions"]] == [2, 1]
    assert second == shop.get("plans/gold")
    shop.town.customer("Aino").subscribes("gold", on="2026-10-01")
    (invoice,) = shop.town.bill(on="2026-11-01")
    assert invoice.invoice.total_minor == 109_00


def test_a_version_that_is_there_can_not_become_another(shop: Shop) -> None:
    shop.post("plans", PLAN)
    assert shop.post("plans", {**PLAN, "version": 1}).status_code == 201  # the same: left alone
    assert len(shop.get("plans/gold")["versions"]) == 1
    changed = {**PLAN, "version": 1, "name": {"en": "Silver"}}
    assert refused(shop.post("plans", changed)) == (409, "published_version_changed")
    assert refused(shop.post("plans", {**PLAN, "version": 7})) == (400, "version_out_of_order")


def test_an_add_on_goes_with_plans_that_are_there(shop: Shop) -> None:
    add_on = {**PLAN, "code": "extra", "plans": ["basic"], "minimum_months": 3}
    found = shop.post("add_ons", add_on)
    assert (found.status_code, found.json()["plans"]) == (201, ["basic"])
    assert shop.get("add_ons/extra") == found.json()
    problem = problem_of(shop.post("add_ons", {**add_on, "code": "more", "plans": ["no"]}))
    assert (problem["status"], problem["field"]) == (400, "plans[0]")


def test_features_meters_and_what_plans_give_of_them(shop: Shop) -> None:
    meter = {"code": "calls", "name": {"en": "Calls"}, "aggregation": "count", "unit": "call"}
    made = shop.post("meters", meter)
    assert made.status_code == 201, made.content
    assert made.json() == shop.get("meters/calls") == shop.get("meters")["items"][0]
    feature = {"code": "calling", "name": {"en": "Calling"}, "kind": "metered", "meter": "calls"}
    made = shop.post("features", feature)
    assert made.status_code == 201, made.content
    assert made.json() == shop.get("features/calling") == shop.get("features")["items"][0]
    gives = [{"feature": "calling", "limit": "100"}]
    assert shop.post("plans", {**PLAN, "entitlements": gives}).status_code == 201
    shop.town.customer("Aino").subscribes("gold", on="2026-10-01")
    found = shop.get("entitlements/check?customer=aino&feature=calling")
    assert (found["allowed"], found["kind"], found["limit"]) == (True, "metered", "100")
    for noun, body in (("meters", meter), ("features", feature)):
        assert refused(shop.post(noun, body)) == (409, "code_taken")


def test_a_coupon_is_added_and_ended(shop: Shop) -> None:
    made = shop.post("coupons", COUPON)
    assert made.status_code == 201, made.content
    assert made.json() == shop.get("coupons/spring") == shop.get("coupons")["items"][0]
    assert refused(shop.post("coupons", COUPON)) == (409, "code_taken")
    taken = {**COUPON, "code": "other"}
    assert refused(shop.post("coupons", taken)) == (409, "coupon_code_taken")
    aino = shop.town.customer("Aino")
    own = aino.subscribes("basic", on="2026-10-01")
    aino.changes(own, GiveCoupon("SPRING27"))
    ended = shop.post("coupons/spring/end")
    assert (ended.status_code, ended.json()["valid_until"]) == (200, "2026-09-30")
    assert shop.post("coupons/spring/end").json() == ended.json()
    other = aino.subscribes("basic", on="2026-10-01")
    with pytest.raises(NotAllowed, match="was given through"):
        aino.changes(other, GiveCoupon("SPRING27"))
    (invoice,) = shop.town.bill(on="2026-11-01")
    assert invoice.invoice.total_minor == 18_00


def test_a_coupon_can_be_taken_on_its_last_day(shop: Shop) -> None:
    shop.post("coupons", {**COUPON, "valid_until": "2026-10-01"})
    aino = shop.town.customer("Aino")
    aino.changes(aino.subscribes("basic", on="2026-10-01"), GiveCoupon("spring"))
    shop.town.clock("2026-10-02")
    own = aino.subscribes("basic", on="2026-10-02")
    with pytest.raises(NotAllowed, match="was given through"):
        aino.changes(own, GiveCoupon("spring"))


@pytest.mark.parametrize(
    ("noun", "body", "field"),
    [
        ("plans", {}, "prices_include_tax"),
        ("plans", [], "body"),
        ("plans", {**PLAN, "code": "a b"}, "code"),
        ("plans", {**PLAN, "nonsense": 1}, "nonsense"),
        ("plans", {**PLAN, "prices": []}, "prices"),
        ("plans", {**PLAN, "prices": [{**PRICE, "model": "flat", "amount": 1.5}]}, "prices[0]"),
        ("plans", {**PLAN, "prices": [{**PRICE, "model": "dance"}]}, "prices[0].model"),
        (
            "plans",
            {**PLAN, "prices": [{**PRICE, "product": "no", "model": "flat", "amount": "1"}]},
            "prices[0].product",
        ),
        ("plans", {**PLAN, "entitlements": [{"feature": "no"}]}, "entitlements[0].feature"),
        ("coupons", {**COUPON, "amount": "1"}, "percent"),
        ("coupons", {**COUPON, "products": ["no"]}, "products[0]"),
        ("coupons", {**COUPON, "valid_until": "May"}, "valid_until"),
        ("features", {"code": "x", "name": {"en": "X"}, "kind": "metered"}, "meter"),
        ("features", {"code": "x", "name": {"en": "X"}, "kind": "dance"}, "kind"),
        ("features", {"code": None, "name": {"en": "X"}}, "code"),
        ("plans", {**PLAN, "terms": None}, "terms"),
        ("meters", {"code": "x", "name": {"en": "X"}}, "aggregation"),
        ("meters", {"code": "x", "name": {"xx": "X"}, "aggregation": "count"}, "name"),
    ],
)
def test_what_is_wrong_is_named(shop: Shop, noun: str, body: Any, field: str) -> None:
    problem = problem_of(shop.post(noun, body))
    assert problem["status"] == 400
    assert problem["field"].startswith(field), problem


def test_a_coupon_comes_with_an_order(shop: Shop) -> None:
    shop.post("coupons", COUPON)
    shop.town.customer("Aino")
    order = {"holder": "aino", "plan": "basic", "start_on": "2026-10-01", "external_id": "one"}
    made = shop.post("subscriptions", order | {"coupon": "spring27"})
    assert made.status_code == 201, made.content
    [discount] = made.json()["discounts"]
    assert (discount["code"], discount["start_on"]) == ("spring", "2026-10-01")
    other = order | {"external_id": "two", "coupon": "summer"}
    assert refused(shop.post("subscriptions", other)) == (404, "unknown_coupon")
    assert [one["external_id"] for one in shop.get("subscriptions")["items"]] == ["one"]


def test_what_is_new_is_offered_in_the_portal_when_it_says_so(shop: Shop) -> None:
    assert shop.post("plans", PLAN).json()["offered_in_portal"] is False
    body = {"offered_in_portal": True}
    changed = shop.program.send("PATCH", "/v1/plans/gold", body)
    assert (changed.status_code, changed.json()["offered_in_portal"]) == (200, True)
    assert changed.json() == shop.get("plans/gold")
    dearer = {**PLAN, "prices": [{**PRICE, "model": "flat", "amount": "109.00"}]}
    assert shop.post("plans", dearer).json()["offered_in_portal"] is True  # unless it says so
    cheaper = {**PLAN, "prices": [{**PRICE, "model": "flat", "amount": "9.00"}]}
    withheld = shop.post("plans", {**cheaper, "offered_in_portal": False})
    assert withheld.json()["offered_in_portal"] is False
    wrong = shop.post("plans", {**PLAN, "code": "tin", "offered_in_portal": "yes"})
    assert problem_of(wrong)["field"] == "offered_in_portal"
    router = {**PLAN, "code": "router", "offered_in_portal": True}
    assert shop.post("add_ons", router).json()["offered_in_portal"] is True
    withdrawn = shop.program.send("PATCH", "/v1/add_ons/router", {"offered_in_portal": False})
    assert withdrawn.json() == shop.get("add_ons/router")
    assert withdrawn.json()["offered_in_portal"] is False
    for path in ("plans/tin", "add_ons/tin"):
        assert shop.program.send("PATCH", f"/v1/{path}", body).status_code == 404
    assert shop.program.send("PATCH", "/v1/plans/gold", {"name": "G"}).status_code == 400
