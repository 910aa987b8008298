from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.catalog import Charged, Price
from kesto.core.due import Stretch, due_stretches, next_due_on, paused_days, weight
from kesto.core.item import Cadence, Course, Item, Pause, Turn
from kesto.core.proration import Share
from tests.items import day, item, sold

MARCH = Stretch(day("2027-03-01"), day("2027-04-01"), Share(31, 31))
HELSINKI = "Europe/Helsinki"


def paused(start: str, end: str | None, percent: int = 0) -> Course:
    return Course(pauses=(Pause(day(start), day(end) if end else None, Decimal(percent)),))


@pytest.mark.parametrize(
    ("course", "from_on", "used"),
    [
        (Course(), "2027-03-01", Fraction(31)),
        (Course(), "2027-03-11", Fraction(21)),
        (Course(percent=Decimal(50)), "2027-03-01", Fraction(31, 2)),
        (paused("2027-03-11", "2027-03-21"), "2027-03-01", Fraction(21)),
        (paused("2027-03-11", "2027-03-21", 25), "2027-03-01", Fraction(47, 2)),
        (paused("2027-03-11", "2027-03-21"), "2027-03-16", Fraction(11)),
        (paused("2027-02-01", None), "2027-03-01", Fraction(0)),
        (paused("2027-03-31", None), "2027-03-01", Fraction(30)),
    ],
)
def test_days_weigh_what_is_charged_on_them(course: Course, from_on: str, used: Fraction) -> None:
    found = weight(course, MARCH, day(from_on), "day", HELSINKI)
    assert (found.used, found.of) == (used, 31)
    assert found.fraction == used / 31


def test_a_weight_is_written_as_days_of_days() -> None:
    found = weight(paused("2027-03-11", "2027-03-21", 25), MARCH, MARCH.start, "day", HELSINKI)
    assert str(found) == "23.5/31"


def test_by_the_second_a_short_day_weighs_less() -> None:
    seconds = 31 * 86_400 - 3_600  # the clocks go forward on 28 March
    whole = Stretch(MARCH.start, MARCH.end, Share(seconds, seconds))
    found = weight(paused("2027-03-28", "2027-03-29"), whole, MARCH.start, "second", HELSINKI)
    assert (found.used, found.of) == (Fraction(30 * 86_400), seconds)
    utc = weight(Course(), whole, day("2027-03-28"), "second", "UTC")
    assert utc.used == 4 * 86_400


@pytest.mark.parametrize(
    ("course", "used"),
    [
        (Course(), 31),
        (paused("2027-03-02", None), 31),
        (paused("2027-03-01", None), 0),
        (paused("2027-03-01", None, 40), Fraction(62, 5)),
        (Course(percent=Decimal(10)), Fraction(31, 10)),
    ],
)
def test_without_proration_any_use_is_a_whole_use(course: Course, used: Fraction | int) -> None:
    found = weight(course, MARCH, MARCH.start, "none", HELSINKI)
    assert (found.used, found.of) == (used, 31)
    assert weight(course, MARCH, MARCH.end, "none", HELSINKI).used == 0


@pytest.mark.parametrize(
    ("course", "days"),
    [
        (Course(), 0),
        (paused("2027-03-11", "2027-03-21"), 10),
        (paused("2027-02-11", "2027-03-03", 50), 2),
        (paused("2027-03-31", None), 1),
        (paused("2027-04-01", None), 0),
    ],
)
def test_paused_days_are_those_of_the_period(course: Course, days: int) -> None:
    assert paused_days(course, MARCH) == days


