"""Other plans, other quantities, add-ons and what is sold once: the day, the event, the refusal."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.changes import (
    AddAddOn,
    AddExtra,
    Cancel,
    ChangePlan,
    ChangeQuantity,
    Command,
    Pause,
    RemoveAddOn,
    decide,
)
from kesto.core.changes.plan import change_plan, change_quantity, monthly
from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    ExtraAdded,
    ItemStart,
    PlanChanged,
    QuantityChanged,
)
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from tests.refused import refused
from tests.simulator.story import Story, day
from tests.simulator.wares import ADD_ONS, PLANS, PRODUCTS, YEAR, flat, per_unit, sold

ONE = Decimal(1)
SOLD = "a quantity is above zero, below a billion, and has at most 12 decimals"


def no(
    story: Story, command: Command, kind: type[Refused], *, is_staff: bool = True
) -> tuple[str, str, str]:
    return refused(kind, lambda: story.asks(command, is_staff=is_staff))


def changed(story: Story, command: ChangePlan, **more: Any) -> PlanChanged:
    """What a change of plan comes to, in a shop that is a little different."""
    shop = replace(story.world.shop(story.member), **more)
    (event,) = decide(story.member.told, command, shop)
    assert isinstance(event, PlanChanged)
    return event


def test_a_dearer_plan_begins_at_once() -> None:
    story = Story("basic", quantity="2")
    story.world.moves_to(story.world.now.replace(day=10))
    event = changed(story, ChangePlan("plus", is_migration=True))
    (item,) = event.items
    version = PLANS["plus"][0]
    assert item == ItemStart(item.item_id, version.id, "plan", "2", "plus")
    assert item.item_id.int > 10**6
    assert event == PlanChanged(day("2027-10-10"), (item,), terms=version.terms, is_migration=True)


def test_a_cheaper_plan_begins_with_the_next_period() -> None:
    story = Story("plus")
    assert changed(story, ChangePlan("basic")).on == day("2027-11-01")
    assert changed(story, ChangePlan("basic", when="now")).on == day("2027-10-01")
    assert changed(story, ChangePlan("basic", on=day("2027-10-20"))).on == day("2027-10-20")
    dearer = ChangePlan("plus", when="period_end")
    assert changed(Story("basic"), dearer).on == day("2027-11-01")


def test_a_plan_of_one_price_is_not_cheaper() -> None:
    same = replace(PLANS["plus"][-1], plan="other", id=PRODUCTS["care"].id)
    plans = {**PLANS, "other": [same]}
    assert changed(Story("plus"), ChangePlan("other"), plans=plans).on == day("2027-10-01")


def test_what_is_cheaper_is_told_with_the_quantities() -> None:
    story = Story("plus")  # 29.90, and 3.33 a seat
    nine = changed(story, ChangePlan("seats", quantity=Decimal(9)))
    assert nine.on == day("2027-10-01")
    assert (nine.items[0].quantity, nine.keeps_quantity) == ("9", False)
    eight = changed(story, ChangePlan("seats", quantity=Decimal(8)))
    assert eight.on == day("2027-11-01")
    ten = Story("seats", quantity="10")
    kept = changed(ten, ChangePlan("plus"))
    assert (kept.on, kept.items[0].quantity) == (day("2027-11-01"), "10")
    assert kept.keeps_quantity
    assert changed(Story("seats", quantity="8"), ChangePlan("plus")).on == day("2027-10-01")


def test_the_quantity_that_runs_then_goes_on() -> None:
    story = Story("seats")
    story.asks(ChangeQuantity(Decimal(9)))
    story.asks(ChangeQuantity(Decimal(12), on=day("2027-10-20")))
    assert changed(story, ChangePlan("plus")).on == day("2027-11-01")  # 9 seats cost more
    later = changed(story, ChangePlan("plus", on=day("2027-10-20")))
    assert later.items[0].quantity == "12"


def test_no_change_where_no_plan_runs() -> None:
    story = Story("plus")
    life, shop = story.member.life(), story.world.shop(story.member)
    bare = replace(life, items=[])
    assert refused(NotAllowed, lambda: change_quantity(bare, ChangeQuantity(ONE), shop)) == (
        "no_plan",
        "on",
        "no plan runs on 2027-10-01",
    )
    for owner in (None, ADD_ONS["care"][0].id):
        life.items[0].owner_id = owner
        assert refused(NotAllowed, lambda: change_plan(life, ChangePlan("basic"), shop)) == (
            "no_plan",
            "plan",
            "the plan's version is not published",
        )


def test_another_plan_before_the_start_begins_with_it() -> None:
    story = Story("basic")
    story.world.now = story.world.now.replace(month=9)
    assert changed(story, ChangePlan("plus")).on == day("2027-10-01")


def test_the_newest_version_is_taken_unless_it_is_named() -> None:
    story = Story("plus")
    newest, first = PLANS["basic"][1], PLANS["basic"][0]
    assert changed(story, ChangePlan("basic")).items[0].owner_id == newest.id
    assert changed(story, ChangePlan("basic", version=1)).items[0].owner_id == first.id
    assert no(story, ChangePlan("basic", version=3), NotFound) == (
        "unknown_version",
        "version",
        "plan 'basic' has no version 3",
    )
    assert no(story, ChangePlan("best"), NotFound) == (
        "unknown_plan",
        "plan",
        "there is no plan 'best'",
    )


def test_another_version_of_the_plan_keeps_the_terms() -> None:
    event = changed(Story("basic"), ChangePlan("basic", version=1))
    assert event.terms is None
    assert changed(Story("basic"), ChangePlan("seats")).terms == PLANS["seats"][0].terms


def test_the_plan_that_runs_is_no_change() -> None:
    already = ("same_plan", "plan", "plan 'plus' version 1 runs already on 2027-10-01")
    assert no(Story("plus"), ChangePlan("plus"), Conflict) == already
    more = changed(Story("plus"), ChangePlan("plus", quantity=Decimal(2)))
    assert more.items[0].quantity == "2"


def test_periods_of_another_length_begin_anew() -> None:
    assert changed(Story("basic"), ChangePlan("quarter")).is_new_cadence
    assert not changed(Story("basic"), ChangePlan("plus")).is_new_cadence
    assert changed(Story("basic"), ChangePlan("year")).is_new_cadence  # a year beside the month


def test_a_plan_is_changed_to_without_its_trial() -> None:
    (item,) = changed(Story("basic"), ChangePlan("trial")).items
    assert (item.phase, item.after_days, item.for_days) == (1, 0, 0)


def test_add_ons_that_do_not_go_with_the_plan_are_dropped() -> None:
    story = Story("plus", add_ons=("yearly", "safety"))
    assert changed(story, ChangePlan("seats")).dropped == ("yearly",)
    assert changed(story, ChangePlan("year")).dropped == ()
    bound = {**ADD_ONS, "safety": [replace(ADD_ONS["safety"][0], plans=("plus",))]}
    both = changed(story, ChangePlan("seats"), add_ons=bound)
    assert both.dropped == ("safety", "yearly")
    story.asks(RemoveAddOn("yearly", on=day("2027-10-20")))
    assert changed(story, ChangePlan("seats", on=day("2027-10-20"))).dropped == ()


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000"])
def test_nobody_sells_such_a_quantity(quantity: str) -> None:
    number = Decimal(quantity)
    story = Story("seats", add_ons=("safety",))
    for command in (
        ChangePlan("plus", quantity=number),
        ChangeQuantity(number),
        AddAddOn("storage", number),
        AddExtra("service", Decimal(1), number),
    ):
        assert no(story, command, Invalid) == ("bad_quantity", "quantity", SOLD)


@pytest.mark.parametrize("quantity", ["0.000000000001", "999999999.999999999999"])
def test_such_a_quantity_is_sold(quantity: str) -> None:
    (event,) = Story("seats").asks(ChangeQuantity(Decimal(quantity), when="now"))
    assert event == QuantityChanged(day("2027-10-01"), quantity)


def test_more_begin_at_once_and_fewer_with_the_next_period() -> None:
    story = Story("seats", quantity="3")
    story.world.moves_to(story.world.now.replace(day=10))

    def asks(command: ChangeQuantity) -> object:
        return story.world.decide(story.member, command)[0]

    assert asks(ChangeQuantity(Decimal(4))) == QuantityChanged(day("2027-10-10"), "4")
    assert asks(ChangeQuantity(Decimal(2))) == QuantityChanged(day("2027-11-01"), "2")
    now = ChangeQuantity(Decimal(2), when="now")
    assert asks(now) == QuantityChanged(day("2027-10-10"), "2")
    on = ChangeQuantity(Decimal("2.50"), on=day("2027-10-20"))
    assert asks(on) == QuantityChanged(day("2027-10-20"), "2.50")
    assert no(story, ChangeQuantity(Decimal(3)), Conflict) == (
        "same_quantity",
        "quantity",
        "the quantity on 2027-10-10 is 3 already",
    )


def test_the_quantity_of_the_day_is_compared() -> None:
    story = Story("seats", quantity="3")
    story.asks(ChangeQuantity(Decimal(5), on=day("2027-11-15")))
    wrong = ChangeQuantity(Decimal(5), on=day("2027-11-15"))
    assert no(story, wrong, Conflict)[2] == "the quantity on 2027-11-15 is 5 already"
    assert story.asks(ChangeQuantity(Decimal(3), on=day("2027-11-20")))


def test_the_quantity_of_an_add_on_is_its_own() -> None:
    story = Story("seats", quantity="3", add_ons=("safety",))
    assert story.asks(ChangeQuantity(Decimal(2), "safety")) == [
        QuantityChanged(day("2027-10-01"), "2", "safety")
    ]
    assert story.asks(ChangeQuantity(Decimal(1), "safety")) == [
        QuantityChanged(day("2027-11-01"), "1", "safety")
    ]
    assert no(story, ChangeQuantity(Decimal(2), "storage"), NotFound) == (
        "unknown_add_on",
        "add_on",
        "add-on 'storage' does not run on 2027-10-01",
    )


def test_an_add_on_begins_today_unless_it_says_when() -> None:
    (event,) = Story("plus").asks(AddAddOn("storage", Decimal("1.5")), "2027-10-10")
    assert isinstance(event, AddOnAdded)
    add_on = ADD_ONS["storage"][-1]
    item = ItemStart(event.item.item_id, add_on.id, "add_on", "1.5", "storage")
    assert event == AddOnAdded(day("2027-10-10"), item, 2)
    at_end = Story("plus").asks(AddAddOn("safety", when="period_end"))
    assert at_end[0].on == day("2027-11-01")
    assert Story().asks(AddAddOn("safety", on=day("2027-10-20")))[0].on == day("2027-10-20")


def test_the_newest_version_of_an_add_on_is_sold() -> None:
    newest = replace(ADD_ONS["safety"][0], id=PRODUCTS["care"].id, version=2)
    story = Story("plus")
    shop = replace(
        story.world.shop(story.member), add_ons={"safety": [ADD_ONS["safety"][0], newest]}
    )
    (event,) = decide(story.member.told, AddAddOn("safety"), shop)
    assert isinstance(event, AddOnAdded)
    assert event.item.owner_id == newest.id


def test_an_add_on_goes_with_its_plans() -> None:
    assert Story("plus").asks(AddAddOn("yearly"))
    assert no(Story("seats"), AddAddOn("yearly"), Conflict) == (
        "incompatible_add_on",
        "add_on",
        "add-on 'yearly' goes with plus, year, basic, not with 'seats'",
    )


def test_an_add_on_is_there_once() -> None:
    assert Story("plus", add_ons=("care",)).asks(AddAddOn("safety"))
    story = Story("plus", add_ons=("safety",))
    assert no(story, AddAddOn("safety"), Conflict) == (
        "repeated",
        "add_on",
        "add-on 'safety' is there already; change its quantity instead",
    )
    story.asks(RemoveAddOn("safety", on=day("2027-11-10")))
    assert story.asks(AddAddOn("safety", on=day("2027-11-10")))
    assert no(story, AddAddOn("gone"), NotFound) == (
        "unknown_add_on",
        "add_on",
        "there is no add-on 'gone'",
    )


def test_an_add_on_has_prices_in_the_list() -> None:
    story = Story("plus")
    kronor = replace(ADD_ONS["safety"][0].prices[0], currency="SEK")
    shop = replace(
        story.world.shop(story.member),
        add_ons={"safety": [replace(ADD_ONS["safety"][0], prices=(kronor,))]},
    )
    assert refused(Invalid, lambda: decide(story.member.told, AddAddOn("safety"), shop)) == (
        "no_price_list",
        "add_on",
        "'safety' has no prices in EUR with VAT; publish some, or subscribe anew",
    )


def test_an_add_on_is_given_up_with_the_period() -> None:
    story = Story("plus", add_ons=("safety", "care"))
    assert story.asks(RemoveAddOn("safety")) == [AddOnRemoved(day("2027-11-01"), "safety")]
    assert story.asks(RemoveAddOn("care", when="now"), "2027-10-10") == [
        AddOnRemoved(day("2027-10-10"), "care")
    ]
    assert no(story, RemoveAddOn("storage"), NotFound)[0] == "unknown_add_on"


def test_a_minimum_binds_a_subscriber_and_not_staff() -> None:
    story = Story("plus")
    story.asks(AddAddOn("storage"), "2027-10-10")
    story.asks(AddAddOn("safety"))

    def asks(command: RemoveAddOn, *, is_staff: bool) -> object:
        return story.world.decide(story.member, command, is_staff=is_staff)[0]

    bound = RemoveAddOn("storage", on=day("2027-12-09"))
    assert asks(RemoveAddOn("storage"), is_staff=False).on == day("2027-12-10")  # type: ignore[attr-defined]  # an event
    assert no(story, bound, NotAllowed, is_staff=False) == (
        "minimum_binds",
        "on",
        "add-on 'storage' was taken until 2027-12-10",
    )
    assert asks(bound, is_staff=True) == AddOnRemoved(day("2027-12-09"), "storage")
    other = RemoveAddOn("safety")
    assert asks(other, is_staff=False) == AddOnRemoved(day("2027-11-01"), "safety")
    free = RemoveAddOn("storage", on=day("2027-12-10"))
    assert asks(free, is_staff=False) == AddOnRemoved(day("2027-12-10"), "storage")


def test_something_is_sold_once() -> None:
    texts = {"fi": "Asennus"}
    command = AddExtra("seat", Decimal("9.90"), Decimal(2), texts, day("2027-10-20"))
    (event,) = Story("plus").asks(command)
    assert isinstance(event, ExtraAdded)
    assert event == ExtraAdded(
        on=day("2027-10-20"),
        item_id=event.item_id,
        product_id=PRODUCTS["seat"].id,
        unit_amount=Decimal("9.90"),
        quantity=Decimal(2),
        texts=texts,
        reason="one_off",
    )
    assert Story("plus").asks(AddExtra("seat", Decimal(1)))[0].on == day("2027-10-01")


def test_what_is_sold_once_is_a_product_at_some_amount() -> None:
    assert no(Story(), AddExtra("boat", Decimal(1)), NotFound) == (
        "unknown_product",
        "product",
        "there is no product 'boat'",
    )
    for amount in ("1000000000", "-1000000000"):
        assert no(Story(), AddExtra("seat", Decimal(amount)), Invalid) == (
            "bad_amount",
            "unit_amount",
            "an amount is a number below a billion",
        )
    assert Story().asks(AddExtra("seat", Decimal("999999999.99")))


def test_prices_by_the_month_leave_out_usage_and_what_is_sold_once() -> None:
    metered = replace(sold(93, flat("50.00")), meter="calls")
    prices = [sold(90, flat("12.00"), YEAR), sold(91, per_unit("2.00")), metered]
    prices.append(sold(92, flat("9.00"), None))
    assert monthly(prices, Decimal(3)) == 7
    days = sold(94, flat("73.00"), Interval("day", 73))
    assert monthly([days], Decimal(1)) == Fraction(365, 12)


def test_a_pause_is_no_reason_against_another_plan() -> None:
    story = Story("basic")
    story.asks(Pause(day("2027-10-05")))
    assert changed(story, ChangePlan("plus")).on == day("2027-10-01")


def test_nothing_is_changed_after_the_end() -> None:
    story = Story("basic")
    story.asks(Cancel(last_day=day("2027-10-31")))
    ended = "the subscription ends with 2027-10-31; keep it first, or subscribe anew"
    for command in (
        ChangePlan("plus", on=day("2027-11-01")),
        ChangeQuantity(Decimal(2), on=day("2027-11-01")),
        AddAddOn("safety", on=day("2027-11-01")),
        AddExtra("seat", Decimal(1), on=day("2027-11-01")),
    ):
        assert no(story, command, NotAllowed) == ("ended", "on", ended)
    assert story.asks(ChangePlan("plus", on=day("2027-10-31")))
