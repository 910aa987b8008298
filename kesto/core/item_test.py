from decimal import Decimal

from msgspec.structs import replace

from kesto.core.calendar import Interval, Schedule
from kesto.core.item import Cadence, Course, Pause, Segment, Step, Turn, first_on
from tests.items import day, item

START = "2027-01-01"
ITEM = item(start_on=START, quantity="2")
FIRST, SECOND = Cadence(day("2027-02-10")), Cadence(day("2027-03-10"))
TURNS = (Turn(day("2027-02-10"), FIRST), Turn(day("2027-03-10"), SECOND))


def test_a_quantity_holds_from_its_first_day_on() -> None:
    steps = (Step(day("2027-02-01"), Decimal(3)), Step(day("2027-03-01"), Decimal(1)))
    stepping = replace(ITEM, course=Course(steps=steps))
    days = ("2027-01-31", "2027-02-01", "2027-02-28", "2027-03-01", "2028-01-01")
    assert [stepping.quantity_at(day(text)) for text in days] == [2, 3, 3, 1, 1]
    assert ITEM.quantity_at(day("2028-01-01")) == 2


def test_an_item_is_cut_where_its_cadence_turns() -> None:
    turning = replace(ITEM, course=Course(turns=TURNS))
    assert list(turning.segments()) == [
        Segment(day(START), day("2027-02-10"), ITEM.cadence),
        Segment(day("2027-02-10"), day("2027-03-10"), FIRST),
        Segment(day("2027-03-10"), None, SECOND),
    ]
    assert list(ITEM.segments()) == [Segment(day(START), None, ITEM.cadence)]


def test_no_segment_begins_after_the_end() -> None:
    turning = replace(ITEM, course=Course(turns=TURNS))
    for end_on in ("2027-02-11", "2027-03-10"):
        assert list(replace(turning, end_on=day(end_on)).segments()) == [
            Segment(day(START), day("2027-02-10"), ITEM.cadence),
            Segment(day("2027-02-10"), day(end_on), FIRST),
        ]
    whole = list(replace(turning, end_on=day("2027-02-10")).segments())
    assert whole == [Segment(day(START), day("2027-02-10"), ITEM.cadence)]


def test_a_billing_day_is_for_months_alone() -> None:
    cadence = Cadence(day(START), "billing_day", 15)
    week, month = Interval("week"), Interval("month")
    assert cadence.schedule(week) == Schedule(day(START), week, "anniversary", 15)
    assert cadence.schedule(month) == Schedule(day(START), month, "billing_day", 15)
    anchored = Cadence(day(START), "anchor", anchor=day("2027-01-05"))
    assert anchored.schedule(week) == Schedule(day(START), week, "anchor", anchor=day("2027-01-05"))


def test_what_others_billed_before_is_not_ours() -> None:
    assert first_on(day(START), None) == day(START)
    assert first_on(day(START), day("2026-12-01")) == day(START)
    assert first_on(day(START), day("2027-03-01")) == day("2027-03-01")


def test_of_pauses_that_meet_the_one_that_began_last_counts() -> None:
    long = Pause(day("2027-01-01"), None, Decimal(0))
    short = Pause(day("2027-02-01"), day("2027-02-10"), Decimal(50))
    found = [
        [course.pause_at(day(text)) for text in ("2026-12-31", "2027-01-01", "2027-02-01")]
        + [course.pause_at(day(text)) for text in ("2027-02-09", "2027-02-10")]
        for course in (Course(pauses=(short, long)), Course(pauses=(long, short)))
    ]
    assert found == 2 * [[None, long, short, short, long]]
    assert Course(pauses=(short,)).pause_at(day("2027-02-10")) is None
    assert Course().pause_at(day("2027-02-01")) is None
