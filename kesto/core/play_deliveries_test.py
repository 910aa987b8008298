"""What a history does to deliveries: which are skipped, and where they go."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from kesto.core.history import (
    AddressChanged,
    DeliverySkipped,
    DeliveryUnskipped,
    PlanChanged,
    SubscriptionEvent,
    Transferred,
)
from kesto.core.life import AddressFrom
from kesto.core.rhythm import Rhythm
from tests.histories import GROUP, OTHER_GROUP, PAYER, PLUS, SEED, START, lived, on, plan_item
from tests.thursdays import WEEKLY, boxed

HOME, COTTAGE = UUID(int=901), UUID(int=902)


def skipped(*days: str) -> list[SubscriptionEvent]:
    return [DeliverySkipped(on(day)) for day in days]


def back(*days: str) -> list[SubscriptionEvent]:
    return [DeliveryUnskipped(on(day)) for day in days]


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ([], ()),
        (skipped("2027-10-21", "2027-10-14"), ("2027-10-14", "2027-10-21")),
        (skipped("2027-10-14", "2027-10-14"), ("2027-10-14",)),
        ([*skipped("2027-10-14", "2027-10-21"), *back("2027-10-14")], ("2027-10-21",)),
        ([*skipped("2027-10-14"), *back("2027-10-14"), *skipped("2027-10-14")], ("2027-10-14",)),
        (back("2027-10-14"), ()),
    ],
)
def test_a_delivery_is_skipped_once_until_it_comes_after_all(
    events: Sequence[SubscriptionEvent], left: Sequence[str]
) -> None:
    life = boxed(*events)
    days = tuple(on(day) for day in left)
    rhythm = Rhythm(WEEKLY, START, on("2027-10-04"), days)
    assert life.skips == list(days)
    assert life.items[0].rhythm == rhythm
    course = life.items[0].course
    assert (course.rhythm if course else None) == (rhythm if days else None)


@pytest.mark.parametrize("day", ["2027-10-13", "2027-09-30"])
def test_a_day_without_a_delivery_is_skipped_of_nothing(day: str) -> None:
    life = boxed(*skipped(day))
    assert life.items[0].rhythm == Rhythm(WEEKLY, START, on("2027-10-04"))
    assert life.items[0].course is None


@pytest.mark.parametrize("skipping", ["not_credited", "not_allowed"])
def test_what_is_not_credited_does_not_change_what_is_billed(skipping: str) -> None:
    life = boxed(*skipped("2027-10-14"), skipping=skipping)
    (item,) = life.items
    assert item.rhythm is not None
    assert item.rhythm.skips == (on("2027-10-14"),)
    assert item.course is None


@pytest.mark.parametrize(
    ("cut_off_days", "counted_from", "start_on", "first_on"),
    [
        (0, None, "2027-10-01", "2027-10-01"),
        (10, None, "2027-10-01", "2027-10-11"),
        (10, "2027-01-01", "2027-01-01", "2027-10-11"),
        (10, "2027-11-01", "2027-11-01", "2027-11-01"),
    ],
)
def test_who_comes_after_the_cut_off_gets_the_next_one(
    cut_off_days: int, counted_from: str | None, start_on: str, first_on: str
) -> None:
    counted = on(counted_from) if counted_from else None
    rhythm = boxed(cut_off_days=cut_off_days, counted_from=counted).items[0].rhythm
    assert rhythm is not None
    assert (rhythm.start_on, rhythm.first_on) == (on(start_on), on(first_on))


def test_who_had_deliveries_goes_on_with_another_plan_and_another_payer() -> None:
    again = plan_item(200, PLUS, delivery=WEEKLY)
    moved = Transferred(on("2027-11-10"), SEED, PAYER, UUID(int=9), GROUP, OTHER_GROUP)
    life = boxed(
        PlanChanged(on("2027-10-20"), (again,)), moved, *skipped("2027-10-14", "2027-10-21")
    )
    rhythms = [item.rhythm for item in life.items]
    assert [one.first_on for one in rhythms if one] == [on("2027-10-04")] * 3
    assert [one.skips for one in rhythms if one] == [(on("2027-10-14"),), (on("2027-10-21"),), ()]


def test_who_had_none_waits_for_the_cut_off() -> None:
    life = lived(PlanChanged(on("2027-10-20"), (plan_item(200, PLUS, delivery=WEEKLY),)))
    first, second = (item.rhythm for item in life.items)
    assert first is None
    assert second == Rhythm(WEEKLY, START, on("2027-10-23"))


@pytest.mark.parametrize(
    ("day", "address"),
    [
        ("2027-10-01", None),
        ("2027-10-09", None),
        ("2027-10-10", HOME),
        ("2027-10-31", HOME),
        ("2027-11-01", COTTAGE),
        ("2027-12-01", None),  # to the user again
        ("2030-01-01", None),
    ],
)
def test_deliveries_of_a_day_go_to_the_address_of_that_day(day: str, address: UUID | None) -> None:
    life = boxed(
        AddressChanged(on("2027-12-01")),
        AddressChanged(on("2027-10-10"), HOME),
        AddressChanged(on("2027-11-01"), COTTAGE),
    )
    assert life.addresses == [
        AddressFrom(on("2027-10-10"), HOME),
        AddressFrom(on("2027-11-01"), COTTAGE),
        AddressFrom(on("2027-12-01"), None),
    ]
    assert life.address_at(on(day)) == address
