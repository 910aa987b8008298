"""What decisions look up: versions, prices in a list, items of phases, periods and days."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.catalog import Phase
from kesto.core.changes import Cancel, ChangeBillingDay, ChangePlan, Shop, plan_items
from kesto.core.changes.shop import (
    add_on_item,
    cadence_at,
    check_quantity,
    day_of_change,
    main_interval,
    period_end,
    refuse_ended,
)
from kesto.core.history import ItemStart
from kesto.core.item import Cadence
from kesto.core.refusals import Invalid, NotAllowed, NotFound
from tests.refused import refused
from tests.simulator.story import Story, day
from tests.simulator.wares import (
    ADD_ONS,
    MONTH,
    PLANS,
    QUARTER,
    WEEK,
    YEAR,
    flat,
    plan,
    sold,
)
from tests.simulator.world import noon


def shop_of(story: Story, **more: Any) -> Shop:
    return replace(story.world.shop(story.member), **more)


def test_what_is_published_is_found_by_its_id() -> None:
    shop = shop_of(Story())
    for version in PLANS["basic"]:
        assert shop.published(version.id) == version
    assert shop.published(ADD_ONS["yearly"][0].id) == ADD_ONS["yearly"][0]
    assert refused(NotFound, lambda: shop.published(UUID(int=7))) == (
        "not_found",
        "plan",
        "nothing is published as 00000000-0000-0000-0000-000000000007",
    )


def test_a_version_is_the_newest_or_the_one_that_is_named() -> None:
    shop = shop_of(Story())
    first, newest = PLANS["basic"]
    assert shop.version("basic") == shop.version("basic", 2) == newest
    assert shop.version("basic", 1) == first
    assert refused(NotFound, lambda: shop.version("basic", 3)) == (
        "unknown_version",
        "version",
        "plan 'basic' has no version 3",
    )
    assert refused(NotFound, lambda: shop.version("best")) == (
        "unknown_plan",
        "plan",
        "there is no plan 'best'",
    )


def test_prices_are_those_of_the_list() -> None:
    euro = sold(90, flat("9.00"))
    kronor, net = replace(euro, currency="SEK"), replace(euro, includes_tax=False)
    version = plan(90, "many", euro, kronor, net)
    shop = shop_of(Story())
    assert shop.prices_of(version) == (euro,)
    assert replace(shop, currency="SEK").prices_of(version) == (kronor,)
    assert replace(shop, includes_tax=False).prices_of(version) == (net,)
    assert shop.prices_of(plan(91, "free")) == ()


def test_what_has_no_prices_in_the_list_is_not_sold() -> None:
    shop = shop_of(Story())
    version = plan(90, "swedish", replace(sold(90, flat("9.00")), currency="SEK"))
    text = "publish some, or subscribe anew"
    assert refused(Invalid, lambda: shop.prices_of(version)) == (
        "no_price_list",
        "plan",
        f"'swedish' has no prices in EUR with VAT; {text}",
    )
    net = replace(shop, includes_tax=False)
    assert refused(Invalid, lambda: net.prices_of(ADD_ONS["care"][0])) == (
        "no_price_list",
        "add_on",
        f"'care' has no prices in EUR without VAT; {text}",
    )


def items(version: Any, **more: Any) -> list[tuple[int, str, int, int]]:
    """The phases of a plan's items, with what is charged, after how many days and how long."""
    made, _ = plan_items(version, day("2027-10-01"), Decimal("2.5"), lambda: UUID(int=5), **more)
    for item in made:
        assert (item.item_id, item.owner_id) == (UUID(int=5), version.id)
        assert (item.kind, item.quantity, item.code) == ("plan", "2.5", version.plan)
    return [(one.phase, str(one.percent), one.after_days, one.for_days) for one in made]


def test_a_plan_without_phases_is_one_item() -> None:
    assert items(PLANS["plus"][0]) == [(-1, "100", 0, 0)]


