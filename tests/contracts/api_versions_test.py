"""The version of the API: dated, named by a request, else pinned by its key."""

from typing import Any

import pytest

from kesto.api import keys, unreadable
from kesto.store import api_keys
from tests.contracts.api_visits import CALCULATE, MERCHANT, Program, key_for, named
from tests.town import Town

OLD, NEW = "2026-11-26", "2027-05-01"


@pytest.fixture
def pinned(town: Town, monkeypatch: Any) -> Program:
    """A program whose key was made before there was a newer version."""
    program = Program(key_for(town))
    for module in (keys, unreadable, api_keys):
        monkeypatch.setattr(module, "VERSIONS", (OLD, NEW))
    return program


def answered(program: Program, path: str, **headers: str) -> str:
    return str(program.client.get(path, headers=named(headers))["Kesto-Version"])


def test_a_key_goes_on_with_the_version_it_was_made_with(pinned: Program, town: Town) -> None:
    assert answered(pinned, MERCHANT) == OLD
    assert answered(Program(key_for(town)), MERCHANT) == NEW


def test_a_request_may_name_another_version(pinned: Program) -> None:
    assert answered(pinned, MERCHANT, Kesto_Version=NEW) == NEW
    assert answered(pinned, MERCHANT, Kesto_Version=OLD) == OLD
    answer = pinned.client.get(MERCHANT, headers={"Kesto-Version": "2020-01-01"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_version")
    assert (OLD in answer.json()["detail"], NEW in answer.json()["detail"]) == (True, True)


def test_without_a_key_the_newest_answers(pinned: Program) -> None:
    assert answered(Program(), MERCHANT) == NEW
    assert answered(pinned, "/v1/nothing") == NEW
    assert answered(pinned, CALCULATE) == NEW


def test_the_version_is_part_of_what_was_asked(pinned: Program) -> None:
    body = {"external_id": "a1", "kind": "consumer", "name": "Aino"}
    headers = {"idempotency-key": "k", "host": "localhost"}
    path, kind = "/v1/customers", "application/json"
    first = pinned.client.post(path, body, content_type=kind, headers=headers)
    assert first.status_code == 201
    headers["kesto-version"] = NEW
    other = pinned.client.post(path, body, content_type=kind, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