def test_a_turn_cuts_the_running_period_and_opens_others() -> None:
    price = sold(charged="advance")
    base = item(price, start_on="2027-01-10")
    cadence = Cadence(day("2027-02-20"), "billing_day", 1, zone=HELSINKI)
    course = Course(turns=(Turn(day("2027-02-20"), cadence),))
    moved = type(base)(
        *(base.id, base.prices, base.quantity, base.cadence, base.start_on, None, None, course)
    )
    stretches, next_on = due_stretches(moved, price, None, day("2027-03-31"))
    assert [(one.start, one.end, str(one.share)) for one in stretches] == [
        (day("2027-01-10"), day("2027-02-10"), "31/31"),
        (day("2027-02-10"), day("2027-02-20"), "10/28"),
        (day("2027-02-20"), day("2027-03-01"), "9/28"),
        (day("2027-03-01"), day("2027-04-01"), "31/31"),
    ]
    assert next_on == day("2027-04-01")
    assert next_due_on(moved, price, day("2027-02-15")) == day("2027-02-20")


def test_what_is_sold_once_is_not_sold_again_by_who_carries_on() -> None:
    price = sold(interval=None)
    base = item(price, start_on="2027-01-10")
    values = (base.id, base.prices, base.quantity, base.cadence, base.start_on, None, None)
    again = type(base)(*values, Course(carries_on=True))
    other = type(base)(*values, Course(percent=Decimal(50)))
    assert due_stretches(again, price, None, date(2027, 12, 31)) == ((), None)
    assert next_due_on(again, price, date.min) is None
    (stretch,), next_on = due_stretches(other, price, None, date(2027, 12, 31))
    assert (stretch.start, next_on) == (day("2027-01-10"), None)
    assert next_due_on(other, price, day("2027-01-09")) == day("2027-01-10")


def test_periods_begin_where_a_trial_ends() -> None:
    price = sold(charged="advance", interval=Interval("month"))
    base = item(price, start_on="2027-01-10")
    trial = type(base)(
        *(base.id, base.prices, base.quantity, Cadence(day("2027-01-24"), zone=HELSINKI)),
        *(base.start_on, None, None, None),
    )
    stretches, _ = due_stretches(trial, price, None, day("2027-02-24"))
    assert [one.start for one in stretches] == [day("2027-01-24"), day("2027-02-24")]
    assert next_due_on(trial, price, day("2027-01-01")) == day("2027-01-24")


Told = tuple[list[str], str]
"""Stretches as `start end share`, and the next day or nothing."""


def told(sale: Price, running: Item, after: str | None, through: str) -> Told:
    stretches, next_on = due_stretches(running, sale, day(after) if after else None, day(through))
    assert next_due_on(running, sale, day(through)) == next_on
    return [f"{one.start:%m-%d} {one.end:%m-%d} {one.share}" for one in stretches], (
        f"{next_on:%m-%d}" if next_on else ""
    )


FIRST, LAST = "01-10 02-10 31/31", "02-10 02-20 10/28"


@pytest.mark.parametrize(
    ("after", "through", "wanted"),
    [
        (None, "2027-01-09", ([], "01-10")),
        (None, "2027-01-10", ([FIRST], "02-10")),
        (None, "2027-02-09", ([FIRST], "02-10")),
        (None, "2027-02-10", ([FIRST, LAST], "")),
        ("2027-01-09", "2027-12-31", ([FIRST, LAST], "")),
        ("2027-01-10", "2027-12-31", ([LAST], "")),
        ("2027-02-09", "2027-12-31", ([LAST], "")),
        ("2027-02-10", "2027-12-31", ([], "")),
    ],
)
def test_in_advance_a_period_falls_due_with_its_first_day(
    after: str | None, through: str, wanted: Told
) -> None:
    sale = sold(charged="advance")
    running = item(sale, start_on="2027-01-10", end_on="2027-02-20")
    assert told(sale, running, after, through) == wanted


@pytest.mark.parametrize(
    ("after", "through", "wanted"),
    [
        (None, "2027-01-10", ([], "02-10")),
        (None, "2027-02-09", ([], "02-10")),
        (None, "2027-02-10", ([FIRST], "02-20")),
        (None, "2027-02-19", ([FIRST], "02-20")),
        (None, "2027-02-20", ([FIRST, LAST], "")),
        ("2027-02-09", "2027-12-31", ([FIRST, LAST], "")),
        ("2027-02-10", "2027-12-31", ([LAST], "")),
        ("2027-02-19", "2027-12-31", ([LAST], "")),
        ("2027-02-20", "2027-12-31", ([], "")),
    ],
)
def test_in_arrears_a_period_falls_due_when_it_is_over(
    after: str | None, through: str, wanted: Told
) -> None:
    sale = sold(charged="arrears")
    running = item(sale, start_on="2027-01-10", end_on="2027-02-20")
    assert told(sale, running, after, through) == wanted


