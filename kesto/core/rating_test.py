from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.calendar import Interval, Schedule
from kesto.core.catalog import Charged, Price
from kesto.core.item import Item
from kesto.core.line import MINIMUM, ONE_TIME, RECURRING, Explanation, Line
from kesto.core.rating import Rater
from tests.items import day, item, items, sold, starts, vat_rate

FAR = date(2029, 6, 30)
DAY = timedelta(days=1)


def due(*due_items: Item, after: str = "", through: str) -> list[tuple[str, str, int]]:
    lines = Rater(vat_rate).due_lines(due_items, day(after) if after else None, day(through))
    return [
        (f"{one.rated.period_start}", f"{one.rated.period_end}", one.rated.amount_minor)
        for one in lines
    ]


def explained(line: Line) -> Explanation:
    return msgspec.json.decode(line.rated.explanation, type=Explanation)


@pytest.mark.parametrize(
    ("charged", "through", "expected"),
    [
        ("arrears", "2026-10-31", []),
        ("arrears", "2026-11-01", [("2026-10-01", "2026-11-01", 1000)]),
        ("advance", "2026-09-30", []),
        ("advance", "2026-10-31", [("2026-10-01", "2026-11-01", 1000)]),
        (
            "advance",
            "2026-11-01",
            [("2026-10-01", "2026-11-01", 1000), ("2026-11-01", "2026-12-01", 1000)],
        ),
    ],
)
def test_arrears_fall_due_with_the_end_and_advance_with_the_beginning(
    charged: Charged, through: str, expected: list[tuple[str, str, int]]
) -> None:
    assert due(item(sold(charged=charged), start_on="2026-10-01"), through=through) == expected


def test_a_leap_day_is_an_anniversary_only_every_fourth_year() -> None:
    yearly = item(sold(interval=Interval("year")), start_on="2028-02-29")
    periods = [(start, end) for start, end, _ in due(yearly, through="2032-03-01")]
    assert periods == [
        ("2028-02-29", "2029-02-28"),
        ("2029-02-28", "2030-02-28"),
        ("2030-02-28", "2031-02-28"),
        ("2031-02-28", "2032-02-29"),
    ]


def test_the_end_of_a_month_is_clamped_and_restored() -> None:
    monthly = item(start_on="2028-01-31")
    assert due(monthly, through="2028-04-30") == [
        ("2028-01-31", "2028-02-29", 1000),
        ("2028-02-29", "2028-03-31", 1000),
        ("2028-03-31", "2028-04-30", 1000),
    ]


def test_a_short_first_period_costs_its_share_of_the_whole_regular_one() -> None:
    calendar = item(start_on="2028-02-20", alignment="calendar")
    billing_day = item(start_on="2026-09-15", alignment="billing_day", billing_day=31)
    anchored = item(start_on="2026-05-20", alignment="anchor", anchor="2024-01-31")
    assert due(calendar, through="2028-03-01") == [("2028-02-20", "2028-03-01", 345)]  # 10/29
    assert due(billing_day, through="2026-09-30") == [("2026-09-15", "2026-09-30", 500)]  # 15/30
    assert due(anchored, through="2026-05-31") == [("2026-05-20", "2026-05-31", 355)]  # 11/31


@pytest.mark.parametrize(
    ("charged", "through"), [("arrears", "2028-02-11"), ("advance", "2028-02-01")]
)
def test_an_end_in_the_middle_of_a_period_costs_the_days_used(
    charged: Charged, through: str
) -> None:
    ending = item(sold(charged=charged), start_on="2028-02-01", end_on="2028-02-11")
    assert due(ending, through=through) == [("2028-02-01", "2028-02-11", 345)]
    assert due(ending, after=through, through="2030-01-01") == []


def test_the_explanation_says_which_share_was_used() -> None:
    ending = item(start_on="2028-02-01", end_on="2028-02-11")
    (line,) = Rater(vat_rate).due_lines([ending], None, day("2028-03-01"))
    assert explained(line).share == "10/29"
    assert explained(line).exact == "3.448275862069"


def test_what_others_billed_before_is_not_ours() -> None:
    moved = item(sold(charged="advance"), start_on="2020-03-15", billed_from="2026-10-15")
    assert due(moved, through="2026-10-20") == [("2026-10-15", "2026-11-15", 1000)]
    inside = item(start_on="2020-01-01", billed_from="2026-10-16")
    assert due(inside, through="2026-11-01") == [("2026-10-16", "2026-11-01", 516)]
    over = item(start_on="2020-01-01", end_on="2026-10-01", billed_from="2026-10-01")
    assert due(over, through="2027-01-01") == []


def test_a_one_time_price_is_due_once_and_never_prorated() -> None:
    opening = sold(interval=None)
    once = item(opening, start_on="2026-10-20", end_on="2026-10-25", alignment="calendar")
    (line,) = Rater(vat_rate).due_lines([once], None, day("2027-01-01"))
    assert (line.rated.kind, line.rated.amount_minor) == (ONE_TIME, 1000)
    assert due(once, after="2026-10-20", through="2030-01-01") == []
    moved = item(opening, start_on="2020-01-01", billed_from="2026-10-01")
    assert due(moved, through="2026-11-01") == []


