"""The laws that tests hold of the code: each test is seen to fail where the code breaks its law.

What verify asks of the rows has its planted wrongs in planted_test.py, what the simulator asks of
lives its mutants in tests/simulator.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest

from kesto.core import (
    billing_test,
    calendar_test,
    invoicing,
    ledger,
    ledger_test,
    money_test,
)
from kesto.core.calendar import Schedule
from kesto.core.due import DAY
from kesto.core.ledger import Posting
from kesto.core.line import Line
from kesto.core.metering import metered, metered_test
from kesto.core.rating import Rater
from kesto.store import idempotency
from tests.contracts import api_once_test
from tests.simulator.mutants import MUTANTS
from tests.simulator.oracle import LAWS as LAWS_OF_LIVES
from tests.tidy.sources import ROOT
from tests.town import Town

Plant = Callable[[pytest.MonkeyPatch], None]
PAGE = ROOT / "docs/invariants.md"


class Law(NamedTuple):
    """A law by its name in docs/invariants.md, the test that holds it, and a fault against it."""

    name: str
    holds: Callable[..., None]
    plant: Plant


def _replaced(target: object, name: str, wrong: Any) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        if isinstance(target, str):
            patch.setattr(f"{target}.{name}", wrong)
        else:
            patch.setattr(target, name, wrong, raising=False)

    return plant


def _all_again(events: Sequence[Any]) -> list[tuple[int, Any, bool]]:
    return [(place, event, False) for place, event in enumerate(events)]


def _as_they_come(values: Any, **_: Any) -> list[Any]:
    return list(values)


def _nothing_billed(due: Sequence[Line], _billed: object) -> list[Line]:
    return list(due)


def _in_utc(instant: datetime, _zone: str) -> date:
    return instant.astimezone(UTC).date()


def _all_rounded_down(minor: int, weights: Sequence[int]) -> list[int]:
    return [minor * weight // sum(weights) for weight in weights]


_due, _index_at = Rater.due, Schedule.index_at


def _a_day_late(
    rater: Rater, items: Any, after: date | None, through: date, discounts: Any = ()
) -> Any:
    return _due(rater, items, after and min(after + DAY, through), through, discounts)


def _one_too_far(schedule: Schedule, day: date) -> int:
    return _index_at(schedule, day) + 1


PURE = (
    Law(
        "templates",
        ledger_test.test_every_template_sums_to_zero_for_all_inputs,
        _replaced(ledger, "payment", lambda *_: (Posting("bank", 1, "EUR"),)),
    ),
    Law(
        "splits",
        money_test.test_allocated_parts_add_up_and_are_at_most_a_unit_off,
        _replaced("kesto.core.money_test", "allocate", _all_rounded_down),
    ),
    Law(
        "reruns",
        billing_test.test_billing_twice_adds_nothing,
        _replaced(invoicing, "_differences", _nothing_billed),
    ),
    Law(
        "runs",
        billing_test.test_a_run_every_day_gives_the_lines_of_one_go,
        _replaced(Rater, "due", _a_day_late),
    ),
    Law(
        "periods",
        calendar_test.test_each_day_belongs_to_the_one_period_that_holds_it,
        _replaced(Schedule, "index_at", _one_too_far),
    ),
    Law(
        "days",
        calendar_test.test_the_billing_day_is_the_local_day,
        _replaced("kesto.core.calendar_test", "local_date", _in_utc),
    ),
    Law(
        "nights",
        calendar_test.test_midnight_is_on_its_own_day_and_the_instant_before_is_not,
        _replaced(
            "kesto.core.calendar_test",
            "midnight",
            lambda day, _zone: datetime(day.year, day.month, day.day, tzinfo=UTC),
        ),
    ),
    Law(
        "duplicates",
        metered_test.test_events_sent_again_and_out_of_order_change_nothing,
        _replaced(metered, "_once_each", _all_again),
    ),
    Law(
        "order",
        metered_test.test_the_order_of_events_does_not_matter,
        _replaced(metered, "sorted", _as_they_come),
    ),
)
STORED = (
    Law(
        "requests",
        api_once_test.test_sent_again_is_answered_again_byte_for_byte,
        _replaced(idempotency, "keep", lambda *_: None),
    ),
)


@pytest.mark.parametrize("law", PURE, ids=lambda law: law.name)
def test_a_fault_is_seen_by_its_law(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    law.plant(monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup)):
        law.holds()


@pytest.mark.parametrize("law", STORED, ids=lambda law: law.name)
def test_a_fault_is_seen_in_a_town(law: Law, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    law.plant(monkeypatch)
    with pytest.raises(AssertionError):
        law.holds(town)


def test_each_law_stands_in_the_documents() -> None:
    """The table of laws, and the one of the simulator's, each with all that have a mutant."""
    page = PAGE.read_text("utf-8")
    of_code, of_lives = (_names(page, title) for title in ("Laws of the code", "Laws of lives"))
    assert of_code == [law.name for law in (*PURE, *STORED)]
    assert of_lives == [*LAWS_OF_LIVES, "billable"]
    assert {law or "billable" for law, _ in MUTANTS} == set(of_lives)


def _names(page: str, title: str) -> list[str]:
    section = page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
