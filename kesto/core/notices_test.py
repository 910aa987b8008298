"""Which days a subscriber is told of beforehand, and what the next period comes to."""

from decimal import Decimal
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.changes import (
    AddExtra,
    CallOff,
    Cancel,
    ChangeQuantity,
    GiveCoupon,
    Pause,
    Transfer,
    Withdraw,
)
from kesto.core.life_items import Listing
from kesto.core.notices import Coming, PeriodPrice, coming, period_price
from tests.simulator.story import AINO, VEIKKO, Story, day
from tests.simulator.wares import PRICES
from tests.simulator.world import LISTING


def told_on(story: Story, today: str, **terms: object) -> list[Coming]:
    life = story.member.life()
    agreed = structs.replace(life.terms, **terms)
    return coming(
        story.member.told, structs.replace(life, terms=agreed), day(today), PRICES.__getitem__
    )


def priced(
    story: Story, on: str, group_id: UUID = AINO, listing: Listing = LISTING
) -> PeriodPrice | None:
    return period_price(story.member.life(), group_id, day(on), listing, story.world.rater)


@pytest.mark.parametrize(
    ("today", "is_told"),
    [
        ("2027-09-30", False),
        ("2027-10-07", False),
        ("2027-10-08", True),
        ("2027-10-14", True),
        ("2027-10-15", False),
    ],
)
def test_the_end_of_a_trial_is_told_so_many_days_before(today: str, *, is_told: bool) -> None:
    expected = [Coming("trial_ends", day("2027-10-15"))] if is_told else []
    assert told_on(Story("trial"), today) == expected


def test_who_wants_no_reminders_gets_none() -> None:
    assert told_on(Story("trial"), "2027-10-14", reminder_days=0) == []
    assert told_on(Story("trial"), "2027-10-15", reminder_days=366) == []
    assert len(told_on(Story("trial"), "2027-10-01", reminder_days=14)) == 1
    assert told_on(Story("trial"), "2027-10-01", reminder_days=13) == []


@pytest.mark.parametrize(
    ("today", "is_told"),
    [("2027-11-23", False), ("2027-11-24", True), ("2027-11-30", True), ("2027-12-01", False)],
)
def test_a_term_that_ends_by_itself_is_told(today: str, *, is_told: bool) -> None:
    story = Story("plus")
    life = structs.replace(story.member.life(), end_on=day("2027-12-01"))
    found = coming(story.member.told, life, day(today), PRICES.__getitem__)
    assert found == ([Coming("term_ends", day("2027-12-01"))] if is_told else [])


def test_who_gave_notice_knows_when_it_ends() -> None:
    story = Story("plus")
    story.asks(Cancel(last_day=day("2027-11-30"), waives_notice=True))
    assert told_on(story, "2027-11-28") == []
    withdrawn = Story("plus")
    withdrawn.asks(Withdraw(day("2027-10-05")))
    assert told_on(withdrawn, "2027-10-04") == []


def test_a_notice_that_was_called_off_is_none() -> None:
    story = Story("plus")
    story.asks(Cancel(last_day=day("2027-11-30"), waives_notice=True))
    story.asks(CallOff(story.member.told[-1].seq))
    life = structs.replace(story.member.life(), end_on=day("2027-12-01"))
    found = coming(story.member.told, life, day("2027-11-28"), PRICES.__getitem__)
    assert found == [Coming("term_ends", day("2027-12-01"))]


@pytest.mark.parametrize(
    ("today", "on", "leave_by"),
    [
        ("2027-12-09", None, None),  # told 7 days before the last day for a notice of 14 days
        ("2027-12-10", "2028-01-01", "2027-12-17"),
        ("2027-12-31", "2028-01-01", "2027-12-17"),
        ("2028-01-01", None, None),
        ("2028-03-09", None, None),
        ("2028-03-10", "2028-04-01", "2028-03-17"),
    ],
)
def test_a_term_that_renews_is_told_in_time_to_leave(
    today: str, on: str | None, leave_by: str | None
) -> None:
    expected = [Coming("term_renews", day(on), day(leave_by))] if on and leave_by else []
    assert told_on(Story("plus"), today) == expected