def test_a_plan_has_an_item_for_each_phase() -> None:
    assert items(PLANS["both"][0]) == [
        (0, "0", 0, 14),
        (1, "50", 14, 61),
        (2, "100", 75, 0),
    ]
    assert items(PLANS["both"][0], with_trials=False) == [(1, "50", 0, 61), (2, "100", 61, 0)]


def test_nothing_comes_after_a_phase_without_end() -> None:
    endless = (Phase("first", MONTH), Phase("on and on"), Phase("never", MONTH))
    version = plan(90, "odd", phases=endless)
    assert items(version) == [(0, "100", 0, 31), (1, "100", 31, 0)]


def test_periods_begin_where_the_trial_ends() -> None:
    for code, begins in (("plus", "2027-10-01"), ("both", "2027-10-15"), ("ramp", "2027-10-01")):
        _, cadence_on = plan_items(
            PLANS[code][0], day("2027-10-01"), Decimal(1), lambda: UUID(int=5)
        )
        assert cadence_on == day(begins)


def test_an_add_on_is_one_item() -> None:
    add_on = ADD_ONS["care"][0]
    assert add_on_item(add_on, Decimal("1.50"), lambda: UUID(int=5)) == ItemStart(
        UUID(int=5), add_on.id, "add_on", "1.50", "care"
    )


@pytest.mark.parametrize(
    "quantity", ["0", "-1", "1e9", "0.0000000000001", "NaN", "Infinity", "sNaN"]
)
def test_a_quantity_that_nobody_could_sell(quantity: str) -> None:
    assert refused(Invalid, lambda: check_quantity(Decimal(quantity))) == (
        "bad_quantity",
        "quantity",
        "a quantity is above zero, below a billion, and has at most 12 decimals",
    )


@pytest.mark.parametrize("quantity", ["1", "0.000000000001", "999999999.9", "1e8"])
def test_a_quantity_that_is_sold(quantity: str) -> None:
    check_quantity(Decimal(quantity))


def test_a_subscriber_thinks_in_the_shortest_interval() -> None:
    prices = [sold(number, flat("1"), interval) for number, interval in enumerate((YEAR, None))]
    assert main_interval(prices) == YEAR
    assert main_interval([*prices, sold(9, flat("1"), QUARTER)]) == QUARTER
    assert main_interval([*prices, sold(9, flat("1"), WEEK)]) == WEEK
    assert main_interval([]) == main_interval(prices[1:]) == Interval("month")


def test_the_cadence_is_that_of_the_day() -> None:
    story = Story("plus")
    story.asks(ChangeBillingDay(billing_day=15, on=day("2027-11-15")))
    story.asks(ChangeBillingDay(billing_day=20, on=day("2027-12-20")))
    life = story.member.life()
    found = [
        cadence_at(life, day(text)).billing_day
        for text in ("2027-11-14", "2027-11-15", "2027-12-19", "2027-12-20", "2028-12-31")
    ]
    assert found == [0, 15, 15, 20, 20]
    assert cadence_at(life, day("2027-09-30")) == life.cadence
    assert cadence_at(life, day("2027-10-01")) == Cadence(day("2027-10-01"), zone="Europe/Helsinki")


def test_the_period_ends_with_the_plan_that_runs() -> None:
    story = Story("basic")
    story.asks(ChangePlan("quarter", on=day("2027-12-10")))
    life, shop = story.member.life(), shop_of(story)
    ends = {
        text: str(period_end(life, shop, day(text)))
        for text in ("2027-10-01", "2027-10-31", "2027-11-01", "2027-12-10", "2028-03-09")
    }
    assert ends == {
        "2027-10-01": "2027-11-01",
        "2027-10-31": "2027-11-01",
        "2027-11-01": "2027-12-01",
        "2027-12-10": "2028-03-10",
        "2028-03-09": "2028-03-10",
    }


def test_a_trial_is_the_first_period() -> None:
    story = Story("trial")
    life, shop = story.member.life(), shop_of(story)
    assert period_end(life, shop, day("2027-10-01")) == day("2027-10-15")
    assert period_end(life, shop, day("2027-10-14")) == day("2027-10-15")
    assert period_end(life, shop, day("2027-10-15")) == day("2027-11-15")


