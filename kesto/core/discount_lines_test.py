from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from kesto.core.calendar import Interval
from kesto.core.discount_lines import StandingDiscount
from kesto.core.item import Cadence, Item
from kesto.core.line import DISCOUNT, Explanation, Line
from kesto.core.rating import Rater
from tests.items import day, item, sold, vat_rate

START = "2027-01-01"
CADENCE = Cadence(day(START), zone="Europe/Helsinki")


def discount(number: int = 1, **values: Any) -> StandingDiscount:
    usual: dict[str, Any] = {
        "id": UUID(int=900 + number),
        "coupon_id": UUID(int=800 + number),
        "code": f"C{number}",
        "number": number,
        "start_on": day(START),
        "cadence": CADENCE,
        "currency": "EUR",
        "interval": Interval("month"),
    }
    return StandingDiscount(**usual | values)


def taken(
    items: Sequence[Item],
    *discounts: StandingDiscount,
    after: date | None = None,
    through: str = "2027-03-31",
) -> list[tuple[str, int, int]]:
    lines = Rater(vat_rate).due_lines(items, after, day(through), discounts)
    return [
        (one.rated.period_start.isoformat(), one.rated.part, one.rated.amount_minor)
        for one in lines
        if one.rated.kind == DISCOUNT
    ]


def explained(line: Line) -> Explanation:
    return msgspec.json.decode(line.rated.explanation, type=Explanation)


ADVANCE = item(sold(charged="advance"), start_on=START)


def test_a_percentage_is_taken_off_each_period_up_to_its_end() -> None:
    off = discount(percent=Decimal(20), until_on=day("2027-03-01"))
    assert taken([ADVANCE], off) == [("2027-01-01", 1, -200), ("2027-02-01", 1, -200)]


def test_a_percentage_is_rounded_once_for_a_day_and_spread() -> None:
    third = {"model": "flat", "amount": "0.33"}
    prices = [sold(number, third, charged="advance") for number in (1, 2, 3)]
    off = discount(percent=Decimal(50))  # half of 0.99 is 0.50, not three times 0.17
    assert [minor for _, _, minor in taken([item(*prices, start_on=START)], off)][:3] == [
        *(-17, -17, -16)
    ]


def test_an_amount_is_for_each_period_and_never_takes_more_than_there_is() -> None:
    off = discount(amount_minor=1500)
    assert taken([ADVANCE], off) == [(f"2027-{month}-01", 1, -1000) for month in ("01", "02", "03")]


def test_what_is_left_of_an_amount_goes_to_what_falls_due_later_in_the_period() -> None:
    both = item(sold(1, charged="advance"), sold(2, charged="arrears"), start_on=START)
    off = discount(amount_minor=1500)
    found = taken([both], off, through="2027-02-01")
    assert found == [
        ("2027-01-01", 1, -1000),
        ("2027-02-01", 1, -1000),
        ("2027-01-01", 1, -500),
    ]
    assert taken([both], off, after=day("2027-01-15"), through="2027-02-01") == found[1:]


def test_discounts_act_one_after_the_other_on_what_is_left() -> None:
    first = discount(1, amount_minor=200, until_on=day("2027-02-01"))
    second = discount(2, percent=Decimal(50), until_on=day("2027-02-01"))
    assert taken([ADVANCE], second, first) == [("2027-01-01", 1, -200), ("2027-01-01", 2, -400)]
    for_all = discount(1, percent=Decimal(10), scope="customer", until_on=day("2027-02-01"))
    assert taken([ADVANCE], for_all, second) == [("2027-01-01", 2, -500), ("2027-01-01", 1, -50)]


@pytest.mark.parametrize(
    ("narrowed", "count"),
    [
        ({}, 3),
        ({"items": (UUID(int=1),)}, 3),
        ({"items": (UUID(int=2),)}, 0),
        ({"products": (UUID(int=1001),)}, 3),
        ({"products": (UUID(int=1002),)}, 0),
        ({"start_on": date(2027, 1, 2)}, 2),
    ],
)
def test_a_discount_is_for_what_it_names(narrowed: dict[str, Any], count: int) -> None:
    assert len(taken([ADVANCE], discount(percent=Decimal(10), **narrowed))) == count


def test_a_discount_line_says_what_it_takes_off_what() -> None:
    lines = Rater(vat_rate).due_lines(
        [ADVANCE], None, day(START), [discount(percent=Decimal("12.5"))]
    )
    base, off = lines
    assert (off.rated.tax_rate_percent, off.rated.product_id) == (
        base.rated.tax_rate_percent,
        base.rated.product_id,
    )
    said = explained(off)
    (part,) = said.parts
    assert (said.discount, said.exact, said.quantity) == ("C1", "-1.25", "1")
    assert off.item_id == base.item_id
    assert off.rated.quantity == 1
    assert (part.what, part.quantity, part.unit_amount, part.amount) == (
        *("discount_percent", "10", "12.5", "-1.25"),
    )
    (_, amount) = Rater(vat_rate).due_lines(
        [ADVANCE], None, day(START), [discount(amount_minor=300)]
    )
    assert explained(amount).parts[0].what == "discount_amount"


def test_nothing_is_taken_off_nothing() -> None:
    free = item(sold(1, {"model": "flat", "amount": "0"}, charged="advance"), start_on=START)
    assert taken([free], discount(percent=Decimal(50)), discount(2, amount_minor=5)) == []


def test_a_discount_on_what_is_billed_by_the_piece_is_one() -> None:
    three = item(sold(charged="advance"), start_on=START, quantity="3")
    (base, off) = Rater(vat_rate).due_lines(
        [three], None, day(START), [discount(percent=Decimal(10))]
    )
    assert [line.rated.quantity for line in (base, off)] == [3, 1]
    assert explained(off).quantity == "1"


def test_an_amount_without_periods_is_given_once() -> None:
    off = discount(amount_minor=1500, interval=None)
    assert taken([ADVANCE], off) == [("2027-01-01", 1, -1000), ("2027-02-01", 1, -500)]


def test_a_discount_counts_all_lines_of_a_price() -> None:
    spec = {"model": "per_unit", "unit_amount": "3.00", "minimum": "10.00"}
    least = item(sold(spec=spec, charged="advance"), start_on=START)
    off = discount(percent=Decimal(50))
    lines = Rater(vat_rate).due_lines([least], None, day("2027-02-01"), [off])
    assert [(line.rated.kind, line.rated.amount_minor) for line in lines] == 2 * [
        ("recurring", 300),
        ("minimum", 700),
        (DISCOUNT, -500),
    ]
