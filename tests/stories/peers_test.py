"""What broke in other billing engines, lived through here: each test names project and thread."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from msgspec.structs import replace

from kesto.core.calendar import local_date
from kesto.core.changes import (
    AddExtra,
    Cancel,
    ChangePlan,
    ChangeQuantity,
    GiveCoupon,
    Keep,
)
from kesto.core.line import RECURRING
from kesto.core.money import round_minor
from kesto.core.rating import Rater
from tests.items import item, sold, vat_rate
from tests.simulator.story import AINO, Story, day
from tests.simulator.world import noon

MONTH_DAYS = {"2027-03-28": 31, "2027-10-31": 30, "2028-02-29": 29}


def periods(story: Story, through: str) -> list[tuple[date, date]]:
    lines = story.world.due(AINO, day(through))
    return sorted(
        (line.rated.period_start, line.rated.period_end)
        for line in lines
        if line.rated.kind == RECURRING
    )


def billed(story: Story) -> int:
    return sum(one.amount_minor for one in story.world.billed[AINO].values())


def test_lago_6194_an_upgrade_in_a_quarter_is_a_part_of_its_91_days() -> None:
    """Days left were divided by 42 or 87, the days since the upgrade, and not by the quarter's."""
    story = Story("quarter", "2027-04-01", alignment="calendar")
    story.asks(ChangePlan("quarter", quantity=Decimal(2), on=day("2027-05-20")))
    story.bills("2027-07-01")
    # 12.34 x 49/91 = 6.64 and 24.68 x 42/91 = 11.39
    assert sorted(one.amount_minor for one in story.world.billed[AINO].values()) == [664, 1139]


@pytest.mark.parametrize("start", ["2028-02-29", "2027-01-29", "2027-01-30", "2027-01-31"])
def test_lago_6173_periods_that_start_on_a_last_day_follow_one_another(start: str) -> None:
    """A day was billed twice, another never, and a whole year taken for a duplicate."""
    for plan in ("plus", "year", "seats"):
        story = Story(plan, start)
        spans = periods(story, "2033-03-01")
        by_length: dict[bool, list[tuple[date, date]]] = {True: [], False: []}
        for span in spans:
            by_length[(span[1] - span[0]).days > 200].append(span)
        for found in by_length.values():
            assert all(one[1] == other[0] for one, other in pairwise(found))
            assert not found or found[0][0] == day(start)


def test_lago_771_another_plan_within_a_trial_has_periods_from_its_own_day() -> None:
    """A trial that was prolonged by assigning the plan again gave periods of no schedule."""
    story = Story("trial", "2027-10-01")
    story.bills("2027-10-01")
    story.asks(ChangePlan("plus", when="now"), "2027-10-08")
    story.bills("2027-10-08")
    assert story.bills("2027-11-08") == [[2990]]
    assert periods(story, "2027-11-08")[-2:] == [
        (day("2027-10-08"), day("2027-11-08")),
        (day("2027-11-08"), day("2027-12-08")),
    ]


def test_lago_4642_credits_never_leave_a_total_of_less_than_a_credit() -> None:
    """A balance applied with another rounding than the lines' made a total of minus one cent."""
    story = Story("plus", "2027-10-01")
    story.asks(GiveCoupon("ten"))
    story.asks(GiveCoupon("three"))
    story.asks(GiveCoupon("five"))
    story.asks(AddExtra("paper", Decimal("0.01")))
    story.bills("2027-10-01")
    (invoice,) = story.world.invoices
    assert invoice.draft.totals.total_minor == billed(story) >= 0


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Asia/Kolkata", "America/New_York"])
def test_lago_879_a_zone_ahead_of_utc_is_billed_once(zone: str) -> None:
    """Where the day begins before UTC's, the same month was billed twice."""
    story = Story("plus", "2027-10-01", zone=zone)
    for hour in range(72):
        now = noon(day("2027-10-30")) + timedelta(hours=hour)
        story.world.moves_to(now)
        story.world.bill(local_date(now, "Europe/Helsinki"))
    assert billed(story) == 2 * 2990


