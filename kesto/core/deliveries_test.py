"""What comes on a day: items together, quantities of the day, pauses, the strictest schedule."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.calendar import Interval
from kesto.core.catalog import DeliverySchedule
from kesto.core.deliveries import (
    NEXT,
    Delivered,
    check_step,
    delivered_items,
    deliveries,
    delivery_on,
)
from kesto.core.delivery_checks import delivery_problems
from kesto.core.history import Cancelled, DeliverySkipped, QuantityChanged
from kesto.core.item import Course, Pause, Step
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.core.rhythm import Rhythm
from tests.histories import BASIC, BEGUN, STORAGE, add_on_item, lived, plan_item
from tests.items import sold

START = date(2027, 10, 7)
WEEKLY = DeliverySchedule(Interval("week"), cut_off_days=3, skipping="credited", most_skips=5)


def item(number: int, schedule: DeliverySchedule = WEEKLY, *skips: date) -> Delivered:
    own, rhythm = UUID(int=number), Rhythm(schedule, START, START, skips)
    return Delivered(own, own, f"item-{number}", Decimal(number), START, None, rhythm)


def test_what_comes_on_one_day_comes_together() -> None:
    other = DeliverySchedule(Interval("week", 2), cut_off_days=5, most_skips=2)
    first, second = deliveries([item(1), item(2, other)], START, date(2027, 10, 21))
    assert [content.code for content in first.contents] == ["item-1", "item-2"]
    assert (first.last_change_on, first.skipping, first.most_skips) == (
        *(date(2027, 10, 2), "not_credited", 2),
    )
    assert (second.last_change_on, second.skipping, second.most_skips) == (
        *(date(2027, 10, 11), "credited", 5),
    )


def test_a_paused_day_has_no_delivery_and_a_step_another_quantity() -> None:
    course = Course(
        steps=(Step(date(2027, 10, 21), Decimal(7)),),
        pauses=(Pause(date(2027, 10, 10), date(2027, 10, 20), Decimal(100)),),
    )
    found = deliveries([structs.replace(item(1), course=course)], START, date(2027, 10, 29))
    assert [(one.on.day, int(one.contents[0].quantity)) for one in found] == [
        (7, 1),
        (21, 7),
        (28, 7),
    ]


def test_of_a_life_what_is_published_with_a_schedule_is_delivered() -> None:
    skipped = date(2027, 10, 15)
    begun = structs.replace(BEGUN, items=(plan_item(delivery=WEEKLY), add_on_item(200, STORAGE)))
    life = lived(
        DeliverySkipped(skipped),
        QuantityChanged(date(2027, 10, 22), "5"),
        Cancelled(date(2027, 12, 1), START),
        begun=begun,
    )
    first_on = date(2027, 10, 4)  # three days of cut-off after it was taken
    rhythm = Rhythm(WEEKLY, life.start_on, first_on, (skipped,))
    steps = (Step(date(2027, 10, 22), Decimal(5)),)
    assert delivered_items(life) == [
        Delivered(
            *(UUID(int=100), BASIC, "plan", Decimal(2), life.start_on, date(2027, 12, 1), rhythm),
            Course(steps=steps, rhythm=rhythm),
        )
    ]
    life.items[0].owner_id = None
    assert delivered_items(life) == []


def test_an_end_and_a_skip() -> None:
    skipped = date(2027, 10, 14)
    ending = structs.replace(item(1, WEEKLY, skipped), end_on=date(2027, 10, 21))
    found = deliveries([ending], START, date(2027, 12, 1))
    assert [one.is_skipped for one in found] == [False, True]
    assert delivery_on([ending], date(2027, 10, 21)) is None
    assert delivery_on([ending], date(2027, 10, 8)) is None


def test_what_may_follow_what() -> None:
    today = START
    for before, after in NEXT.items():
        for state in ("sent", "delivered", "failed", "returned"):
            if state in after:
                check_step(before, state, START, today, is_planned=True)
            else:
                with pytest.raises(Conflict):
                    check_step(before, state, START, today, is_planned=True)
    with pytest.raises(NotFound):
        check_step("", "sent", START, today, is_planned=False)
    check_step("sent", "returned", START, today, is_planned=False)
    with pytest.raises(Invalid):
        check_step("", "sent", date(2027, 11, 8), today, is_planned=True)


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (DeliverySchedule(Interval("year")), "interval"),
        (DeliverySchedule(Interval("week"), 8), "day"),
        (DeliverySchedule(Interval("day"), 1), "day"),
        (DeliverySchedule(Interval("month"), 32), "day"),
        (DeliverySchedule(Interval("week"), cut_off_days=61), "cut_off_days"),
        (DeliverySchedule(Interval("week"), most_skips=-1), "most_skips"),
        (DeliverySchedule(Interval("week"), skipping="not_allowed", most_skips=1), "most_skips"),
        (DeliverySchedule(Interval("month", 2), skipping="credited"), "skipping"),
        (DeliverySchedule(Interval("week"), counted_from=date(1, 1, 1)), "counted_from"),
    ],
)
def test_a_schedule_that_makes_no_sense(schedule: DeliverySchedule, field: str) -> None:
    prices = [sold(1, {"model": "flat", "amount": "10.00"})]
    (problem,) = delivery_problems(schedule, prices)
    assert problem.field == f"delivery.{field}"


def test_what_is_sold_once_has_nothing_to_credit() -> None:
    once = [sold(1, {"model": "flat", "amount": "10.00"}, interval=None)]
    assert [one.field for one in delivery_problems(WEEKLY, once)] == ["delivery.skipping"]
    assert not list(delivery_problems(None, once))
