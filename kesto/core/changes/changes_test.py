"""Decisions about a life in which other changes lie ahead already."""

from decimal import Decimal

import pytest

from kesto.core.calendar import Interval
from kesto.core.changes import (
    AddExtra,
    ChangeBillingDay,
    ChangePlan,
    EndDiscount,
    GiveCoupon,
    Transfer,
)
from kesto.core.changes.plan import monthly
from kesto.core.history import DiscountGiven, PlanChanged
from kesto.core.refusals import NotFound
from tests.items import sold
from tests.simulator.story import AINO, VEIKKO, Story, day


def changed(story: Story, command: ChangePlan) -> PlanChanged:
    (event,) = story.asks(command)
    assert isinstance(event, PlanChanged)
    return event


def given(story: Story, command: GiveCoupon) -> DiscountGiven:
    (event,) = story.asks(command)
    assert isinstance(event, DiscountGiven)
    return event


def test_a_plan_change_is_compared_with_the_plan_that_runs_then() -> None:
    story = Story("basic")
    assert changed(story, ChangePlan("quarter", on=day("2027-11-10"))).is_new_cadence
    back = changed(story, ChangePlan("basic", on=day("2027-12-20")))
    assert back.is_new_cadence  # from quarters to months, though months run today
    assert back.terms is not None  # and the quarter's terms end with it


def test_a_coupon_counts_from_now_though_another_billing_day_lies_ahead() -> None:
    story = Story("plus")
    story.asks(ChangeBillingDay(billing_day=15, on=day("2027-12-15")))
    assert given(story, GiveCoupon("once10")).on == day("2027-10-01")


def test_a_coupon_waits_for_the_end_of_the_trial() -> None:
    story = Story("trial")
    assert given(story, GiveCoupon("once10")).on == day("2027-10-15")


def test_a_discount_that_lies_ahead_is_ended_before_it_begins() -> None:
    story = Story("plus")
    story.bills("2027-10-01")
    story.world.moves_to(story.world.now.replace(day=2))
    assert given(story, GiveCoupon("ten")).on == day("2027-11-01")
    story.asks(EndDiscount("ten"))
    assert story.bills("2027-11-01") == [[2990]]
    with pytest.raises(NotFound, match="no discount"):
        story.asks(EndDiscount("ten"))
    story.asks(GiveCoupon("ten"))  # and it may be given again


def test_an_amount_counts_for_the_periods_it_was_given_for() -> None:
    story = Story("trial", on="2027-10-01", alignment="calendar")
    event = given(story, GiveCoupon("first7", on=day("2027-10-15")))
    assert (event.on, event.until_on) == (day("2027-10-15"), day("2027-11-01"))
    # Told later of a time before: other periods begin twice while the coupon counts.
    story.asks(ChangeBillingDay("anniversary", on=day("2027-10-01")))
    story.asks(ChangeBillingDay(billing_day=25, on=day("2027-10-20")))
    story.bills("2027-12-01")
    taken = [one for key, one in story.world.billed[AINO].items() if key.kind == "discount"]
    assert -sum(one.amount_minor for one in taken) <= 700


def test_what_is_sold_for_less_than_nothing_is_a_credit() -> None:
    story = Story("plus")
    story.asks(AddExtra("service", Decimal(-3), Decimal(2)))
    assert sorted(story.bills("2027-10-01")[0]) == [-600, 2990]


def test_a_week_under_a_billing_day_runs_from_its_start() -> None:
    story = Story("plus", alignment="billing_day", billing_day=15)
    story.asks(ChangePlan("week", on=day("2027-10-15")))
    story.bills("2027-10-01")
    assert sorted(story.bills("2027-10-15")[0]) == [100, 255]
    assert story.bills("2027-10-22") == [[255]]
    assert story.bills("2027-10-29") == [[255]]


def test_two_amounts_of_one_number_take_from_their_own() -> None:
    story = Story("plus")
    story.asks(GiveCoupon("ten"))
    first = story.member.life().discounts[0]
    story.asks(GiveCoupon("five"))
    second = story.member.life().discounts[1]
    assert first.number != second.number
    story.asks(Transfer("1", on=day("2027-11-01")))
    assert story.bills("2027-10-01") == [[2990, -1000, -500]]
    assert story.bills("2027-11-01", VEIKKO) == [[2990, -1000, -500]]


@pytest.mark.parametrize(("yearly", "is_dearer"), [("121.00", True), ("119.00", False)])
def test_plans_of_other_intervals_are_compared_by_the_month(
    yearly: str, *, is_dearer: bool
) -> None:
    month = sold(1, {"model": "flat", "amount": "10.00"})
    year = sold(2, {"model": "flat", "amount": yearly}, interval=Interval("year"))
    assert (monthly([year], Decimal(1)) > monthly([month], Decimal(1))) == is_dearer


def test_a_minimum_counts_where_prices_are_compared() -> None:
    spec = {"model": "per_unit", "unit_amount": "1.00", "minimum": "5.00"}
    assert monthly([sold(1, spec)], Decimal(3)) == 5
