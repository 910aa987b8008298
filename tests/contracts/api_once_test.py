"""A request that is sent again under its key is done once, and answered byte for byte."""

import itertools
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kesto.api import keys, once
from kesto.api.limits import BURST, SECOND, Limiter
from kesto.api.problems import Problem
from kesto.flows import forget_answers
from kesto.flows.answer_once import KEPT_FOR
from kesto.jobs import timetable
from kesto.ops import clock
from kesto.store import idempotency
from kesto.store.idempotency import Asked
from kesto.store.session import reading, writing
from tests.contracts.api_visits import Program, key_for, refused
from tests.town import Town

CUSTOMERS = "/v1/customers"
REPLAYED = "Idempotency-Replayed"
AINO = {"external_id": "a1", "kind": "consumer", "name": "Aino"}


def count(town: Town) -> int:
    with reading(town.merchant_id) as session:
        return int(session.rows("select count(*) from customer")[0][0])


def later(monkeypatch: Any, days: int) -> None:
    now = clock.now() + timedelta(days=days)
    monkeypatch.setattr(once, "real_now", lambda: now)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ('"with blank"', "with blank"),
        (r'"a\"b\\c"', r'a"b\c'),
        ("a" * 255, "a" * 255),
        ("!", "!"),
    ],
)
def test_a_key_is_read_quoted_and_bare(text: str, key: str) -> None:
    assert once.key_in(text) == key


