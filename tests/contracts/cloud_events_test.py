"""CloudEvents: the requests of the published clients, byte for byte, and what becomes of them.

`make clients` sends the same by the packages themselves.
"""

import json
from typing import Any

import pytest

from tests.contracts.api_doors_test import at_the_door
from tests.contracts.api_visits import Program, key_for
from tests.town import Town

ONE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
EVENT = {
    "specversion": "1.0",
    "id": "ce-1",
    "source": "my-app",
    "type": "talk",
    "subject": "aino",
    "time": "2026-10-09T12:00:00Z",
    "data": {"value": "2.5", "model": "gpt-4o"},
}
BY_OPENMETER = (
    b'{"id": "om-1", "source": "my-app", "specversion": "1.0", "type": "talk",'
    b' "subject": "aino", "time": "2026-10-09T12:00:00Z", "data": {"value": "1", "model": "x"}}'
)
BY_CLOUDEVENTS = (
    b'{"specversion": "1.0", "id": "ce-9", "source": "shop", "type": "talk", "subject": "aino",'
    b' "time": "2026-10-09T12:00:00+00:00", "data": {"value": "1.5"}}'
)


class Shop:
    """A town whose Aino pays for what she uses, and one who sends CloudEvents."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.own = town.customer("Aino").subscribes("metered", on="2026-10-01")
        town.clock("2026-10-20")
        self.key = key_for(town)

    def sends(self, body: Any, kind: str = ONE, path: str = "/v1/events", **headers: str) -> Any:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"authorization": f"Bearer {self.key}", **headers}
        return at_the_door("POST", path, sent, kind, **given)

    def told(self, body: Any, kind: str = ONE, **headers: str) -> list[Any]:
        status, _, answer = self.sends(body, kind, **headers)
        assert status == 200, answer
        found: list[Any] = json.loads(answer)["events"]
        return found

    def refusal(self, body: Any) -> tuple[str, str, str]:
        (one,) = self.told(body)
        return one["status"], one["code"], one["field"]

    def kept(self) -> list[Any]:
        path = f"/v1/events?subscription={self.own.hex}&limit=100"
        found: list[Any] = Program(self.key).get(path).json()["items"]
        return found


@pytest.fixture
def shop(town: Town) -> Shop:
    return Shop(town)


def test_one_a_batch_and_one_in_headers_are_the_same_event(shop: Shop) -> None:
    assert [one["status"] for one in shop.told(EVENT)] == ["accepted"]
    assert [one["status"] for one in shop.told([EVENT, {**EVENT, "id": "ce-2"}], BATCH)] == [
        *("duplicate", "accepted")
    ]
    headers = {
        **{f"ce_{name}": str(EVENT[name]) for name in EVENT if name != "data"},
        "ce_source": "my%2Dapp",
    }
    body = json.dumps(EVENT["data"]).encode()
    (said,) = shop.told(body, "application/json", **headers)
    assert said["status"] == "duplicate"
    assert sorted((one["id"], one["source"], one["quantity"]) for one in shop.kept()) == [
        *(("ce-1", "my-app", "2.5"), ("ce-2", "my-app", "2.5"))
    ]
    assert shop.kept()[0]["properties"] == {"value": "2.5", "model": "gpt-4o"}


def test_the_requests_of_the_published_clients(shop: Shop) -> None:
    path = "/api/v1/events"
    for body, kind in (
        (BY_OPENMETER, ONE),
        (BY_OPENMETER, ONE),
        (b"[" + BY_OPENMETER.replace(b"om-1", b"om-2") + b"]", BATCH),
        (b"[" + BY_OPENMETER.replace(b"om-1", b"om-3") + b"]", "application/json"),
        (BY_CLOUDEVENTS, ONE),
    ):
        status, headers, answer = shop.sends(body, kind, path)
        assert (status, answer) == (204, b"")
        assert "Content-Type" not in dict(headers)
    assert sorted(one["id"] for one in shop.kept()) == ["ce-9", "om-1", "om-2", "om-3"]


def test_a_client_that_expects_no_answer_hears_of_what_is_rejected(shop: Shop) -> None:
    path = "/api/v1/events"
    status, _, answer = shop.sends({**EVENT, "subject": "nobody"}, ONE, path)
    problem = json.loads(answer)
    assert (status, problem["code"], problem["field"]) == (400, "unknown_customer", "subject")
    status, _, answer = shop.sends([EVENT, {**EVENT, "id": "b", "type": "none"}], BATCH, path)
    problem = json.loads(answer)
    assert (status, problem["code"], problem["field"]) == (400, "events_rejected", "type")
    assert problem["detail"].startswith("1 of 2 events were rejected, the others are kept.")
    assert [one["id"] for one in shop.kept()] == ["ce-1"]


def test_an_event_without_a_time_happens_when_it_comes(shop: Shop) -> None:
    event = {name: value for name, value in EVENT.items() if name != "time"}
    assert shop.told(event)[0]["status"] == "accepted"
    shop.town.clock("2026-10-21")
    assert shop.told(event)[0]["status"] == "duplicate"
    (kept,) = shop.kept()
    assert kept["time"].startswith("2026-10-20T")


def test_a_subscription_is_named_by_its_id_or_by_an_attribute(shop: Shop) -> None:
    other = shop.town.customer("Eino").subscribes("metered", on="2026-10-01")
    named = {**EVENT, "id": "a", "subject": f"sub_{other.hex}"}
    by_name = {**EVENT, "id": "b", "subject": "someone", "subscription": other.hex}
    assert [one["status"] for one in shop.told([named, by_name], BATCH)] == ["accepted"] * 2
    assert shop.kept() == []


@pytest.mark.parametrize(
    ("data", "quantity"),
    [(7, "7"), ("7.5", "7.5"), ({"value": 1.25}, "1.25"), ({"value": {"a": 1}}, "0"), (None, "0")],
)
def test_the_value_is_the_data_or_stands_in_it(shop: Shop, data: object, quantity: str) -> None:
    assert shop.told({**EVENT, "data": data})[0]["status"] == "accepted"
    assert [one["quantity"] for one in shop.kept()] == [quantity]


def test_data_in_base64_is_read(shop: Shop) -> None:
    event = {name: value for name, value in EVENT.items() if name != "data"}
    assert shop.told({**event, "data_base64": "eyJ2YWx1ZSI6ICI5In0="})[0]["status"] == "accepted"
    assert [one["quantity"] for one in shop.kept()] == ["9"]
    assert shop.refusal({**event, "id": "x", "data_base64": "?"}) == (
        *("rejected", "bad_value", "data_base64"),
    )


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"specversion": "0.3"}, "unknown_specversion", "specversion"),
        ({"specversion": None}, "unknown_specversion", "specversion"),
        ({"id": ""}, "missing", "id"),
        ({"source": 5}, "missing", "source"),
        ({"type": None}, "missing", "type"),
        ({"type": "none"}, "unknown_meter", "type"),
        ({"subject": None}, "missing", "subject"),
        ({"subject": "nobody"}, "unknown_customer", "subject"),
        ({"data": [1]}, "bad_value", "data"),
        ({"time": "yesterday"}, "bad_time", "time"),
        ({"id": "a\x00"}, "bad_text", "id"),
        ({"data": {"a": "\x00"}}, "bad_value", "data"),
        ({"subject": {"a": 1}}, "bad_text", "subject"),
    ],
)
def test_what_is_wrong_is_told_in_their_words(
    shop: Shop, changed: dict[str, object], code: str, field: str
) -> None:
    assert shop.refusal({**EVENT, **changed}) == ("rejected", code, field)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"a"', b"17", b"", b"\xff"])
def test_what_holds_no_events_is_refused_whole(shop: Shop, body: bytes) -> None:
    for path in ("/v1/events", "/api/v1/events"):
        for kind in (ONE, BATCH):
            assert shop.sends(body, kind, path)[0] == 400


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"12.5", 200),
        ("", b"12.5", 200),
        ("application/json", b"{", 400),
        ("text/plain", b"\xff", 400),
    ],
)
def test_data_beside_headers_is_what_its_type_says(
    shop: Shop, kind: str, body: bytes, status: int
) -> None:
    headers = {f"ce_{name}": str(EVENT[name]) for name in EVENT if name != "data"}
    assert shop.sends(body, kind, **headers)[0] == status
    assert [one["quantity"] for one in shop.kept()] == (["12.5"] if status == 200 else [])
