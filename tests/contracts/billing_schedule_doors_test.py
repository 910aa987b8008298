"""The billing schedule over the API: read, set in part, switched off; what is wrong is refused."""

from typing import Any

import pytest

from kesto.store import merchants
from kesto.store.session import reading
from tests.contracts.api_visits import Program, key_for, problem_of, refused
from tests.town import Town

PATH = "/v1/billing_schedule"
AT_FIRST = {"days": [], "hour": 0, "zone": "Europe/Helsinki", "by_hand": False}


class Shop:
    """A merchant, and a program that sets when its runs come."""

    def __init__(self) -> None:
        self.town = Town.founded()
        self.program = Program(key_for(self.town, "read", "write"))
        self.sent = 0

    def sets(self, **wanted: object) -> Any:
        """Ask for a schedule, under a new key."""
        self.sent += 1
        return self.program.send("POST", PATH, wanted, Idempotency_Key=f"k{self.sent}")

    def notes(self) -> int:
        """How often the schedule was changed, as the log has it."""
        with reading(self.town.merchant_id) as session:
            row = session.row(
                "select count(*) from audit where merchant_id = %s"
                " and action = 'set_billing_schedule'",
                session.merchant_id,
            )
        return int(row[0]) if row else 0


@pytest.fixture
def shop(booted: object) -> Shop:
    assert booted
    return Shop()


def test_what_is_left_out_stays_and_switching_off_keeps_days_and_hour(shop: Shop) -> None:
    assert shop.program.get(PATH).json() == AT_FIRST
    assert shop.sets(days=[15, 1, 15], hour=6).json() == {**AT_FIRST, "days": [1, 15], "hour": 6}
    assert shop.sets(by_hand=True).json()["by_hand"] is True
    kept = {**AT_FIRST, "days": [1, 15], "hour": 6, "by_hand": True}
    assert shop.program.get(PATH).json() == kept
    assert shop.sets(days=[], by_hand=False).json() == {**AT_FIRST, "hour": 6}


def test_what_says_nothing_new_is_not_noted(shop: Shop) -> None:
    assert shop.sets(hour=5).status_code == 200
    assert shop.sets(hour=5).json() == {**AT_FIRST, "hour": 5}
    assert shop.sets().json() == {**AT_FIRST, "hour": 5}
    assert shop.notes() == 1


def test_the_other_limits_of_the_merchant_stay(shop: Shop) -> None:
    with reading(shop.town.merchant_id) as session:
        before = merchants.limits(session)
    assert shop.sets(days=[31]).status_code == 200
    with reading(shop.town.merchant_id) as session:
        after = merchants.limits(session)
    assert after.billing_days == "31"
    assert (after.grace_days, after.invoice_limit_minor) == (
        before.grace_days,
        before.invoice_limit_minor,
    )


@pytest.mark.parametrize(
    "wanted",
    [{"days": [0]}, {"days": [32]}, {"days": ["1"]}, {"days": [True]}, {"days": [1] * 40}],
)
def test_days_that_no_month_has_are_refused(shop: Shop, wanted: dict[str, Any]) -> None:
    problem = problem_of(shop.sets(**wanted))
    assert problem["status"] == 400
    assert problem["field"].startswith("days")
    assert shop.program.get(PATH).json() == AT_FIRST


@pytest.mark.parametrize("hour", [-1, 24, "6", 6.5, True])
def test_hours_that_no_day_has_are_refused(shop: Shop, hour: object) -> None:
    problem = problem_of(shop.sets(hour=hour))
    assert (problem["status"], problem["field"]) == (400, "hour")


def test_a_key_that_only_reads_sets_nothing(shop: Shop) -> None:
    reader = Program(key_for(shop.town, "read"))
    answer = reader.send("POST", PATH, {"hour": 5}, Idempotency_Key="1")
    assert refused(answer) == (403, "scope_missing")