@pytest.mark.parametrize(
    ("after", "through", "wanted"),
    [
        (None, "2027-01-09", ([], "01-10")),
        (None, "2027-01-10", (["01-10 01-11 1/1"], "")),
        ("2027-01-09", "2027-12-31", (["01-10 01-11 1/1"], "")),
        ("2027-01-10", "2027-12-31", ([], "")),
    ],
)
def test_what_is_sold_once_falls_due_on_its_day(
    after: str | None, through: str, wanted: Told
) -> None:
    sale = sold(interval=None)
    running = item(sale, start_on="2027-01-10", end_on="2027-02-20")
    assert told(sale, running, after, through) == wanted
    assert told(sale, replace(running, billed_from=day("2027-01-10")), after, through) == wanted
    elsewhere = replace(running, billed_from=day("2027-01-11"))
    assert told(sale, elsewhere, after, through) == ([], "")


def test_the_end_of_a_period_is_the_end() -> None:
    advance, arrears = sold(charged="advance"), sold(charged="arrears")
    running = item(start_on="2027-01-10", end_on="2027-02-10")
    assert told(advance, running, None, "2027-01-10") == ([FIRST], "")
    assert told(advance, running, None, "2027-02-10") == ([FIRST], "")
    assert told(arrears, running, None, "2027-01-31") == ([], "02-10")
    assert told(arrears, running, None, "2027-02-10") == ([FIRST], "")


@pytest.mark.parametrize("charged", ["advance", "arrears"])
@pytest.mark.parametrize("interval", [None, Interval("month")])
def test_what_never_ran_never_falls_due(charged: Charged, interval: Interval | None) -> None:
    sale = sold(interval=interval, charged=charged)
    running = item(sale, start_on="2027-01-10", end_on="2027-01-10")
    for text in ("2027-01-09", "2027-12-31"):
        assert told(sale, running, None, text) == ([], "")


def test_our_billing_begins_within_a_period() -> None:
    advance, arrears = sold(charged="advance"), sold(charged="arrears")
    running = item(start_on="2027-01-10", billed_from="2027-02-15")
    assert told(advance, running, None, "2027-02-14") == ([], "02-15")
    assert told(advance, running, None, "2027-02-15") == (["02-15 03-10 23/28"], "03-10")
    assert told(arrears, running, None, "2027-02-15") == ([], "03-10")
    assert told(arrears, running, None, "2027-03-10") == (["02-15 03-10 23/28"], "04-10")


def test_by_the_second_the_zone_tells_how_long_a_day_is() -> None:
    sale = sold(charged="advance", proration="second")
    running = item(sale, start_on="2027-03-01", end_on="2027-03-29")
    seconds = 31 * 86_400 - 3_600  # the clocks go forward on 28 March
    assert told(sale, running, None, "2027-03-01") == (
        [f"03-01 03-29 {28 * 86_400 - 3_600}/{seconds}"],
        "",
    )


def test_without_proration_a_part_is_the_whole() -> None:
    sale = sold(charged="advance", proration="none")
    running = item(sale, start_on="2027-03-01", end_on="2027-03-29")
    assert told(sale, running, None, "2027-03-01")[0][0].split()[2] in {"31/31", "1/1"}


def test_with_a_course_it_is_told_alike_from_a_day_on() -> None:
    sale = sold(charged="advance")
    running = replace(
        item(sale, start_on="2027-01-10", end_on="2027-02-20"), course=Course(percent=Decimal(50))
    )
    assert told(sale, running, "2027-01-10", "2027-12-31") == ([LAST], "")
    assert told(sale, running, None, "2027-01-10") == ([FIRST], "02-10")
