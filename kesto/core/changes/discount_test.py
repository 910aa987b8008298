"""Coupons: who may have one, from when to when it counts, and how it ends."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.catalog import Coupon
from kesto.core.changes import ChangePlan, EndDiscount, GiveCoupon, Withdraw, decide
from kesto.core.history import DiscountEnded, DiscountGiven, SubscriptionEvent
from kesto.core.item import Cadence
from kesto.core.refusals import Conflict, NotAllowed, NotFound
from tests.refused import refused
from tests.simulator.story import Story, day
from tests.simulator.wares import COUPONS, PRODUCTS

ONCE, TEN = COUPONS["once10"], COUPONS["ten"]


def asked(
    story: Story, coupon: Coupon | None, command: GiveCoupon | None = None, **more: Any
) -> list[SubscriptionEvent]:
    """What giving a coupon comes to, in a shop that has no other."""
    shop = story.world.shop(story.member)
    coupons = {coupon.code: coupon, **dict.fromkeys(coupon.codes, coupon)} if coupon else {}
    shop = replace(shop, coupons=coupons, **more)
    return decide(story.member.told, command or GiveCoupon(coupon.code if coupon else "no"), shop)


def given(*words: Any, **more: Any) -> DiscountGiven:
    (event,) = asked(*words, **more)
    assert isinstance(event, DiscountGiven)
    return event


def test_a_coupon_is_given_on_its_terms_of_today() -> None:
    (event,) = Story(on="2027-10-31").asks(GiveCoupon("five"))
    assert isinstance(event, DiscountGiven)
    assert event == DiscountGiven(
        on=day("2027-10-31"),
        discount_id=event.discount_id,
        coupon_id=COUPONS["five"].id,
        code="five",
        number=1,
        currency="EUR",
        until_on=day("2027-12-31"),
        interval=Interval("month"),
        amount_minor=500,
        cadence=Cadence(day("2027-10-31"), zone="Europe/Helsinki"),
    )
    assert event.discount_id.int > 10**6


def test_a_coupon_counts_once_for_some_periods_or_forever() -> None:
    story = Story()
    assert given(story, ONCE).until_on == day("2027-11-01")
    assert given(story, COUPONS["three"]).until_on == day("2028-01-01")
    assert given(story, COUPONS["three"]).percent == Decimal("33.3")
    assert given(story, TEN).until_on is None


def test_periods_are_those_of_the_shortest_price() -> None:
    story = Story("year")
    assert given(story, ONCE).until_on == day("2027-11-01")
    assert given(story, ONCE).interval == Interval("month")
    assert given(Story("week"), ONCE).until_on == day("2027-10-08")


def test_the_running_period_counts_only_from_its_first_day() -> None:
    story = Story()
    command = GiveCoupon("once10", on=day("2027-10-02"))
    event = given(story, ONCE, command)
    assert (event.on, event.until_on) == (day("2027-11-01"), day("2027-12-01"))
    on_the_day = given(story, ONCE, GiveCoupon("once10", on=day("2027-11-01")))
    assert on_the_day.on == day("2027-11-01")


def test_periods_are_those_of_the_plan_that_runs_then() -> None:
    story = Story("basic")
    story.asks(ChangePlan("quarter", on=day("2027-11-10")))
    event = given(story, ONCE, GiveCoupon("once10", on=day("2027-11-10")))
    assert (event.on, event.until_on) == (day("2027-11-10"), day("2028-02-10"))
    assert event.cadence == Cadence(day("2027-11-10"), zone="Europe/Helsinki")


def test_a_coupon_is_for_one_subscription_or_for_all_of_the_payer() -> None:
    story = Story()
    own = given(story, ONCE, next_discount=7)
    assert (own.number, own.scope) == (7, "subscription")
    command = GiveCoupon("once10", is_for_all=True)
    for_all = given(story, ONCE, command, next_for_all=1007)
    assert (for_all.number, for_all.scope) == (1007, "customer")


def test_a_coupon_is_for_the_products_that_are_still_sold() -> None:
    coupon = replace(ONCE, products=("seat", "gone"))
    assert given(Story(), coupon).products == (PRODUCTS["seat"].id,)


def test_a_coupon_is_found_by_what_is_typed_in() -> None:
    coupon = replace(ONCE, codes=("spring",))
    assert given(Story(), coupon, GiveCoupon("SPRING")).code == "once10"
    assert refused(NotFound, lambda: asked(Story(), None)) == (
        "unknown_coupon",
        "coupon",
        "there is no coupon 'no'",
    )


def test_a_coupon_for_some_plans_goes_with_them_alone() -> None:
    coupon = replace(ONCE, plans=("plus", "basic"))
    assert given(Story("plus"), coupon).code == "once10"
    assert refused(Conflict, lambda: asked(Story("seats"), coupon)) == (
        "coupon_not_for_plan",
        "coupon",
        "coupon 'once10' is for plus, basic",
    )


def test_the_plan_that_counts_is_the_one_of_that_day() -> None:
    story = Story("seats")
    story.asks(ChangePlan("plus", on=day("2027-11-01")))
    coupon = replace(ONCE, plans=("plus",))
    assert given(story, coupon, GiveCoupon("once10", on=day("2027-11-01")))
    assert refused(Conflict, lambda: asked(story, coupon))[0] == "coupon_not_for_plan"


def test_an_amount_is_given_in_its_own_currency() -> None:
    kronor = replace(TEN, currency="SEK")
    assert refused(Conflict, lambda: asked(Story(), kronor)) == (
        "coupon_currency",
        "coupon",
        "coupon 'ten' is in SEK, the subscription in EUR",
    )
    assert given(Story(), replace(ONCE, currency="SEK"))  # a percentage has none


def test_a_coupon_is_given_within_its_time() -> None:
    story = Story(on="2027-10-10")
    on = day("2027-10-10")
    assert given(story, replace(ONCE, valid_from=on, valid_until=on))
    later = replace(ONCE, valid_from=day("2027-10-11"))
    assert refused(NotAllowed, lambda: asked(story, later)) == (
        "coupon_not_yet",
        "coupon",
        "coupon 'once10' is given from 2027-10-11 on",
    )
    earlier = replace(ONCE, valid_until=day("2027-10-09"))
    assert refused(NotAllowed, lambda: asked(story, earlier)) == (
        "coupon_over",
        "coupon",
        "coupon 'once10' was given through 2027-10-09",
    )


@pytest.mark.parametrize(("coupon", "until"), [("ten", None), ("once10", "2027-11-01")])
def test_a_coupon_counts_once_at_a_time(coupon: str, until: str | None) -> None:
    story = Story()
    story.asks(GiveCoupon(coupon))
    again = ("repeated", "coupon", f"coupon {coupon!r} counts here already")
    assert refused(Conflict, lambda: story.asks(GiveCoupon(coupon))) == again
    day_before = GiveCoupon(coupon, on=day("2027-10-31"))
    assert refused(Conflict, lambda: story.asks(day_before)) == again
    if until is not None:
        assert story.asks(GiveCoupon(coupon, on=day(until)))


def test_a_coupon_that_was_ended_before_it_began_may_be_given_again() -> None:
    story = Story()
    story.asks(GiveCoupon("ten", on=day("2027-11-01")))
    assert refused(Conflict, lambda: story.asks(GiveCoupon("ten")))[0] == "repeated"
    story.asks(EndDiscount("ten"))
    assert story.asks(GiveCoupon("ten"))


@pytest.mark.parametrize(("in_all", "by_customer"), [(1, 0), (2, 1)])
def test_a_coupon_is_used_as_often_as_it_may_be(in_all: int, by_customer: int) -> None:
    coupon = replace(ONCE, most_uses=3, most_uses_per_customer=2)
    assert given(Story(), coupon, uses={ONCE.id: (in_all, by_customer)})
    assert given(Story(), ONCE, uses={ONCE.id: (999, 999)})  # no limit
    assert given(Story(), coupon, uses={UUID(int=1): (9, 9)})  # of another


@pytest.mark.parametrize("in_all", [3, 4])
def test_a_coupon_may_be_used_up(in_all: int) -> None:
    coupon = replace(ONCE, most_uses=3)
    assert refused(NotAllowed, lambda: asked(Story(), coupon, uses={ONCE.id: (in_all, 0)})) == (
        "coupon_used_up",
        "coupon",
        "coupon 'once10' has been used as often as it may be",
    )


@pytest.mark.parametrize("by_customer", [2, 3])
def test_a_customer_may_have_used_a_coupon_up(by_customer: int) -> None:
    coupon = replace(ONCE, most_uses=9, most_uses_per_customer=2)
    uses = {ONCE.id: (by_customer, by_customer)}
    assert refused(NotAllowed, lambda: asked(Story(), coupon, uses=uses)) == (
        "coupon_used_up",
        "coupon",
        "this customer has used coupon 'once10' as often as it may be",
    )


def test_a_discount_ends_for_the_periods_from_a_day_on() -> None:
    story = Story()
    story.asks(GiveCoupon("ten"))
    (own,) = story.member.life().discounts
    assert story.asks(EndDiscount("ten", on=day("2027-11-15"))) == [
        DiscountEnded(day("2027-11-15"), own.id)
    ]
    assert refused(NotFound, lambda: story.asks(EndDiscount("ten", on=day("2027-11-15")))) == (
        "unknown_coupon",
        "coupon",
        "no discount 'ten' counts on 2027-11-15",
    )
    assert story.asks(EndDiscount("ten"))  # but it still counts today


def test_only_the_discount_that_is_named_ends() -> None:
    story = Story()
    story.asks(GiveCoupon("ten"))
    story.asks(GiveCoupon("forever5"))
    ten, forever = story.member.life().discounts
    assert story.asks(EndDiscount("forever5")) == [DiscountEnded(day("2027-10-01"), forever.id)]
    assert story.asks(EndDiscount("ten")) == [DiscountEnded(day("2027-10-01"), ten.id)]


def test_no_coupon_after_the_end() -> None:
    story = Story()
    story.asks(Withdraw(day("2027-10-10")))
    command = GiveCoupon("ten", on=day("2027-10-10"))
    assert refused(NotAllowed, lambda: story.asks(command)) == (
        "ended",
        "on",
        "the subscription ends with 2027-10-09; keep it first, or subscribe anew",
    )