@pytest.mark.parametrize("start", sorted(MONTH_DAYS))
def test_lago_1438_a_night_of_another_length_is_one_day(start: str) -> None:
    """On nights when clocks are turned, a period lost or won a day."""
    story = Story("plus", start)
    story.asks(ChangePlan("basic", 2, on=day(start) + timedelta(days=1)))
    story.bills(start)
    story.bills(f"{day(start) + timedelta(days=1)}")
    days = MONTH_DAYS[start]
    first = round_minor(Decimal("29.90") / days, "EUR")
    rest = round_minor(Decimal("10.90") * (days - 1) / days, "EUR")
    assert billed(story) == first + rest


def test_lago_643_an_amount_of_yen_has_no_hundredths() -> None:
    """Yen were shown times a hundred."""
    yen = replace(sold(spec={"model": "flat", "amount": "1234"}), currency="JPY")
    (line,) = Rater(vat_rate).due_lines([item(yen, start_on="2027-10-01")], None, day("2027-11-01"))
    assert line.rated.amount_minor == 1234


def test_kill_bill_2133_a_last_day_of_the_month_is_not_a_day_early() -> None:
    """A subscription of the last day was invoiced on the day before it."""
    story = Story("plus", "2027-01-31")
    assert story.bills("2027-01-30") == []
    assert story.bills("2027-01-31") == [[2990]]
    for early, right in (("02-27", "02-28"), ("03-30", "03-31"), ("04-29", "04-30")):
        assert story.bills(f"2027-{early}") == []
        assert story.bills(f"2027-{right}") == [[2990]]


def test_kill_bill_139_no_credit_of_a_day_strays_where_zones_meet() -> None:
    """Between two zones an invoice was missed, and a credit of one day made."""
    story = Story("plus", "2027-10-01", zone="Pacific/Auckland")
    story.bills("2027-10-01")
    story.asks(Cancel(last_day=day("2027-10-31"), waives_notice=True), "2027-10-31")
    assert story.bills("2027-10-31") == []
    assert story.bills("2027-11-01") == []
    assert billed(story) == 2990


def test_kill_bill_877_nothing_and_something_on_one_day_is_no_double_billing() -> None:
    """A price of zero that became three on its first day was refused as billed twice."""
    story = Story("trial", "2027-10-01")
    story.bills("2027-10-01")
    story.asks(ChangePlan("basic", 2, when="now"))
    story.asks(ChangePlan("plus", when="now"))
    assert story.bills("2027-10-01") == [[2990]]
    story.asks(ChangePlan("basic", 2, when="now"))
    story.asks(ChangePlan("plus", when="now"))
    assert story.bills("2027-10-01") == [[2990, -2990]]
    assert billed(story) == 2990


def test_openmeter_2837_no_period_is_longer_than_the_service() -> None:
    """A period that was billed went on after the service had ended."""
    story = Story("seats", "2027-10-01")
    story.asks(Cancel(last_day=day("2027-11-09"), waives_notice=True))
    story.bills("2027-12-01")
    assert periods(story, "2028-12-01")[-1] == (day("2027-11-01"), day("2027-11-10"))
    assert billed(story) == 333 + 100


def test_openmeter_2703_a_discount_is_taken_once_however_often_it_is_computed() -> None:
    """Each time an invoice was computed again, the discount was taken once more."""
    story = Story("plus", "2027-10-01")
    story.asks(GiveCoupon("ten"))
    assert story.bills("2027-10-01") == [[2990, -1000]]
    for _ in range(3):
        story.asks(Cancel(last_day=day("2027-10-20"), waives_notice=True))
        story.asks(Keep())
        assert story.bills("2027-10-01") == []
    assert billed(story) == 1990


def test_polar_12378_the_quantity_on_a_line_is_the_one_that_it_charges() -> None:
    """The seats that a prorated line named were not those that its amount was for."""
    story = Story("seats", "2027-10-01", quantity="5")
    story.asks(ChangeQuantity(Decimal(10), on=day("2027-10-17")))
    story.bills("2027-11-01")
    (line,) = story.world.invoices[0].draft.lines
    # 5 x 3.33 for the month and 5 x 3.33 for 15 of its 31 days
    assert (line.rated.quantity, line.rated.amount_minor) == (Decimal(10), 2471)
    assert b'"quantity":"10"' in line.rated.explanation


def test_polar_10617_a_plan_change_with_nothing_to_bill_is_carried_out() -> None:
    """A change without an entry to bill answered with an error in production."""
    story = Story("seats", "2027-10-01")
    story.asks(ChangePlan("volume", when="now"), "2027-10-01")
    assert story.bills("2027-10-01") == []
    assert story.bills("2027-11-01") == [[600]]
