"""Subscribers are moved from the office and over the API: first the figures, then the deed."""

import threading
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from kesto.flows.mailroom import Mailroom
from kesto.jobs.kinds import kinds
from kesto.jobs.runner import Shift, run_batch
from tests.contracts.api_visits import Program, key_for
from tests.contracts.delivery_office import Desk, Server, person, received, rows
from tests.contracts.office_visits import member
from tests.contracts.portal_visits import text_of
from tests.stories.migration_test import publish_dearer
from tests.town import Town

PATH = "/office/catalogue/plans/plus/move/"
ASKED = {"from_version": "1", "to_version": "2", "on": "2026-12-01", "notice_days": "30"}
BODY = {"from_version": 1, "to_version": 2, "on": "2026-12-01"}
MOVED = "select about_on::text from notice where kind = 'price_changes'"


def work() -> None:
    """A worker does what waits."""
    later = datetime.now(UTC) + timedelta(minutes=1)
    shift = Shift(
        kinds=kinds(cast("Mailroom", None)),
        plan=lambda _: None,
        clock=lambda: later,
        stop=threading.Event(),
        beat=lambda: None,
        may_work=lambda: True,
    )
    while run_batch(shift):
        pass


@pytest.fixture
def dearer(town: Town) -> Town:
    publish_dearer(town)
    return town


def test_the_office_shows_the_figures_and_then_moves(
    dearer: Town, desk: Desk, server: Server
) -> None:
    aino = person(dearer, "Aino", language="en")
    aino.subscribes("plus", on="2026-10-01", plan_version=1)
    owner = member(dearer, "owner")
    assert f'href="{PATH}"' in text_of(owner.get("/office/catalogue/plans/plus/"))
    assert member(dearer, "service").get(PATH).status_code == 403
    seen = text_of(owner.post(PATH, {**ASKED, "do": "look"}))
    assert "€29.90" in seen
    assert "€34.90" in seen
    assert rows(dearer.merchant_id, MOVED) == []
    short = text_of(owner.post(PATH, {**ASKED, "notice_days": "3", "do": "look"}))
    assert "at least" in short
    done = owner.post(PATH, {**ASKED, "reason": "Our costs rose.", "do": "move"})
    assert done.headers["Location"] == PATH
    again = text_of(owner.post(PATH, {**ASKED, "do": "move"}))
    assert "being moved just now" in again
    work()
    assert rows(dearer.merchant_id, MOVED) == [("2026-12-01",)]
    desk.deliver()
    part = received(server)["aino@example.com"].get_body(("plain",))
    assert part is not None
    said = " ".join(part.get_content().replace("\u00a0", " ").split())
    assert "Until 30 November 2026 it costs €29.90 a month, from 1 December 2026" in said
    assert "give notice on your own pages by 16 November 2026" in said
    assert "Our costs rose." in said


def test_the_api_says_first_what_it_comes_to(dearer: Town) -> None:
    dearer.customer("Aino").subscribes("plus", on="2026-10-01", plan_version=1)
    program = Program(key_for(dearer))
    dry = program.send("POST", "/v1/plans/plus/migrations", BODY, Idempotency_Key="a")
    assert dry.status_code == 200
    assert dry.json()["sums"] == [
        {"currency": "EUR", "count": 1, "before_minor": 2990, "after_minor": 3490}
    ]
    asked = {**BODY, "dry_run": False}
    done = program.send("POST", "/v1/plans/plus/migrations", asked, Idempotency_Key="b")
    assert (done.status_code, done.json()["moved"]) == (202, 1)
    work()
    assert rows(dearer.merchant_id, MOVED) == [("2026-12-01",)]
    short = {**BODY, "notice_days": 3}
    refused = program.send("POST", "/v1/plans/plus/migrations", short, Idempotency_Key="c")
    assert (refused.status_code, refused.json()["code"]) == (400, "short_notice")