@pytest.mark.parametrize(
    "terms",
    [
        {"at_term_end": "open_ended", "renewal_months": 3},
        {"at_term_end": "renew", "renewal_months": 0},
    ],
)
def test_a_term_that_does_not_renew_is_not_told(terms: dict[str, object]) -> None:
    assert told_on(Story("plus"), "2027-12-15", **terms) == []


def test_without_a_term_nothing_renews() -> None:
    story = Story("seats")
    assert told_on(story, "2027-12-15", at_term_end="renew", renewal_months=3) == []


def test_the_end_of_a_pause_is_told_while_it_lasts() -> None:
    story = Story("seats")
    story.asks(Pause(on=day("2027-11-01"), until=day("2027-11-20")))
    story.asks(Pause(on=day("2027-12-01")))
    pause_ends = [Coming("pause_ends", day("2027-11-20"))]
    assert told_on(story, "2027-11-12") == []
    assert told_on(story, "2027-11-13") == pause_ends
    assert told_on(story, "2027-10-31", reminder_days=366) == []
    assert told_on(story, "2027-11-01", reminder_days=366) == pause_ends
    assert told_on(story, "2027-11-20") == []
    assert told_on(story, "2027-12-05") == []


def test_nothing_comes_on_or_after_the_end() -> None:
    story = Story("seats")
    story.asks(Pause(on=day("2027-11-01"), until=day("2027-11-20")))
    for last_day, is_told in (("2027-11-18", False), ("2027-11-19", False), ("2027-11-20", True)):
        cut = Story("seats")
        cut.asks(Pause(on=day("2027-11-01"), until=day("2027-11-20")))
        cut.asks(Cancel(last_day=day(last_day)))
        assert bool(told_on(cut, "2027-11-15")) is is_told
    ended = structs.replace(story.member.life(), end_on=day("2027-11-15"))
    assert coming(story.member.told, ended, day("2027-11-15"), PRICES.__getitem__) == []


def test_the_first_period_that_a_discount_no_longer_counts_for_is_told() -> None:
    story = Story("seats", on="2027-10-10")
    story.asks(GiveCoupon("three"), "2027-10-10")
    story.asks(GiveCoupon("forever5"), "2027-10-10")
    expected = [Coming("discount_ends", day("2028-01-10"), code="three")]
    assert told_on(story, "2028-01-02") == []
    assert told_on(story, "2028-01-03") == expected
    assert told_on(story, "2028-01-09") == expected
    assert told_on(story, "2028-01-10") == []


def test_a_discount_that_ends_within_a_period_is_told_with_the_next_one() -> None:
    story = Story("seats", on="2027-10-10")
    story.asks(GiveCoupon("three"), "2027-10-10")
    (given,) = story.member.life().discounts
    for until, on in (
        ("2027-11-09", "2027-11-10"),
        ("2027-11-10", "2027-11-10"),
        ("2027-11-11", "2027-12-10"),
    ):
        life = structs.replace(
            story.member.life(), discounts=[structs.replace(given, until_on=day(until))]
        )
        found = coming(story.member.told, life, day(on).replace(day=8), PRICES.__getitem__)
        assert found == [Coming("discount_ends", day(on), code="three")]


def test_each_discount_that_ends_is_told() -> None:
    story = Story("seats", on="2027-10-10")
    for code in ("forever5", "three", "seat20", "once10"):
        story.asks(GiveCoupon(code), "2027-10-10")
    codes = [one.code for one in told_on(story, "2028-01-04")]
    assert codes == ["three"]
    assert [one.code for one in told_on(story, "2027-11-04")] == ["once10"]
    assert [one.code for one in told_on(story, "2027-10-10", reminder_days=366)] == [
        "three",
        "once10",
    ]


def test_a_discount_that_begins_today_is_told() -> None:
    story = Story("seats", on="2027-10-10")
    story.asks(GiveCoupon("once10"), "2027-10-10")
    (given,) = story.member.life().discounts
    begins = structs.replace(given, start_on=day("2027-11-05"))
    life = structs.replace(story.member.life(), discounts=[begins])
    assert len(coming(story.member.told, life, day("2027-11-05"), PRICES.__getitem__)) == 1


def test_where_no_plan_runs_on_the_last_day_of_a_discount_nothing_is_told() -> None:
    story = Story("seats", on="2027-10-10")
    story.asks(GiveCoupon("once10"), "2027-10-10")
    story.asks(GiveCoupon("three"), "2027-10-10")
    life = structs.replace(story.member.life(), items=[])
    assert coming(story.member.told, life, day("2027-11-05"), PRICES.__getitem__) == []


