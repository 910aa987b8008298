"""The API's reference: it says what the description says, and its examples are answered."""

import re
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from kesto.api.schema import Schema
from kesto.api.values import own_id
from kesto.core.api_keys import SCOPES
from kesto.core.changes import AddAddOn, Command
from kesto.core.subscription import NewSubscription
from kesto.flows.clear_run import SCHEDULE
from kesto.flows.quote_change import quote_change
from kesto.flows.subscribe import subscribe
from kesto.store import api_keys, approvals
from kesto.store.approvals import Approval
from kesto.store.ids import new_id
from kesto.store.session import writing
from scripts.api_reference import PAGE, described, reference, scope_of
from tests import boxes
from tests.contracts.api_page_test import asked
from tests.contracts.api_visits import Program, key_for, refused, sells_more
from tests.stories.migration_test import publish_dearer
from tests.town import Town, day

TEXT = PAGE.read_text("utf-8")
EXAMPLES = re.findall(r"^```console\n\$ (curl .*?)\n```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def shop(booted: object) -> tuple[str, ...]:
    """The merchant of the examples: its key; a payment, a quote, a draft, a grant, lost usage."""
    assert booted
    town = Town.founded()
    town.customer("Aino")
    order = NewSubscription(new_id(), "aino-basic", "aino", "basic", day("2026-10-01"))
    metered = NewSubscription(new_id(), "aino-metered", "aino", "metered", day("2026-10-01"))
    subscribe(town.merchant_id, [order, metered], town.now)
    boxes.opened(town)
    box = NewSubscription(new_id(), "aino-box", "aino", "box", day("2026-12-02"))
    subscribe(town.merchant_id, [box], town.now)
    town.pays(town.bill(on="2026-11-01")[0])
    town.credits(town.bill(on="2026-12-01")[0])
    publish_dearer(town, "basic", "10.00", "12.00")
    key = key_for(town)
    sells_more(Program(key))
    quote = quote_change(town.merchant_id, "aino-basic", AddAddOn("magazine"), town.now).quote
    payment = Program(key).get("/v1/payments").json()["items"][0]["id"]
    town.customer("Veikko").subscribes("plus", on="2026-12-01")
    (draft,) = Program(key).get("/v1/drafts").json()["items"]
    grant = {"customer": "aino", "amount": "5", "reason": "sorry"}
    given = Program(key).send("POST", "/v1/credit_grants", grant, Idempotency_Key="grant").json()
    lost = {"id": "call-2", "customer": "aino", "meter": "none", "time": "2026-11-30T13:00:00Z"}
    Program(key).send("POST", "/v1/events", lost)
    rejected = Program(key).get("/v1/rejected_events").json()["items"][0]["id"]
    return key, payment, own_id("quote", quote.id), draft["id"], given["id"], rejected


def a_run_that_waits(key: str) -> str:
    """What can be decided on, with the example before it decided on already."""
    holder = api_keys.holder_of(key)
    assert holder is not None
    with writing(holder.merchant_id) as session:
        found = approvals.waiting(session)
        if found is None:
            figures = (1200, 4_788_000, 4_750_100, 0, 2)
            found = Approval(new_id(), day("2026-12-01"), SCHEDULE, datetime.now(UTC), *figures)
            approvals.add(session, found)
        session.execute("delete from job where kind = 'bill'")
    return own_id("run_approval", found.id)


def test_the_page_says_what_the_description_says() -> None:
    assert reference(described()) == TEXT, "run `make reference`"


def test_every_address_has_an_example() -> None:
    assert len(EXAMPLES) == sum(len(methods) for methods in described()["paths"].values())


@pytest.fixture
def _nobody_outside(monkeypatch: Any) -> None:
    """No address calls anybody: it opens no connection and starts no program.

    The database is reached by its own library, which knows nothing of Python's sockets.
    """

    def refused_connection(*_: object) -> None:
        raise AssertionError("an address of the API called somebody outside")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused_connection)
    monkeypatch.setattr(subprocess, "Popen", refused_connection)


@pytest.mark.usefixtures("_nobody_outside")
@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_is_answered_by_kesto_alone(shop: tuple[str, ...], command: str) -> None:
    names = ("$KESTO_KEY", "$PAYMENT", "$QUOTE", "$DRAFT", "$GRANT", "$REJECTED")
    for name, text in zip(names, shop, strict=True):
        command = command.replace(name, text)
    if "$WAITING" in command:
        command = command.replace("$WAITING", a_run_that_waits(shop[0]))
    request = asked(command)
    body = request.body.encode()
    answer = Program().send(request.method, request.path, body, **request.headers)
    assert answer.status_code in {200, 201, 202}, answer.content


def test_each_address_wants_the_scope_that_the_page_names(town: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr("kesto.api.limits.BURST", 10**9)
    programs = {scope: Program(key_for(town, scope)) for scope in SCOPES}
    for path, methods in described()["paths"].items():
        for method in methods:
            wanted = scope_of(path, method)
            for scope, program in programs.items():
                answer = program.send(method.upper(), path.replace("{", "").replace("}", ""), b"[]")
                is_refused = answer.status_code == 403
                lets_in = {wanted, "write"} if wanted == "usage" else {wanted}
                assert is_refused == (scope not in lets_in), (path, method, scope)
                assert not is_refused or refused(answer) == (403, "scope_missing")


def test_no_two_shapes_share_a_name() -> None:
    """Of two classes with one name the description would hold only the later one."""
    shapes = [one for one in _below(Schema) if one.__module__.startswith("kesto.")]
    shapes = [one for one in shapes if not one.__name__.endswith("Asked")]  # asked in an address
    shapes += get_args(Command)
    assert len(shapes) > 100
    twice = [name for name, count in Counter(one.__name__ for one in shapes).items() if count > 1]
    assert twice == []


def _below(parent: type) -> Iterator[type]:
    child: type
    for child in parent.__subclasses__():
        yield child
        yield from _below(child)