def test_a_minimum_becomes_a_line_of_its_own() -> None:
    spec = {"model": "per_unit", "unit_amount": "3.00", "minimum": "10.00"}
    whole, topped = Rater(vat_rate).due_lines(
        [item(sold(spec=spec), start_on="2028-02-01", quantity="2")], None, day("2028-03-01")
    )
    assert (whole.rated.amount_minor, topped.rated.amount_minor) == (600, 400)
    assert (topped.rated.kind, topped.rated.quantity) == (MINIMUM, Decimal(1))
    assert topped.key != whole.key
    assert explained(topped) == Explanation(quantity="1", exact="10")


def test_a_minimum_is_prorated_with_its_period_and_silent_when_reached() -> None:
    spec = {"model": "per_unit", "unit_amount": "3.00", "minimum": "10.00"}
    ending = item(sold(spec=spec), start_on="2028-02-01", end_on="2028-02-11", quantity="2")
    assert [amount for *_, amount in due(ending, through="2028-03-01")] == [207, 138]
    reached = item(sold(spec=spec), start_on="2028-02-01", quantity="4")
    assert [amount for *_, amount in due(reached, through="2028-03-01")] == [1200]


def test_the_vat_rate_is_that_of_the_last_day_supplied() -> None:
    asked: list[date] = []

    def rate(_category: str, on: date) -> Decimal:
        asked.append(on)
        return Decimal(24)

    Rater(rate).due_lines([item(start_on="2024-08-01")], None, day("2024-09-01"))
    assert asked == [day("2024-08-31")]


def test_a_share_computed_before_is_taken_over_with_its_own_days_and_vat_rate() -> None:
    def rate(_category: str, on: date) -> Decimal:
        return Decimal("25.5") if on >= day("2024-09-01") else Decimal(24)

    spec = {"model": "per_unit", "unit_amount": "3.00", "minimum": "10.00"}
    summer = item(sold(spec=spec), start_on="2024-07-01")
    one_by_one = [
        Rater(rate).due_lines([summer], day(after), day(through))
        for after, through in (("2024-07-31", "2024-08-31"), ("2024-09-01", "2024-11-01"))
    ]
    whole = Rater(rate)
    assert whole.due_lines([summer], day("2024-07-31"), day("2024-08-31")) == one_by_one[0]
    assert whole.due_lines([summer], day("2024-09-01"), day("2024-11-01")) == one_by_one[1]
    rates = {str(line.rated.tax_rate_percent) for lines in one_by_one for line in lines}
    assert rates == {"24", "25.5"}


def test_by_the_second_the_night_of_the_clock_change_weighs_what_it_lasts() -> None:
    autumn = sold(proration="second")
    ending = item(autumn, start_on="2026-10-01", end_on="2026-10-26")
    (line,) = Rater(vat_rate).due_lines([ending], None, day("2026-11-01"))
    assert explained(line).share == f"{25 * 86_400 + 3_600}/{31 * 86_400 + 3_600}"


def test_items_that_share_days_but_not_periods_are_computed_apart() -> None:
    # Both periods have 14 days and the same ones were used; only one has the day of 25 hours.
    fortnight = sold(proration="second", interval=Interval("week", 2))
    both = [
        item(fortnight, number=n, start_on=on, billed_from="2026-10-13", end_on="2026-10-20")
        for n, on in enumerate(("2026-10-10", "2026-10-12"))
    ]
    lines = Rater(vat_rate).due_lines(both, None, day("2026-11-01"))
    assert [explained(line).share.split("/")[1] for line in lines] == ["1209600", "1213200"]


@given(items(), starts)
def test_nothing_falls_due_before_the_day_that_is_announced(any_item: Item, after: date) -> None:
    rater = Rater(vat_rate)
    announced = rater.next_due_on([any_item], after)
    if announced is None:
        assert rater.due_lines([any_item], after, FAR) == []
    else:
        assert announced > after
        assert rater.due_lines([any_item], after, announced - DAY) == []
        assert rater.due_lines([any_item], after, announced)


@given(items(), st.dates(date(2027, 11, 1), FAR))
def test_billed_periods_tile_from_the_first_day_to_the_last_one_due(
    any_item: Item, through: date
) -> None:
    lines = Rater(vat_rate).due_lines([any_item], None, through)
    for price in any_item.prices:
        periods = [
            (line.rated.period_start, line.rated.period_end)
            for line in lines
            if line.rated.price_id == price.id and line.rated.kind == RECURRING
        ]
        edges = [any_item.first_on, *(end for _, end in periods)]
        assert periods == list(pairwise(edges))
        assert edges[-1] == last_edge(any_item, price, through)


def last_edge(any_item: Item, price: Price, through: date) -> date:
    """How far a price is billed by a day: to the boundary before or after it, or to the end."""
    if price.interval is None:
        return any_item.first_on
    cadence = any_item.cadence
    schedule = Schedule(
        cadence.start_on, price.interval, cadence.alignment, cadence.billing_day, cadence.anchor
    )
    first = any_item.first_on
    index = schedule.index_at(through)
    if price.charged == "advance":
        reached = schedule.boundary(index + 1) if first <= through else first
    else:
        reached = max(schedule.boundary(index), first)
    if any_item.end_on is None:
        return reached
    ended = max(any_item.end_on, first)
    return ended if ended <= through else min(reached, ended)