def test_a_term_that_was_renewed_renews_by_its_own_months() -> None:
    story = Story("plus")
    by_month = {"at_term_end": "renew", "renewal_months": 2}
    renews = [Coming("term_renews", day("2028-03-01"), day("2028-02-15"))]
    assert told_on(story, "2028-02-10", **by_month) == renews
    assert told_on(story, "2028-01-01", **by_month) == []
    on_the_day = told_on(story, "2028-01-01", **by_month, reminder_days=366)
    assert on_the_day == renews


def test_a_discount_for_all_that_a_payer_buys_or_that_is_still_to_come_is_not_told() -> None:
    story = Story("seats", on="2027-10-10")
    story.asks(GiveCoupon("three"), "2027-10-10")
    (given,) = story.member.life().discounts
    for changes in ({"scope": "customer"}, {"start_on": day("2028-01-05")}):
        life = structs.replace(story.member.life(), discounts=[structs.replace(given, **changes)])
        assert coming(story.member.told, life, day("2028-01-04"), PRICES.__getitem__) == []


@pytest.mark.parametrize(
    ("on", "minor"), [("2027-10-10", 999), ("2027-10-11", 1332), ("2027-11-10", 1332)]
)
def test_the_next_period_is_priced_as_it_will_be_billed(on: str, minor: int) -> None:
    story = Story("seats", on="2027-10-10", quantity="3")
    story.asks(ChangeQuantity(Decimal(4), on=day("2027-11-10")), "2027-10-10")
    assert priced(story, on) == PeriodPrice(minor, "month", 1)


def test_what_is_sold_once_is_no_part_of_a_period_and_a_discount_is() -> None:
    story = Story("basic", on="2027-10-10")
    story.asks(AddExtra("service", Decimal(5)), "2027-10-10")
    assert priced(story, "2027-10-10") == PeriodPrice(1090, "month", 1)
    story.asks(GiveCoupon("once10"), "2027-10-10")
    assert priced(story, "2027-10-10") == PeriodPrice(981, "month", 1)
    assert priced(story, "2027-10-11") == PeriodPrice(1090, "month", 1)


def test_the_shortest_interval_is_the_period() -> None:
    story = Story("year", on="2027-10-10", quantity="2")
    assert priced(story, "2027-10-10") == PeriodPrice(29900 + 222, "month", 1)
    assert priced(story, "2027-11-10") == PeriodPrice(222, "month", 1)
    quarter = Story("quarter", on="2027-10-10", quantity="2")
    assert priced(quarter, "2027-10-10") == PeriodPrice(2468, "month", 3)


def test_a_minimum_is_a_part_of_what_a_period_comes_to() -> None:
    story = Story("ramp", on="2027-10-01")
    story.asks(GiveCoupon("once10"), "2027-10-01")
    assert priced(story, "2027-10-01") == PeriodPrice(750 - 75, "month", 1)
    assert priced(story, "2027-12-01") == PeriodPrice(1500, "month", 1)


def test_a_period_is_one_that_begins_where_the_trial_ends() -> None:
    story = Story("trial", on="2027-10-01")
    assert priced(story, "2027-10-05") == PeriodPrice(1990, "month", 1)


def test_another_group_pays_only_what_is_its_own() -> None:
    story = Story("basic", on="2027-10-10")
    story.asks(Transfer("1", on=day("2027-11-10")), "2027-10-10")
    assert priced(story, "2027-11-10", VEIKKO) == PeriodPrice(1090, "month", 1)
    assert priced(story, "2027-11-10", AINO) == PeriodPrice(0, "month", 1)


def test_where_no_plan_runs_there_is_no_price() -> None:
    story = Story("basic", on="2027-10-10")
    assert priced(story, "2027-10-09") is None
    for item in story.member.life().items:
        item.owner_id = None
    assert priced(story, "2027-10-10") is None


def test_a_plan_without_recurring_prices_is_thought_of_by_the_month() -> None:
    story = Story("basic", on="2027-10-10")
    nothing = Listing(lambda _owner: (), LISTING.product, "EUR", includes_tax=True)
    assert priced(story, "2027-10-10", listing=nothing) == PeriodPrice(0, "month", 1)
