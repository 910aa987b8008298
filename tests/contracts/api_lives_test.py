"""How the API shows what a subscription's life has come to, and finds it by its state."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes import (
    AddAddOn,
    Cancel,
    ChangePlan,
    ChangeQuantity,
    GiveCoupon,
    Pause,
)
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from tests.contracts.api_visits import Program, key_for, refused
from tests.town import PRICES, Town, day

MORE = """
[[features]]
code = "storage"
name.en = "Storage"
kind = "limit"

[[features]]
code = "support"
name.en = "Support"

[[plans]]
code = "tried"
name.en = "Tried"

[[plans.phases]]
code = "trial"
interval = "day"
interval_count = 14
trial = true

[[plans.prices]]
code = "monthly"
product = "line"
interval = "month"
model = "flat"
amount = "10.00"

[[plans.entitlements]]
feature = "storage"
limit = 10

[[plans.entitlements]]
feature = "support"

[[add_ons]]
code = "space"
name.en = "Space"

[[add_ons.prices]]
code = "monthly"
product = "line"
interval = "month"
model = "per_unit"
unit_amount = "1.00"

[[add_ons.entitlements]]
feature = "storage"
limit = 5

[[coupons]]
code = "tenth"
name.en = "A tenth"
percent = 10

[[coupons]]
code = "euro"
name.en = "A euro"
amount = "1.00"
duration = "periods"
periods = 3
"""


@pytest.fixture
def town(booted: object) -> Town:
    assert booted
    town = Town.founded()
    catalogue = read_catalogue((PRICES + MORE).encode(), "more.toml", new_id)
    publish_catalogue(town.merchant_id, catalogue, town.now)
    return town


def shown(town: Town, own: Any) -> dict[str, Any]:
    found: dict[str, Any] = Program(key_for(town)).get(f"/v1/subscriptions/{own.hex}").json()
    return found


def test_what_runs_now_and_what_lies_ahead(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("seats", on="2026-10-01", quantity="5")
    aino.changes(own, ChangeQuantity(Decimal(8), on=day("2026-10-10")))
    aino.changes(own, ChangePlan("max", on=day("2026-12-01")))
    town.clock("2026-10-15")
    found = shown(town, own)
    assert (found["currency"], found["includes_tax"]) == ("EUR", True)
    runs = [(one["code"], one["quantity"], one["quantity_now"]) for one in found["items"]]
    assert runs == [("seats", "5", "8"), ("max", "8", None)]
    (ahead,) = found["ahead"]
    assert (ahead["kind"], ahead["effective_on"]) == ("plan_changed", "2026-12-01")
    program = Program(key_for(town))
    path = f"/v1/subscriptions/{own.hex}/changes"
    body = {"action": "call_off", "event": ahead["number"]}
    assert program.send("POST", path, body, Idempotency_Key="1").status_code == 201
    assert shown(town, own)["ahead"] == []


def test_pauses_discounts_and_terms(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("basic", on="2026-10-01")
    aino.changes(own, Pause(on=day("2026-11-01"), until=day("2026-11-15"), percent=Decimal(20)))
    aino.changes(own, GiveCoupon("tenth", on=day("2026-10-01")))
    aino.changes(own, GiveCoupon("euro", on=day("2026-10-02")))
    found = shown(town, own)
    assert found["pauses"] == [{"start_on": "2026-11-01", "end_on": "2026-11-15", "percent": "20"}]
    for one in found["discounts"]:
        assert one.pop("id").startswith("dis_")
    assert found["discounts"] == [
        {
            "code": "tenth",
            "percent": "10",
            "amount": None,
            "currency": None,
            "start_on": "2026-10-01",
            "end_on": None,
            "scope": "subscription",
        },
        {
            "code": "euro",
            "percent": None,
            "amount": "1.00",
            "currency": "EUR",
            "start_on": "2026-11-01",
            "end_on": "2027-02-01",
            "scope": "subscription",
        },
    ]
    assert found["terms"]["at_term_end"] == "open_ended"
    assert found["notice_days"] == 14


def test_a_state_is_shown_and_found(town: Town) -> None:
    aino = town.customer("Aino")
    own = {
        "ended": aino.subscribes("basic", on="2026-10-01", ends="2026-10-05"),
        "upcoming": aino.subscribes("basic", on="2026-12-01"),
        "paused": aino.subscribes("basic", on="2026-10-01"),
        "ending": aino.subscribes("basic", on="2026-10-01"),
        "trialing": aino.subscribes("tried", on="2026-10-05"),
        "active": aino.subscribes("basic", on="2026-10-01"),
    }
    aino.changes(own["paused"], Pause(on=day("2026-10-09"), until=day("2026-10-20")))
    aino.changes(own["ending"], Cancel())
    town.clock("2026-10-10")
    program = Program(key_for(town))
    for state, subscription in own.items():
        assert shown(town, subscription)["state"] == state
        (found,) = program.get(f"/v1/subscriptions?state={state}").json()["items"]
        assert found == shown(town, subscription)
    town.clock("2026-10-19")
    assert shown(town, own["trialing"])["state"] == "active"
    assert shown(town, own["paused"])["state"] == "paused"
    town.clock("2026-10-20")
    assert shown(town, own["paused"])["state"] == "active"


def test_a_pause_without_an_end_goes_on(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("tried", on="2026-10-01")
    aino.changes(own, Pause(on=day("2026-10-02")))
    aino.changes(own, AddAddOn("space", on=date(2026, 10, 1)))
    town.clock("2027-10-02")
    assert shown(town, own)["state"] == "paused"


def has(town: Town, feature: str, customer: str = "aino") -> tuple[bool, str | None]:
    program = Program(key_for(town))
    path = f"/v1/entitlements/check?customer={customer}&feature={feature}"
    found = program.get(path).json()
    (listed,) = (
        one
        for one in program.get(f"/v1/customers/{customer}/entitlements").json()["items"]
        if one["feature"] == feature
    )
    assert found == listed
    assert (found["used"], found["kind"] == "limit") == (None, feature == "storage")
    return found["allowed"], found["limit"]


def test_entitlements_follow_what_runs_today(town: Town) -> None:
    aino = town.customer("Aino")
    assert has(town, "support") == (False, None)
    assert has(town, "storage") == (False, "0")
    own = aino.subscribes("tried", on="2026-10-05")
    assert has(town, "storage") == (False, "0")  # it has not begun
    town.clock("2026-10-05")
    assert has(town, "storage") == (True, "10")  # in the trial already
    assert has(town, "support") == (True, None)
    aino.changes(own, AddAddOn("space", quantity=Decimal(3), on=day("2026-10-06")))
    assert has(town, "storage") == (True, "10")
    town.clock("2026-10-06")
    assert has(town, "storage") == (True, "25")
    aino.changes(own, ChangeQuantity(Decimal(1), "space", on=day("2026-10-08")))
    town.clock("2026-10-08")
    assert has(town, "storage") == (True, "15")
    aino.changes(own, Pause(until=day("2026-10-12")))
    assert (has(town, "storage"), has(town, "support")) == ((False, "0"), (False, None))
    town.clock("2026-10-12")
    assert has(town, "storage") == (True, "15")
    aino.changes(own, Cancel(last_day=day("2026-10-12"), waives_notice=True))
    town.clock("2026-10-13")
    assert (has(town, "storage"), has(town, "support")) == ((False, "0"), (False, None))


def test_who_uses_it_is_entitled_and_not_who_holds_it(town: Town) -> None:
    aino, onni = town.customer("Aino"), town.customer("Onni")
    aino.subscribes("tried", on="2026-10-01", user=onni.customer.external_id)
    assert has(town, "support") == (False, None)
    assert has(town, "support", "onni") == (True, None)


def test_who_is_not_there_and_what_is_not_there(town: Town) -> None:
    town.customer("Aino")
    program = Program(key_for(town))
    for query, status, code in (
        ("customer=nobody&feature=support", 404, "unknown_customer"),
        ("customer=aino&feature=magic", 404, "unknown_feature"),
        ("customer=aino", 400, "missing"),
        ("customer=aino&feature=support&nonsense=1", 400, "unknown_parameter"),
    ):
        assert refused(program.get(f"/v1/entitlements/check?{query}")) == (status, code)
    answer = program.get("/v1/customers/nobody/entitlements")
    assert refused(answer) == (404, "unknown_customer")
