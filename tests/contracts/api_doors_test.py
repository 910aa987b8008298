"""The doors: the same answers with and without Django, and a key that is revoked opens nothing."""

import io
import json
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Event
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from msgspec.structs import replace

from kesto.api.doors import DOORS, open_door
from kesto.api.doors.together import Together
from kesto.api.key_cache import MOST_KEYS, SECOND, SECONDS, KeyCache
from kesto.core.subscription import NewSubscription
from kesto.flows import accept_usage
from kesto.flows.subscribe import subscribe
from kesto.store.api_keys import Holder
from kesto.store.ids import new_id
from tests.contracts.api_visits import Program, key_for
from tests.town import Town, day

ONE = {"id": "e1", "customer": "aino", "meter": "talk", "time": "2026-10-09T12:00:00Z", "value": 1}
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
HOLDER = Holder(UUID(int=1), UUID(int=2), ("usage",), None, "2026-11-26")


def at_the_door(
    method: str, path: str, body: bytes, kind: str = "application/json", **headers: str
) -> Any:
    """What the front is answered, before it asks Django."""
    surroundings = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.partition("?")[0],
        "QUERY_STRING": path.partition("?")[2],
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": kind,
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper()}": text for name, text in headers.items()},
    }
    coming: Future[Any] = Future()
    return coming.result() if open_door(surroundings, coming.set_result) else None


def joined(line: Together[int, int], own: UUID, work: int) -> Future[int]:
    """What comes of work that stands in line."""
    coming: Future[int] = Future()

    def tell(found: int | Exception) -> None:
        if isinstance(found, Exception):
            coming.set_exception(found)
        else:
            coming.set_result(found)

    line.join(own, work, tell)
    return coming


@pytest.fixture
def shop(town: Town) -> Town:
    town.customer("Aino").subscribes("metered", on="2026-10-01")
    town.clock("2026-10-20")
    return town


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ([{**ONE, "id": "a"}, {**ONE, "id": "b", "meter": "none"}, {**ONE, "id": "a"}], {}),
        ([], {}),
        (b"{", {}),
        (b'["' + b"a" * 2_100_000 + b'"]', {}),
        ([ONE], {"kesto_version": "1999-01-01"}),
        ([ONE], {"authorization": "Bearer nobody"}),
        ([ONE], {"authorization": ""}),
    ],
)
def test_a_door_answers_as_django_does(shop: Town, body: Any, headers: dict[str, str]) -> None:
    key = key_for(shop)
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"authorization": f"Bearer {key}", **headers}
    status, said, answered = at_the_door("POST", "/v1/events", sent, **given)
    other = Program(key).send("POST", "/v1/events", sent, **headers)
    first, second = json.loads(answered), other.json()
    if status == 200:  # the second time all of them are known
        assert (first["accepted"], second["accepted"]) == (1, 0)
        assert [one["status"] for one in second["events"]] == ["duplicate", "rejected", "duplicate"]
    else:
        assert first.pop("request_id") == dict(said)["Kesto-Request-Id"]
        second.pop("request_id")
        assert first == second
    assert status == other.status_code
    shared = {name: text for name, text in said if name != "Kesto-Request-Id"}
    assert shared == {name: other[name] for name in shared}


def test_what_is_no_door_goes_to_django() -> None:
    for method, path in (("GET", "/v1/events"), ("POST", "/v1/events/"), ("POST", "/v1/plans")):
        assert at_the_door(method, path, b"") is None
    assert ("POST", "/v1/events") in DOORS


def test_a_key_is_looked_up_again_after_two_seconds() -> None:
    now, valid, asked = [0], {"key": HOLDER}, []

    def look_up(key: str) -> Holder | None:
        asked.append(key)
        return valid.get(key)

    used = replace(HOLDER, last_used_at=NOON)
    cache = KeyCache(look_up, lambda: now[0], lambda: NOON)
    assert [cache.holder_of("key") for _ in range(3)] == [HOLDER, used, used]
    assert asked == ["key"]
    valid.clear()
    now[0] = SECONDS * SECOND - 1
    assert cache.holder_of("key") == used
    now[0] += 1
    assert (cache.holder_of("key"), cache.holder_of("key")) == (None, None)
    assert asked == ["key"] * 3, "a key that opens nothing is asked for each time"
    valid["key"] = HOLDER
    assert cache.holder_of("key") == HOLDER


def test_the_cache_of_keys_has_an_end() -> None:
    cache = KeyCache(lambda _key: HOLDER, clock=lambda: NOON)
    for number in range(MOST_KEYS + 1):
        cache.holder_of(str(number))
    assert len(cache._known) == 1