def test_before_the_periods_the_next_boundary_is_where_they_begin() -> None:
    life = Story("plus").member.life()
    shop = shop_of(Story("plus"))
    assert period_end(life, shop, day("2027-09-15")) == day("2027-10-01")
    ended = replace(life, items=[])
    assert period_end(ended, shop, day("2027-10-15")) == day("2027-11-01")


def when(story: Story, on: str | None = None, when: str = "", **more: Any) -> date:
    life = story.member.life()
    shop = shop_of(story, is_staff=more.pop("is_staff", True))
    return day_of_change(life, shop, None if on is None else day(on), when, **more)


def test_a_change_takes_effect_today_unless_it_says_when() -> None:
    story = Story()
    story.world.moves_to(noon(day("2027-10-10")))
    assert when(story) == when(story, when="now", at_period_end=True) == day("2027-10-10")
    assert when(story, at_period_end=True) == day("2027-11-01")
    assert day_of_change(story.member.life(), shop_of(story), None, at_period_end=True) == day(
        "2027-11-01"
    )
    assert when(story, when="period_end") == day("2027-11-01")
    assert when(story, "2027-12-24", "period_end") == day("2027-12-24")


def test_a_change_before_the_start_takes_effect_with_it() -> None:
    story = Story()
    story.world.now = noon(day("2027-09-10"))
    assert when(story, is_staff=False) == day("2027-10-01")
    assert when(story, when="period_end") == day("2027-11-01")
    early = ("before_start", "on", "the subscription starts on 2027-10-01; {}")
    text = early[2].format("choose that day or a later one")
    assert refused(Invalid, lambda: when(story, "2027-09-30")) == (*early[:2], text)


def test_what_was_billed_elsewhere_does_not_change() -> None:
    story = Story()
    shop, life = shop_of(story), story.member.life()
    life = replace(life, billed_from=day("2027-12-01"))
    assert refused(Invalid, lambda: day_of_change(life, shop, day("2027-11-30")))[2] == (
        "the subscription starts on 2027-12-01; choose that day or a later one"
    )
    assert day_of_change(life, shop, day("2027-12-01")) == day("2027-12-01")
    earlier = replace(life, billed_from=day("2027-09-01"))
    assert refused(Invalid, lambda: day_of_change(earlier, shop, day("2027-09-30")))[1] == "on"


def test_the_past_is_for_staff() -> None:
    story = Story()
    story.world.moves_to(noon(day("2027-10-10")))
    assert when(story, "2027-10-10", is_staff=False) == day("2027-10-10")
    assert when(story, "2027-10-09") == day("2027-10-09")
    assert refused(NotAllowed, lambda: when(story, "2027-10-09", is_staff=False)) == (
        "past",
        "on",
        "today is 2027-10-10; a change can't lie in the past",
    )


def test_nothing_changes_after_the_end() -> None:
    story = Story("basic")
    refuse_ended(story.member.life(), date.max)
    story.asks(Cancel(last_day=day("2027-10-31")))
    life = story.member.life()
    refuse_ended(life, day("2027-10-31"))
    assert refused(NotAllowed, lambda: refuse_ended(life, day("2027-11-01"))) == (
        "ended",
        "on",
        "the subscription ends with 2027-10-31; keep it first, or subscribe anew",
    )
    assert refused(NotAllowed, lambda: refuse_ended(life, date.max))[0] == "ended"
    assert refused(NotAllowed, lambda: when(story, "2027-11-01"))[0] == "ended"


def test_a_subscriber_chooses_only_what_the_portal_offers() -> None:
    shop = shop_of(Story(), is_staff=False, in_portal=frozenset({("plan", "basic")}))
    shop.refuse_unoffered("plan", "basic")
    replace(shop, is_staff=True).refuse_unoffered("plan", "gold")
    assert refused(NotAllowed, lambda: shop.refuse_unoffered("add_on", "basic")) == (
        "not_offered",
        "add_on",
        "'basic' is not offered in the portal; choose another, or let staff change it",
    )
