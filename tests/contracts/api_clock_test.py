"""A test merchant's clock over the API: time passes, and what falls due on the way is billed."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from kesto.flows.live_through import live_through
from kesto.flows.mailroom import Mailroom
from kesto.flows.open_merchant import open_merchant
from kesto.jobs.kinds import kinds
from kesto.jobs.runner import Shift, run_batch
from kesto.store.ids import new_id
from tests.contracts.api_visits import Program, problem_of, refused
from tests.contracts.api_visits import key_for as own_key_for
from tests.town import SELLER, Town

PATH = "/v1/test_clock"


class Shop:
    """A town whose Aino has Basic since October, and a program with a key."""

    def __init__(self) -> None:
        self.town = Town.founded()
        self.town.customer("Aino").subscribes("basic", on="2026-10-01")
        self.program = Program(own_key_for(self.town))
        self.sent = 0

    def moves(self, to: object) -> Any:
        """Ask for the clock to be moved, under a new key."""
        self.sent += 1
        return self.program.send("POST", PATH, {"to": to}, Idempotency_Key=f"k{self.sent}")


@pytest.fixture
def shop(booted: object) -> Shop:
    assert booted
    return Shop()


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


def test_a_year_passes_and_every_month_is_billed(shop: Shop) -> None:
    assert shop.program.get(PATH).json() == {
        "clock_at": "2026-10-01T06:00:00Z",
        "moving_to": None,
        "error": None,
    }
    answer = shop.moves("2027-10-01T06:00")
    assert answer.status_code == 202, answer.content
    assert answer.json()["moving_to"] == "2027-10-01T06:00:00Z"
    assert refused(shop.moves("2027-10-02")) == (409, "clock_moves")
    work()
    found = shop.program.get(PATH).json()
    assert (found["clock_at"], found["moving_to"]) == ("2027-10-01T06:00:00Z", None)
    issued = [str(one.invoice.invoice_on) for one in shop.town.invoices()]
    assert issued == [
        *("2026-11-01", "2026-12-01", "2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"),
        *("2027-05-01", "2027-06-01", "2027-07-01", "2027-08-01", "2027-09-01", "2027-10-01"),
    ]


def test_time_that_passed_halfway_goes_on(shop: Shop) -> None:
    assert live_through(shop.town.merchant_id, datetime(2026, 11, 15, tzinfo=UTC)) == 1
    assert live_through(shop.town.merchant_id, datetime(2026, 11, 15, tzinfo=UTC)) == 0
    assert live_through(shop.town.merchant_id, datetime(2026, 12, 1, 6, tzinfo=UTC)) == 1


def test_what_can_not_be_asked_for(shop: Shop) -> None:
    for to, code in (
        ("2026-09-30", "clock_backwards"),
        ("2027-11-06", "clock_too_far"),
        ("soon", "bad_value"),
        (5, "bad_value"),
        (None, "bad_value"),
    ):
        problem = problem_of(shop.moves(to))
        assert (problem["status"], problem["code"], problem["field"]) == (400, code, "to")


@pytest.mark.usefixtures("booted")
def test_a_live_merchant_goes_by_the_real_time() -> None:
    now = datetime.now(UTC)
    code = f"live-{new_id().hex}"
    town = Town(open_merchant(code, "Live", "live", SELLER, now), code, now)
    program = Program(own_key_for(town))
    assert refused(program.get(PATH)) == (403, "live_clock")
    answer = program.send("POST", PATH, {"to": "2030-01-01"}, Idempotency_Key="1")
    assert refused(answer) == (403, "live_clock")