def test_what_comes_meanwhile_goes_together_and_in_order() -> None:
    begun, goes_on, done = Event(), Event(), []

    def do(_merchant: UUID, works: Any) -> list[int]:
        done.append([*works])
        begun.set()
        assert goes_on.wait(10)
        return [-one for one in works]

    line: Together[int, int] = Together(do, lambda one: one, 6)
    own = new_id()
    coming = [joined(line, own, 1)]
    assert begun.wait(10)
    coming += [joined(line, own, one) for one in (2, 3, 4, 9, 1)]
    goes_on.set()
    assert [one.result(10) for one in coming] == [-1, -2, -3, -4, -9, -1]
    assert done == [[1], [2, 3], [4], [9], [1]]
    line._threads.shutdown()
    assert line._lines == {}


def test_what_fails_alone_lets_the_others_pass() -> None:
    begun, goes_on = Event(), Event()

    def do(_merchant: UUID, works: Any) -> list[int]:
        begun.set()
        assert goes_on.wait(10)
        if 3 in works:
            raise ValueError(3)
        return [*works]

    line: Together[int, int] = Together(do, lambda _one: 1, 100)
    own = new_id()
    coming = [joined(line, own, one) for one in (1, 2, 3, 4)]
    assert begun.wait(10)
    goes_on.set()
    assert [one.exception(10) is None for one in coming] == [True, True, False, True]


def test_a_wrong_event_takes_no_id_from_a_right_one(shop: Town) -> None:
    sent = [{**ONE, "meter": "none"}, ONE, {**ONE, "value": 7}, {**ONE, "customer": "nobody"}]
    said = Program(key_for(shop)).send("POST", "/v1/events", sent).json()["events"]
    assert [(one["status"], one.get("code")) for one in said] == [
        ("rejected", "unknown_meter"),
        ("accepted", None),
        ("rejected", "conflict"),
        ("rejected", "conflict"),
    ]


def test_what_others_stood_in_the_way_of_is_done_again(
    shop: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[Exception] = [psycopg.errors.DeadlockDetected(), psycopg.OperationalError()]

    def trouble(name: str) -> None:
        if name == "accept_usage.after_events" and troubles:
            raise troubles.pop()

    monkeypatch.setattr(accept_usage, "crash_point", trouble)
    said = Program(key_for(shop)).send("POST", "/v1/events", ONE).json()
    assert (said["accepted"], troubles) == (1, [])


def test_a_database_that_stays_away_is_said_to_be(
    shop: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trouble(name: str) -> None:
        if name == "accept_usage.after_events":
            raise psycopg.OperationalError

    monkeypatch.setattr(accept_usage, "crash_point", trouble)
    answer = Program(key_for(shop)).send("POST", "/v1/events", ONE)
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer.json()["code"] == "database_away"
    monkeypatch.undo()
    assert Program(key_for(shop)).send("POST", "/v1/events", ONE).json()["accepted"] == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/entitlements/check?customer=aino&feature=none", 404),
        ("/v1/entitlements/check?customer=nobody&feature=none", 404),
        ("/v1/entitlements/check?customer=aino", 400),
        ("/v1/entitlements/check?customer=aino&feature=none&more=1", 400),
        ("/v1/entitlements/check?" + "&".join("a=1" for _ in range(2000)), 400),
        ("/v1/subscriptions/nobody/usage", 404),
        ("/v1/subscriptions/\N{SNOWMAN}/usage", 404),
        ("/v1/subscriptions/aino-metered/usage", 200),
    ],
)
def test_a_door_that_looks_answers_as_django_does(town: Town, path: str, status: int) -> None:
    order = NewSubscription(new_id(), "aino-metered", "aino", "metered", day("2026-10-01"))
    town.customer("Aino")
    subscribe(town.merchant_id, [order], town.now)
    key = key_for(town)
    wire = path.encode().decode("latin-1")
    found, _, body = at_the_door("GET", wire, b"", authorization=f"Bearer {key}")
    other = Program(key).get(path)
    first, second = json.loads(body), other.json()
    for said in (first, second):
        said.pop("request_id", None)
    assert (found, first) == (other.status_code, second)
    assert found == status


def test_a_look_through_a_lost_connection_is_taken_again(shop: Town) -> None:
    key = key_for(shop)
    path = "/v1/entitlements/check?customer=aino&feature=none"
    assert Program(key).get(path).status_code == 404
    connections["default"].connection.close()
    assert Program(key).get(path).status_code == 404
