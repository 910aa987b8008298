"""Price series over the API: made once, growing day by day, and named by plans."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.contracts.api_visits import Program, key_for, problem_of, refused
from tests.town import Town

SPOT = {"code": "spot-fi", "name": "Spot", "unit": "kWh", "resolution": "hour"}
VALUES = "/v1/price_series/spot-fi/values"
FIRST = {"starts_at": "2026-10-05T00:00+03:00", "amount": "0.10"}


class Shop:
    """A town with a price series, and a program that sends its prices."""

    def __init__(self) -> None:
        self.town = Town.founded()
        self.program = Program(key_for(self.town))
        self.made = self.post("/v1/price_series", SPOT)

    def post(self, path: str, body: object, **headers: str) -> Any:
        key = f"k{len(json.dumps(body))}{hash(json.dumps(body))}"
        return self.program.send("POST", path, body, **{"Idempotency_Key": key, **headers})

    def gives(self, *values: Mapping[str, object]) -> Any:
        return self.program.send("POST", VALUES, {"values": values})


@pytest.fixture
def shop(booted: object) -> Shop:
    assert booted
    return Shop()


def test_a_series_is_made_read_and_listed(shop: Shop) -> None:
    assert shop.made.status_code == 201
    made = shop.made.json()
    assert made["id"].startswith("prs_")
    assert made == {
        "id": made["id"],
        **SPOT,
        "currency": "EUR",
        "values": 0,
        "first_at": None,
        "known_until": None,
    }
    shop.gives(FIRST, {**FIRST, "starts_at": "2026-10-05T02:00+03:00"})
    for name in ("spot-fi", made["id"]):
        found = shop.program.get(f"/v1/price_series/{name}").json()
        assert (found["values"], found["first_at"]) == (2, "2026-10-04T21:00:00Z")
        assert found["known_until"] == "2026-10-05T00:00:00Z"
    assert shop.program.get("/v1/price_series").json()["items"] == [found]
    assert shop.program.get("/v1/price_series?code=x").json()["items"] == []
    assert refused(shop.program.get("/v1/price_series/x")) == (404, "unknown_price_series")
    again = shop.post("/v1/price_series", SPOT, Idempotency_Key="other")
    assert refused(again) == (409, "already_known")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": ""}, "code"),
        ({"name": " "}, "name"),
        ({"currency": "XXX"}, "currency"),
        ({"resolution": "day"}, "resolution"),
        ({"unit": "k\nWh"}, "unit"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused_by_field(
    shop: Shop, wrong: dict[str, str], field: str
) -> None:
    answer = shop.post("/v1/price_series", {**SPOT, "code": "other", **wrong})
    assert answer.status_code in {400, 422}
    assert problem_of(answer)["field"] == field


def test_values_are_taken_once_and_read_in_pages(shop: Shop) -> None:
    day = [
        {"starts_at": f"2026-10-05T{hour:02}:00:00Z", "amount": f"{hour - 5}.5"}
        for hour in range(24)
    ]
    assert shop.gives(*day).json() == {"accepted": 24, "duplicate": 0, "released": 0}
    assert shop.gives(*day[:3]).json() == {"accepted": 0, "duplicate": 3, "released": 0}
    path, found = f"{VALUES}?limit=7", []
    page = shop.program.get(path).json()
    found += page["items"]
    while page["next_cursor"]:
        page = shop.program.get(f"{path}&cursor={page['next_cursor']}").json()
        found += page["items"]
    assert [one["starts_at"] for one in found] == [one["starts_at"] for one in day]
    assert found[0]["amount"] == "-5.5"
    window = f"{VALUES}?time_from=2026-10-05T03:00Z&time_until=2026-10-05T05:00Z"
    assert [one["amount"] for one in shop.program.get(window).json()["items"]] == ["-2.5", "-1.5"]


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"starts_at": "2026-10-05T00:30+03:00"}, "off_grid", "values[1].starts_at"),
        ({"starts_at": "2026-10-05T00:00:01Z"}, "off_grid", "values[1].starts_at"),
        ({"starts_at": "1999-10-05T00:00Z"}, "bad_time", "values[1].starts_at"),
        ({"starts_at": "2026-02-30T00:00Z"}, "bad_value", "values[1].starts_at"),
        ({"starts_at": 5}, "bad_value", "values[1].starts_at"),
        ({"starts_at": None}, "bad_value", "values[1].starts_at"),
        ({"amount": "1000000000"}, "bad_decimal", "values[1].amount"),
        ({"amount": "NaN"}, "bad_value", "values[1].amount"),
        ({"amount": "Infinity"}, "bad_value", "values[1].amount"),
        ({"amount": 0.1}, "bad_value", "values[1].amount"),
        ({"amount": True}, "bad_value", "values[1].amount"),
        ({"amount": "0.0000000000001"}, "bad_value", "values[1].amount"),
        ({"amount": "1e999"}, "bad_value", "values[1].amount"),
        ({"amount": ""}, "bad_value", "values[1].amount"),
        ({"price": "1"}, "unknown_field", "values[1].price"),
        ({**FIRST, "amount": "0.11"}, "other_price", "values[1].starts_at"),
        (
            {"amount": "0.11", "starts_at": "2026-10-04T20:00Z"},
            "other_price",
            "values[1].starts_at",
        ),
    ],
)
def test_values_that_make_no_sense_are_refused_whole(
    shop: Shop, wrong: dict[str, object], code: str, field: str
) -> None:
    shop.gives({"starts_at": "2026-10-04T20:00Z", "amount": "0.10"})
    answer = shop.gives(FIRST, {"starts_at": "2026-10-05T01:00Z", "amount": "1", **wrong})
    problem = problem_of(answer)
    assert (problem["code"], problem["field"]) == (code, field), problem
    assert shop.program.get("/v1/price_series/spot-fi").json()["values"] == 1


def test_no_list_too_many_and_another_key(shop: Shop) -> None:
    bodies: list[dict[str, Any]] = [{}, {"values": []}, {"values": {}}]
    for body in (*bodies, {"values": [FIRST] * 10_001}):
        answer = shop.program.send("POST", VALUES, body)
        assert problem_of(answer)["field"].startswith("values")
    assert shop.gives(*[FIRST] * 10_000).json()["duplicate"] == 9_999
    reader = Program(key_for(shop.town, "read"))
    assert refused(reader.send("POST", VALUES, {"values": [FIRST]})) == (403, "scope_missing")
    other = Program(key_for(Town.founded()))
    assert refused(other.send("POST", VALUES, {"values": [FIRST]}))[0] == 404
    assert refused(other.get(VALUES))[0] == 404


def test_a_plan_names_a_series(shop: Shop) -> None:
    energy = {
        "code": "energy",
        "product": "line",
        "interval": "month",
        "meter": "talk",
        "model": "time_series",
        "series": "spot-fi",
        "margin": "-0.002",
    }
    plan: dict[str, Any] = {
        "code": "spot",
        "name": {"en": "Spot"},
        "prices_include_tax": True,
        "prices": [energy],
    }
    answer = shop.post("/v1/plans", plan)
    assert answer.status_code == 201, answer.content
    (shown,) = (
        answer.json()["versions"][0]["prices"]
        if "versions" in answer.json()
        else answer.json()["prices"]
    )
    assert (shown["spec"]["series"], shown["spec"]["margin"]) == ("spot-fi", "-0.002")
    wrong = {**plan, "code": "other", "prices": [{**plan["prices"][0], "series": "spot-se"}]}
    problem = problem_of(shop.post("/v1/plans", wrong))
    assert problem["field"] == "prices[0].series"
    assert "no price series that is known" in problem["detail"]
