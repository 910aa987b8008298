"""The API's answers: the calculator's own, and a problem in plain words for everything else."""

import json
from io import BytesIO
from typing import Any

import msgspec
import psycopg
import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kesto.api import v1
from kesto.calculate import answer_lines
from tests.contracts.api_visits import CALCULATE, MERCHANT, PROBLEM, Program, key_for, refused
from tests.contracts.calc_test import BASES
from tests.town import Town

LINES: list[object] = [
    *BASES,
    {"op": "reference", "scheme": "fi", "base": "100001"},
    {"op": "nonsense"},
    {"op": "price", "currency": "EUR", "price": {"model": "flat", "amount": 1.5}},
    {"op": "periods", "start": "9999-12-01", "interval": "month", "count": 10},
    {},
    [],
    None,
    "text",
    17,
    {"op": "\x00\ud7ff\N{SNOWMAN}"},
    10**400,
]


@pytest.fixture(scope="module")
def program(booted: object) -> Program:
    assert booted
    return Program(key_for(Town.founded()))


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch: Any) -> None:
    monkeypatch.setattr("kesto.api.limits.BURST", 10**9)


def test_the_answers_are_those_of_the_command(program: Program) -> None:
    body = json.dumps(LINES).encode()
    lines = BytesIO(b"\n".join(json.dumps(line).encode() for line in LINES) + b"\n")
    answer = program.post(CALCULATE, body)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.content == msgspec.json.encode([*answer_lines(lines)])


def test_nothing_asked_is_nothing_answered(program: Program) -> None:
    assert program.post(CALCULATE, b" [ ] ").content == b"[]"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"[1,]", 400, "bad_json"),
        (b"[NaN]", 400, "bad_json"),
        (b"\x00", 400, "bad_json"),
        (b"\xff\xfe[\x00]\x00", 400, "bad_json"),
        (b'["\xc3\x28"]', 400, "bad_json"),
        (b'["\\ud800"]', 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b"[" * 100_000 + b"]" * 100_000, 400, "bad_json"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400, "bad_json"),
        (b"{}", 400, "not_a_list"),
        (b"null", 400, "not_a_list"),
        (b'"text"', 400, "not_a_list"),
        (b"17", 400, "not_a_list"),
        (b'{"op": "price"}', 400, "not_a_list"),
        (b"[" + b"{}," * 1000 + b"{}]", 400, "too_many"),
        (b'["' + b"a" * 2_000_000 + b'"]', 413, "too_long"),
        (b'["' + b"a" * 5_000_000 + b'"]', 413, "too_long"),
    ],
)
def test_a_hostile_body_is_a_problem_and_no_trouble(
    program: Program, body: bytes, status: int, code: str
) -> None:
    answer = program.post(CALCULATE, body)
    assert refused(answer) == (status, code)
    assert answer.json()["field"] == "body"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "\u00e9",
    ],
)
def test_the_kind_of_a_body_does_not_matter(program: Program, kind: str) -> None:
    answer = program.client.post(CALCULATE, b"[{}]", content_type=kind)
    assert answer.status_code == 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_body_is_trouble(program: Program, body: bytes) -> None:
    assert program.post(CALCULATE, body).status_code in {200, 400}


def test_a_thousand_are_answered(program: Program) -> None:
    assert len(program.post(CALCULATE, [{"op": "nonsense"}] * 1000).json()) == 1000


def test_too_much_work_or_too_long_an_answer_is_refused(program: Program, monkeypatch: Any) -> None:
    many = {"op": "periods", "start": "2026-01-01", "interval": "day", "count": 10_000}
    assert refused(program.post(CALCULATE, [many] * 40)) == (422, "too_much")
    monkeypatch.setattr(v1, "MOST_SECONDS", -1)
    answer = program.post(CALCULATE, [{}, {}])
    assert refused(answer) == (422, "too_much")


def test_a_key_says_whose_it_is(town: Town) -> None:
    assert Program(key_for(town)).get(MERCHANT).json() == {
        "code": town.code,
        "name": "Town",
        "mode": "test",
        "currency": "EUR",
        "clock_at": "2026-10-01T06:00:00Z",
        "now": "2026-10-01T06:00:00Z",
        "grace_days": 0,
    }


def test_an_address_or_method_that_is_none_is_a_problem(program: Program) -> None:
    for path in ("/v1/", "/v1/nothing", "/v1/merchant/", "/v1/%00", "/v1/docs", "/v1/../x"):
        assert refused(program.get(path)) == (404, "not_found"), path
    answer = program.get(CALCULATE)
    assert refused(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "POST"
    assert refused(program.post(MERCHANT, [])) == (405, "method_not_allowed")


def test_a_version_is_ours_or_refused(program: Program) -> None:
    assert program.get(MERCHANT, Kesto_Version="2026-11-26").status_code == 200
    answer = program.get(MERCHANT, Kesto_Version="2020-01-01")
    assert refused(answer) == (400, "unknown_version")
    assert answer.json()["field"] == "Kesto-Version"


def test_trouble_of_ours_is_said_without_its_trace(program: Program, monkeypatch: Any) -> None:
    def fails(_request: object) -> None:
        raise ZeroDivisionError("kesto's own secret")

    monkeypatch.setattr(v1, "answer_of", fails)
    answer = program.post(CALCULATE, [{}])
    assert refused(answer) == (500, "internal_server_error")
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    ("trouble", "said", "seconds"),
    [
        (psycopg.OperationalError("gone"), (503, "database_away"), "1"),
        (OperationalError("gone"), (503, "database_away"), "1"),
        (psycopg.errors.DiskFull("full"), (507, "disk_full"), "5"),
        (psycopg.errors.DeadlockDetected("crossed"), (409, "crossed"), "1"),
    ],
)
def test_trouble_that_passes_is_told_with_when_to_come_again(
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
    said: tuple[int, str],
    seconds: str,
) -> None:
    def fails(_request: object) -> None:
        raise trouble

    monkeypatch.setattr(v1, "answer_of", fails)
    answer = program.post(CALCULATE, [{}])
    assert refused(answer) == said
    assert answer["Retry-After"] == seconds


def test_a_cookie_of_the_office_is_no_key(town: Town) -> None:
    client = Program().client
    client.cookies["kesto_office"] = "x" * 32
    client.cookies["kesto_portal"] = "x" * 32
    answer = client.get(MERCHANT)
    assert refused(answer) == (401, "key_missing")
    assert "kesto_portal" not in answer.headers.get("Set-Cookie", "")
    assert town


MANY_ADDRESSES = 30


def test_the_description_names_every_address(program: Program) -> None:
    found = program.get("/v1/openapi.json")
    described = found.json()
    assert found["Content-Type"].startswith("application/json")
    assert described["openapi"].startswith("3.1")
    paths = {path: [*methods] for path, methods in described["paths"].items()}
    assert len(paths) > MANY_ADDRESSES
    assert (paths[CALCULATE], paths[MERCHANT]) == (["post"], ["get"])
    assert paths["/v1/customers"] == ["get", "post"]
    names = [
        operation["operationId"]
        for methods in described["paths"].values()
        for operation in methods.values()
    ]
    assert len(names) == len(set(names))
    assert "Bearer" in described["components"]["securitySchemes"]
    body = described["paths"][CALCULATE]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["maxItems"] == 1000
    for path, method in ((CALCULATE, "post"), (MERCHANT, "get")):
        answers = described["paths"][path][method]["responses"]
        assert [*answers.pop("200")["content"]] == ["application/json"]
        assert {kind for answer in answers.values() for kind in answer["content"]} == {PROBLEM}