@pytest.mark.parametrize(
    "text", ["", '""', '"', '"a', "a b", "a" * 256, f'"{"a" * 256}"', r'"\x"', "\u00e9", "a\tb"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Problem) as problem:
        once.key_in(text)
    assert (problem.value.status, problem.value.code) == (400, "bad_idempotency_key")


def test_every_post_that_changes_something_needs_a_key(town: Town) -> None:
    program = Program(key_for(town))
    paths = program.get("/v1/openapi.json").json()["paths"]
    found = {
        (method, path): [
            one["required"] for one in described.get("parameters", ()) if one["name"] == once.HEADER
        ]
        for path, methods in paths.items()
        for method, described in methods.items()
        # Some store nothing; an event has an id of its own, and a price its time.
        if path not in {"/v1/calculate", "/v1/events", "/v1/rejected_events/replay"}
        and not path.endswith(("/preview", "/{price_series}/values", "/{rejected_event}"))
    }
    wanted = {"post": [True], "patch": [False], "get": []}
    assert found == {(method, path): wanted[method] for method, path in found}
    answer = program.send("POST", CUSTOMERS, AINO)
    assert refused(answer) == (400, "idempotency_key_missing")
    assert "docs/api" in answer.json()["detail"]


def test_sent_again_is_answered_again_byte_for_byte(town: Town) -> None:
    program = Program(key_for(town))
    first = program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k")
    again = program.send("POST", CUSTOMERS, AINO, Idempotency_Key='"k"')
    assert (first.status_code, again.status_code, count(town)) == (201, 201, 1)
    assert (again.content, again["Content-Type"]) == (first.content, first["Content-Type"])
    assert (first.headers.get(REPLAYED), again[REPLAYED]) == (None, "true")
    spaced = b'{ "name":"Aino",\n"kind" : "consumer","external_id":"a1"}'
    assert program.send("POST", CUSTOMERS, spaced, Idempotency_Key="k")[REPLAYED] == "true"


def test_the_key_is_for_one_request(town: Town) -> None:
    program = Program(key_for(town))
    program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k")
    other = program.send("POST", CUSTOMERS, AINO | {"name": "Aina"}, Idempotency_Key="k")
    assert refused(other) == (422, "key_reused")
    query = program.send("POST", f"{CUSTOMERS}?x=1", AINO, Idempotency_Key="k")
    assert refused(query) == (422, "key_reused")


def test_a_key_belongs_to_its_sender_and_route(town: Town) -> None:
    other = Town.founded()
    for program in (Program(key_for(town)), Program(key_for(other))):
        assert REPLAYED not in program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k")
    second = Program(key_for(town)).send("POST", CUSTOMERS, AINO, Idempotency_Key="k")
    assert refused(second) == (409, "external_id_taken")
    path = f"{CUSTOMERS}/a1"
    program = Program(key_for(town))
    for _ in range(2):
        changed = program.send("PATCH", path, {"name": "Aini"}, Idempotency_Key="k")
    assert (changed.json()["name"], changed[REPLAYED]) == ("Aini", "true")
    assert "Idempotency-Replayed" not in program.send("PATCH", path, {"name": "Aina"})


def test_what_is_in_flight_is_refused_at_once(town: Town) -> None:
    program = Program(key_for(town))
    scope = ""

    def kept(_session: Any, asked: Asked) -> bool:
        nonlocal scope
        scope = asked.scope
        return True

    hold = idempotency.hold
    idempotency.hold = kept  # type: ignore[assignment]  # to learn the scope
    program.send("POST", CUSTOMERS, {**AINO, "external_id": "b"}, Idempotency_Key="other")
    idempotency.hold = hold
    held, done = threading.Event(), threading.Event()

    def holds() -> None:
        with writing(town.merchant_id) as session:
            assert hold(session, Asked(scope, "k", b""))
            held.set()
            done.wait(60)
        connections.close_all()

    thread = threading.Thread(target=holds)
    thread.start()
    held.wait(60)
    answer = program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k")
    done.set()
    thread.join()
    assert refused(answer) == (409, "in_flight")
    assert answer["Retry-After"] == "1"
    assert program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k").status_code == 201


def test_many_at_once_do_each_thing_once(town: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr("kesto.api.limits.BURST", 10**9)
    key = key_for(town)
    answers: list[Any] = []

    def sends() -> None:
        program = Program(key)
        for number in range(25):
            body = AINO | {"external_id": f"n{number}"}
            answers.append(program.send("POST", CUSTOMERS, body, Idempotency_Key=f"k{number}"))
        connections.close_all()

    threads = [threading.Thread(target=sends) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(town) == 25
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len([answer for answer in made if REPLAYED not in answer]) == 25
    assert len({answer.content for answer in made}) == 25
    for answer in answers:
        if answer.status_code == 409:
            assert refused(answer) == (409, "in_flight")


ORDER = {"external_id": "s1", "holder": "a1", "plan": "basic", "start_on": "2026-10-01"}


@pytest.mark.parametrize(
    ("path", "body", "status", "is_kept"),
    [
        (CUSTOMERS, AINO, 201, True),
        ("/v1/subscriptions", ORDER, 404, True),
        ("/v1/subscriptions", ORDER | {"holder": "here", "plan": "x"}, 404, True),
        (CUSTOMERS, AINO | {"email": "no address"}, 400, False),
        ("/v1/subscriptions", ORDER | {"holder": "here", "zone": "Mars"}, 400, True),
        (CUSTOMERS, AINO | {"kind": "cat"}, 400, False),
        (CUSTOMERS, AINO | {"external_id": "here"}, 409, False),
    ],
)
def test_what_the_work_came_to_is_kept(
    town: Town, path: str, body: object, status: int, *, is_kept: bool
) -> None:
    town.customer("Here")
    program = Program(key_for(town))
    first = program.send("POST", path, body, Idempotency_Key="k")
    again = program.send("POST", path, body, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (status, status)
    assert (REPLAYED in again) == is_kept
    if is_kept:
        assert again.content == first.content


def test_who_may_not_leaves_no_trace(town: Town) -> None:
    reads = Program(key_for(town, "read"))
    assert refused(reads.send("POST", CUSTOMERS, AINO, Idempotency_Key="k")) == (
        *(403, "scope_missing"),
    )
    assert Program("x").send("POST", CUSTOMERS, AINO, Idempotency_Key="k").status_code == 401
    with reading(town.merchant_id) as session:
        assert session.rows("select from idempotency") == []


def test_a_replay_costs_nothing(town: Town, monkeypatch: Any) -> None:
    limiter = Limiter(lambda: 1000 * SECOND)
    monkeypatch.setattr(keys, "limiter", limiter)
    monkeypatch.setattr(once, "limiter", limiter)
    program = Program(key_for(town))
    for _ in range(BURST + 20):
        answer = program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k")
        assert answer.status_code == 201


def test_after_a_month_a_key_is_new_and_nothing_is_done_twice(town: Town, monkeypatch: Any) -> None:
    program = Program(key_for(town))
    assert timedelta(days=30) == KEPT_FOR
    assert program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k").status_code == 201
    later(monkeypatch, 29)
    assert REPLAYED in program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k")
    later(monkeypatch, 31)
    answer = program.send("POST", CUSTOMERS, AINO, Idempotency_Key="k")
    assert refused(answer) == (409, "external_id_taken")
    assert count(town) == 1


def test_old_answers_are_forgotten_in_small_batches(town: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr(forget_answers, "BATCH", 2)
    program = Program(key_for(town))
    for number in range(5):
        body = AINO | {"external_id": f"n{number}"}
        program.send("POST", CUSTOMERS, body, Idempotency_Key=f"k{number}")
    now = clock.now()
    assert forget_answers.forget_answers(town.merchant_id, now + timedelta(days=29)) == 0
    in_a_month = now + timedelta(days=32)
    assert timetable._plan_forgetting(now) == 0
    assert timetable._plan_forgetting(in_a_month) > 0
    assert timetable._plan_forgetting(in_a_month) == 0
    assert forget_answers.forget_answers(town.merchant_id, in_a_month) == 5
    with reading(town.merchant_id) as session:
        assert session.rows("select from idempotency") == []


class Sending(RuleBasedStateMachine):
    """Requests sent, sent again, changed, crossed by a crash or a month, against a small model.

    The model: under each key what was asked and answered, and which customers there are.
    """

    town: Town
    monkeypatch: pytest.MonkeyPatch
    fresh = itertools.count()
    months = itertools.count(1)

    def __init__(self) -> None:
        super().__init__()
        self.program = Program(key_for(self.town))
        self.answers: dict[str, tuple[str, bytes]] = {}
        self.made: set[str] = set()
        self.run = next(self.fresh)
        self.start = count(self.town)

    def send(self, key: str, name: str) -> Any:
        body = AINO | {"external_id": f"{self.run}-{name}"}
        return self.program.send("POST", CUSTOMERS, body, Idempotency_Key=key)

    @rule(key=st.sampled_from("kl"), name=st.sampled_from("abc"))
    def sends(self, key: str, name: str) -> None:
        answer = self.send(key, name)
        if key in self.answers:
            asked, kept = self.answers[key]
            if asked == name:
                assert (answer.content, answer[REPLAYED]) == (kept, "true")
            else:
                assert refused(answer) == (422, "key_reused")
        elif name in self.made:
            assert refused(answer) == (409, "external_id_taken")
        else:
            assert answer.status_code == 201
            self.made.add(name)
            self.answers[key] = (name, answer.content)

    @rule(
        key=st.sampled_from("kl"),
        name=st.sampled_from("abc"),
        point=st.sampled_from(["answer_once.after_work", "answer_once.before_commit"]),
    )
    def dies(self, key: str, name: str, point: str) -> None:
        if key in self.answers or name in self.made:
            return

        def crash(reached: str) -> None:
            if reached == point:
                raise MemoryError

        with self.monkeypatch.context() as patched:
            patched.setattr("kesto.flows.answer_once.crash_point", crash)
            assert self.send(key, name).status_code == 500

    @rule()
    def a_month_goes_by(self) -> None:
        later(self.monkeypatch, 31 * next(self.months))
        self.answers.clear()

    @invariant()
    def each_is_there_once(self) -> None:
        assert count(self.town) == self.start + len(self.made)


def test_any_order_of_events_does_each_thing_once(town: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr("kesto.api.limits.BURST", 10**9)
    Sending.town, Sending.monkeypatch = town, monkeypatch
    case = Sending.TestCase
    case.settings = settings(max_examples=25, stateful_step_count=15)
    monkeypatch.setattr("kesto.api.once.real_now", clock.now)
    case().runTest()
