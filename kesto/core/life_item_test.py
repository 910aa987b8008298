"""What a life says of a day: what runs, what lies ahead, which pause and which term hold."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.history import AddOnAdded, Cancelled, PlanChanged
from kesto.core.item import Cadence, Extra, Pause, Step
from kesto.core.life import ADD_ON, EXTRA, PLAN, LifeItem, TermSpan
from tests.histories import BEGUN, PLUS, START, add_on_item, lived, on, plan_item

ITEM = LifeItem(UUID(int=1), PLAN, START, Cadence(START), Decimal(2), end_on=on("2027-11-01"))


@pytest.mark.parametrize(
    ("day", "runs", "is_ahead"),
    [
        ("2027-09-30", False, True),
        ("2027-10-01", True, False),
        ("2027-10-31", True, False),
        ("2027-11-01", False, False),
    ],
)
def test_an_item_runs_from_its_start_to_before_its_end(
    day: str, *, runs: bool, is_ahead: bool
) -> None:
    assert (ITEM.runs(on(day)), ITEM.is_ahead(on(day))) == (runs, is_ahead)
    never = structs.replace(ITEM, end_on=START)
    assert not never.runs(on(day))
    assert not never.is_ahead(on(day))


def test_an_item_without_an_end_runs_on_and_on() -> None:
    assert structs.replace(ITEM, end_on=None).runs(on("2099-01-01"))


@pytest.mark.parametrize(
    ("end", "stop", "expected"),
    [
        (None, "2027-10-15", "2027-10-15"),
        ("2027-11-01", "2027-10-15", "2027-10-15"),
        ("2027-10-10", "2027-10-15", "2027-10-10"),
        (None, "2027-09-15", "2027-10-01"),
    ],
)
def test_an_item_stops_at_the_first_of_its_ends_and_never_before_its_start(
    end: str | None, stop: str, expected: str
) -> None:
    item = structs.replace(ITEM, end_on=on(end) if end else None)
    item.stop(on(stop))
    assert item.end_on == on(expected)


@pytest.mark.parametrize(
    ("day", "quantity"),
    [("2027-10-09", 2), ("2027-10-10", 3), ("2027-10-19", 3), ("2027-10-20", 5)],
)
def test_the_last_step_up_to_a_day_gives_the_quantity(day: str, quantity: int) -> None:
    steps = (Step(on("2027-10-10"), Decimal(3)), Step(on("2027-10-20"), Decimal(5)))
    assert structs.replace(ITEM, steps=steps).quantity_at(on(day)) == Decimal(quantity)


def test_what_leaving_early_costs_is_known_by_its_reason() -> None:
    assert not ITEM.is_for_leaving
    for reason, is_for_leaving in (("early_termination", True), ("sorry", False)):
        extra = Extra(UUID(int=9), Decimal(5), reason=reason)
        own = structs.replace(ITEM, kind=EXTRA, extra=extra)
        assert own.is_for_leaving is is_for_leaving


@pytest.mark.parametrize(
    ("start", "months", "until"),
    [("2027-10-01", 0, None), ("2027-10-01", 3, "2028-01-01"), ("2027-11-30", 3, "2028-02-29")],
)
def test_a_term_goes_to_the_day_of_its_month_as_far_as_there_is_one(
    start: str, months: int, until: str | None
) -> None:
    assert TermSpan(on(start), months, 14).until == (on(until) if until else None)


def test_items_are_found_by_kind_code_and_day() -> None:
    life = lived(
        PlanChanged(on("2027-11-01"), (plan_item(101, PLUS),)),
        AddOnAdded(on("2027-12-01"), add_on_item(200)),
        AddOnAdded(on("2027-12-01"), add_on_item(201, code="care")),
        Cancelled(on("2028-01-01"), START),
    )

    def found(kind: str, day: date, code: str = "") -> list[int]:
        return [item.id.int for item in life.live(kind, day, code)]

    assert found(PLAN, on("2027-10-31")) == [100, 101]
    assert found(PLAN, on("2027-11-01")) == [101]
    assert found(ADD_ON, START) == [200, 201]
    assert found(ADD_ON, START, "care") == [201]
    assert found(ADD_ON, on("2028-01-01")) == []
    plans = [life.plan_at(on(day)) for day in ("2027-09-30", "2027-10-31", "2027-11-01")]
    assert [None if one is None else one.id.int for one in plans] == [None, 100, 101]
    assert life.plan_at(on("2028-01-01")) is None


@pytest.mark.parametrize(
    ("day", "place"),
    [
        ("2027-10-31", None),
        ("2027-11-01", 0),
        ("2027-11-09", 0),
        ("2027-11-10", None),
        ("2027-12-01", 1),
        ("2030-01-01", 1),
    ],
)
def test_a_pause_holds_from_its_first_day_to_before_its_end(day: str, place: int | None) -> None:
    pauses = [
        Pause(on("2027-11-01"), on("2027-11-10"), Decimal(0)),
        Pause(on("2027-12-01"), None, Decimal(50)),
    ]
    life = lived(begun=BEGUN)
    life.pauses = pauses
    assert life.pause_at(on(day)) == (None if place is None else pauses[place])
