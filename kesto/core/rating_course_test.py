"""Periods in which something changes: another quantity, a pause, a phase that costs less."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import structs

from kesto.core.calendar import Interval
from kesto.core.catalog import Price
from kesto.core.discount_lines import StandingDiscount
from kesto.core.item import Cadence, Course, Item, Pause, Step
from kesto.core.line import MINIMUM, ONE_TIME, RECURRING, Explanation, Line
from kesto.core.rating import Rater
from tests.items import day, item, sold, vat_rate

START = "2026-10-01"
NEXT = "2026-11-01"


def on_course(course: Course, price: Price | None = None, **more: Any) -> Item:
    return structs.replace(item(price or sold(), start_on=START, **more), course=course)


def rated(one: Item, through: str = NEXT) -> list[Line]:
    return Rater(vat_rate).due_lines([one], None, day(through))


def explained(line: Line) -> Explanation:
    return msgspec.json.decode(line.rated.explanation, type=Explanation)


def steps(*found: tuple[str, str]) -> Course:
    return Course(steps=tuple(Step(day(on), Decimal(quantity)) for on, quantity in found))


def pause(start: str, end: str | None, percent: int = 0) -> Pause:
    return Pause(day(start), None if end is None else day(end), Decimal(percent))


@pytest.mark.parametrize(
    ("course", "minor", "quantity"),
    [
        (steps(("2026-10-16", "3")), 1000 + 1032, "3"),  # 2 more for 16 of 31 days
        (steps(("2026-10-02", "3")), 1000 + 1935, "3"),
        (steps(("2026-10-11", "4"), ("2026-10-21", "2")), 1000 + 2032 - 709, "2"),
        (steps(("2026-11-01", "3")), 1000, "1"),
        (steps((START, "3")), 3000, "3"),
        (steps(("2026-09-20", "2"), ("2026-10-16", "3")), 2000 + 516, "3"),
    ],
)
def test_another_quantity_is_for_the_days_that_are_left(
    course: Course, minor: int, quantity: str
) -> None:
    (line,) = rated(on_course(course))
    assert (line.rated.amount_minor, line.rated.quantity) == (minor, Decimal(quantity))
    assert explained(line).quantity == quantity


def test_each_change_of_the_quantity_is_a_part_with_its_share() -> None:
    (line,) = rated(on_course(steps(("2026-10-11", "4"), ("2026-10-21", "2"))))
    said = explained(line)
    assert [(part.what, part.quantity, part.unit_amount) for part in said.parts] == [
        ("change", "1", "10"),
        ("change", "0.677419354839", "30"),
        ("change", "0.354838709677", "-20"),
    ]
    assert (said.exact, said.share, said.paused_days, said.percent) == (
        "23.225806451613",
        "",
        0,
        "100",
    )


@pytest.mark.parametrize(
    ("pauses", "minor", "days", "share"),
    [
        ((pause("2026-10-11", "2026-10-21"),), 677, 10, "21/31"),
        ((pause("2026-10-11", "2026-10-21", 50),), 839, 10, "26/31"),
        ((pause("2026-09-11", "2026-10-11"),), 677, 10, "21/31"),
        ((pause("2026-10-22", None),), 677, 10, "21/31"),
        ((pause("2026-10-02", "2026-10-04"), pause("2026-10-10", "2026-10-13")), 839, 5, "26/31"),
        ((pause("2026-11-01", None),), 1000, 0, ""),
    ],
)
def test_days_of_a_pause_cost_their_part(
    pauses: tuple[Pause, ...], minor: int, days: int, share: str
) -> None:
    (line,) = rated(on_course(Course(pauses=pauses)))
    said = explained(line)
    assert (line.rated.amount_minor, said.paused_days) == (minor, days)
    assert Fraction(said.share or 1) == Fraction(share or 1)


def test_a_phase_costs_its_percent_and_says_so() -> None:
    (line,) = rated(on_course(Course(percent=Decimal("12.5")), quantity="3"))
    said = explained(line)
    assert (line.rated.amount_minor, said.percent, said.quantity) == (375, "12.5", "3")
    assert said.share == "3.875/31"


@pytest.mark.parametrize(
    "course", [Course(percent=Decimal(0)), Course(pauses=(pause("2026-09-01", None),))]
)
def test_what_is_free_is_free_whatever_its_price(course: Course) -> None:
    dear = {"model": "per_unit", "unit_amount": "3", "minimum": "10"}
    (line,) = rated(on_course(course, sold(spec=dear), quantity="2"))
    assert (line.rated.amount_minor, line.rated.quantity) == (0, Decimal(2))
    assert (explained(line).parts, explained(line).exact) == ((), "0")


def test_a_quantity_that_rises_out_of_a_pause_is_paid_from_its_end() -> None:
    course = Course(
        steps=(Step(day("2026-10-16"), Decimal(3)),),
        pauses=(pause("2026-10-01", "2026-10-22"),),
    )
    (line,) = rated(on_course(course))
    assert line.rated.amount_minor == 968  # 3 for 10 of 31 days


def test_by_the_second_a_change_weighs_what_is_left_on_the_clock() -> None:
    by_second = sold(proration="second")
    for zone, last_day in (("Europe/Helsinki", 90_000), ("UTC", 86_400)):
        course = Course(steps=(Step(day("2026-10-25"), Decimal(2)),))
        (line,) = rated(on_course(course, by_second, zone=zone))
        left, whole = 6 * 86_400 + last_day, 30 * 86_400 + last_day
        assert explained(line).parts[1].quantity == f"{left / whole:.12f}".rstrip("0")
        paused = Course(pauses=(pause("2026-10-25", "2026-10-26"),))
        (line,) = rated(on_course(paused, by_second, zone=zone))
        assert explained(line).share == f"{30 * 86_400}/{whole}"


def test_an_unprorated_price_is_whole_on_either_side_of_a_change() -> None:
    whole = sold(proration="none")
    (line,) = rated(on_course(steps(("2026-10-16", "3")), whole))
    assert line.rated.amount_minor == 3000
    (paused,) = rated(on_course(Course(pauses=(pause("2026-10-11", "2026-10-21"),)), whole))
    assert paused.rated.amount_minor == 1000


def test_a_minimum_follows_the_share_of_its_period() -> None:
    dear = {"model": "per_unit", "unit_amount": "3", "minimum": "10"}
    course = Course(pauses=(pause("2026-10-11", "2026-10-21"),))
    price, minimum = rated(on_course(course, sold(spec=dear), quantity="2"))
    assert (price.rated.amount_minor, minimum.rated.amount_minor) == (406, 271)
    assert (minimum.rated.kind, explained(minimum).paused_days) == (MINIMUM, 10)
    assert explained(minimum).share == explained(price).share == "21/31"


def test_what_is_sold_once_is_not_part_of_a_course() -> None:
    once = sold(interval=None)
    course = Course(percent=Decimal(0), pauses=(pause("2026-09-01", None),))
    (line,) = rated(on_course(course, once))
    assert (line.rated.kind, line.rated.amount_minor) == (ONE_TIME, 1000)


def test_items_of_other_zones_are_not_taken_for_each_other() -> None:
    by_second = sold(proration="second")
    course = Course(pauses=(pause("2026-10-24", "2026-10-26"),))
    both = [
        structs.replace(on_course(course, by_second, zone=zone), id=UUID(int=place))
        for place, zone in enumerate(("Europe/Helsinki", "UTC"))
    ]
    lines = Rater(vat_rate).due_lines(both, None, day(NEXT))
    assert len({explained(line).share for line in lines}) == 2


def test_a_line_is_all_that_its_invoice_needs() -> None:
    price = sold(7, category="reduced", account="3010")
    (line,) = rated(item(price, start_on=START, end_on="2026-10-11", quantity="2.50"))
    assert line.item_id == UUID(int=1)
    got = line.rated
    assert (got.price_id, got.product_id, got.kind) == (price.id, price.product.id, RECURRING)
    assert (got.period_start, got.period_end) == (day(START), day("2026-10-11"))
    assert (got.part, got.revision, str(got.quantity), got.amount_minor) == (0, 1, "2.5", 806)
    assert (got.tax_category, str(got.tax_rate_percent)) == ("reduced", "13.5")
    assert got.revenue_account == "3010"
    said = explained(line)
    assert (said.quantity, said.exact, said.share) == ("2.5", "8.064516129032", "10/31")
    assert [(part.what, part.amount) for part in said.parts] == [
        ("units", "25"),
        ("share", "-16.935483870968"),
    ]


def test_a_discount_of_an_amount_knows_what_was_taken_before() -> None:
    price = sold(charged="advance")
    two = [
        item(price, start_on=START, end_on="2026-10-16"),
        item(price, start_on="2026-10-16", number=2),
    ]
    off = StandingDiscount(
        *(UUID(int=90), UUID(int=91), "six", 1, day(START), Cadence(day(START)), "EUR"),
        interval=Interval("month"),
        amount_minor=600,
    )
    rater = Rater(vat_rate)
    whole = [one.rated.amount_minor for one in rater.due_lines(two, None, day("2026-10-16"), [off])]
    assert whole == [484, -484, 1000, -116]
    later = rater.due_lines(two, day("2026-10-15"), day("2026-10-16"), [off])
    assert [one.rated.amount_minor for one in later] == [1000, -116]
    assert rater.due_lines(two, day("2026-10-16"), day("2026-10-20"), [off]) == []
    percent = structs.replace(off, percent=Decimal(10), amount_minor=0)
    later = rater.due_lines(two, day("2026-10-15"), day("2026-10-16"), [percent])
    assert [one.rated.amount_minor for one in later] == [1000, -100]
    assert rater.due(two, None, day("2026-10-16"), [off])[1] == day("2026-11-16")


def test_the_next_day_is_the_first_of_all_items_and_prices() -> None:
    yearly = sold(2, interval=Interval("year"))
    both = [item(yearly, start_on=START), item(sold(), yearly, start_on="2026-10-05", number=2)]
    rater = Rater(vat_rate)
    assert rater.next_due_on(both, day(START)) == day("2026-11-05")
    assert rater.due(both, None, day(START)) == ([], day("2026-11-05"))
    over = [item(start_on=START, end_on="2026-10-11")]
    assert rater.next_due_on(over, day("2026-10-11")) is None
    assert rater.due([], None, day(START)) == ([], None)
