"""Another currency: from which day, what must have a price in it, and what stands in its way."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.catalog import AddOn, PlanVersion, Price
from kesto.core.changes import ChangeCurrency, Payer, Shop
from kesto.core.changes.currency import change_currency
from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    CurrencyChanged,
    DiscountEnded,
    DiscountGiven,
    ExtraAdded,
    SubscriptionEvent,
)
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.histories import (
    BEGUN,
    CARE,
    GROUP,
    OTHER_GROUP,
    PAYER,
    lived,
    on,
    plan_item,
)
from tests.histories import add_on_item as item_of_add_on
from tests.refused import refused
from tests.simulator.wares import add_on, flat, plan, sold

TODAY, NEXT_PERIOD = "2027-10-10", "2027-11-01"
KRONOR = ChangeCurrency("SEK")
NEW = UUID(int=900)


def in_currency(price: Price, currency: str) -> Price:
    return replace(price, currency=currency)


EURO = sold(90, flat("9.90"))
ABROAD = plan(91, "abroad", *(in_currency(EURO, one) for one in ("EUR", "SEK", "JPY")))
AT_HOME = add_on(92, "home", sold(93, flat("1.00")))
BEGUN_ABROAD = replace(BEGUN, items=(plan_item(owner=ABROAD.id),))


def shop(
    today: str = TODAY,
    *,
    plans: Sequence[PlanVersion] = (ABROAD,),
    add_ons: Sequence[AddOn] = (AT_HOME,),
    **more: Any,
) -> Shop:
    known: dict[str, Any] = {
        "plans": {one.plan: [one] for one in plans},
        "add_ons": {one.code: [one] for one in add_ons},
        "coupons": {},
        "products": {},
        "payer": Payer(PAYER, OTHER_GROUP, "SEK"),
        "group_id": GROUP,
        **more,
    }
    return Shop(on(today), "EUR", True, new_id=lambda: NEW, **known)


def changes(
    *events: SubscriptionEvent, command: ChangeCurrency = KRONOR, today: str = TODAY, **more: Any
) -> list[SubscriptionEvent]:
    """What a change of currency comes to after a history."""
    return change_currency(lived(*events, begun=BEGUN_ABROAD), command, shop(today, **more))


def changed(day: str, currency: str = "SEK") -> CurrencyChanged:
    return CurrencyChanged(on(day), NEW, "EUR", currency, GROUP, OTHER_GROUP)


def from_day(day: str) -> ChangeCurrency:
    return replace(KRONOR, on=on(day))


@pytest.mark.parametrize(
    ("command", "day"),
    [
        (KRONOR, NEXT_PERIOD),
        (replace(KRONOR, when="period_end"), NEXT_PERIOD),
        (replace(KRONOR, when="now"), TODAY),
        (from_day(TODAY), TODAY),
        (from_day("2027-12-24"), "2027-12-24"),
    ],
)
def test_another_currency_holds_from_the_next_period_unless_it_says_when(
    command: ChangeCurrency, day: str
) -> None:
    assert changes(command=command) == [changed(day)]


def test_what_is_sold_in_a_currency_is_not_changed_to_it() -> None:
    assert refused(Conflict, lambda: changes(command=ChangeCurrency("EUR"))) == (
        "same_currency",
        "currency",
        "it is sold in EUR already",
    )


def test_what_was_billed_stays_in_its_currency_for_staff_as_well() -> None:
    yesterday = from_day("2027-10-09")
    assert refused(Invalid, lambda: changes(command=yesterday)) == (
        "past",
        "on",
        "what was billed stays in its currency; choose today or a later day",
    )
    assert refused(NotAllowed, lambda: changes(command=yesterday, is_staff=False))[0] == "past"


@pytest.mark.parametrize("missing", ["payer", "group_id"])
def test_somebody_must_pay_in_the_other_currency(missing: str) -> None:
    gone: dict[str, Any] = {missing: None}
    assert refused(NotFound, lambda: changes(**gone)) == (
        "unknown_customer",
        "payer",
        "there is nobody to pay",
    )


HOME = replace(item_of_add_on(200), owner_id=AT_HOME.id)
NO_PRICE = (
    "no_price_list",
    "currency",
    "'home' has no prices in SEK with VAT; publish some, or subscribe anew",
)


@pytest.mark.parametrize("added", [TODAY, "2027-10-31", NEXT_PERIOD, "2027-12-01"])
def test_all_that_goes_on_has_a_price_in_the_other_currency(added: str) -> None:
    home = AddOnAdded(on(added), HOME)
    assert refused(Invalid, lambda: changes(home)) == NO_PRICE
    kronor = replace(AT_HOME, prices=(in_currency(AT_HOME.prices[0], "SEK"),))
    assert changes(home, add_ons=(kronor,)) == [changed(NEXT_PERIOD)]


def test_what_ends_by_then_needs_no_price() -> None:
    home = AddOnAdded(on(TODAY), HOME)
    assert changes(home, AddOnRemoved(on(NEXT_PERIOD), "storage"))
    day_later = AddOnRemoved(on("2027-11-02"), "storage")
    assert refused(Invalid, lambda: changes(home, day_later)) == NO_PRICE


def given(*, start: str = TODAY, until: str | None = None, **more: Any) -> DiscountGiven:
    """A discount in percent, unless it says another."""
    return DiscountGiven(
        *(on(start), UUID(int=20), UUID(int=21), "five", 1, "EUR"),
        **{"until_on": on(until) if until else None, "interval": Interval("month"), **more},
    )


BOUND = (
    "discount_binds",
    "currency",
    f"the discount 'five' is in EUR and counts on {NEXT_PERIOD}; end it first",
)
YEN = ChangeCurrency("JPY")


@pytest.mark.parametrize(
    ("command", "terms"),
    [
        (KRONOR, {"amount_minor": 1}),
        (KRONOR, {"amount_minor": 500, "until": "2027-11-02"}),
        (KRONOR, {"amount_minor": 500, "start": NEXT_PERIOD, "until": "2027-11-02"}),
        (KRONOR, {"amount_minor": 500, "start": "2027-12-01", "until": "2027-12-02"}),
        (KRONOR, {"scope": "customer", "group_id": GROUP}),
        (YEN, {}),  # a yen has no cents: what is left of them would count as yen
        (YEN, {"until": "2027-11-02"}),
    ],
)
def test_a_discount_of_the_old_currency_ends_first(
    command: ChangeCurrency, terms: dict[str, Any]
) -> None:
    assert refused(Conflict, lambda: changes(given(**terms), command=command)) == BOUND


@pytest.mark.parametrize(
    ("command", "terms"),
    [
        (KRONOR, {}),
        (KRONOR, {"until": "2027-12-01"}),
        (KRONOR, {"amount_minor": 500, "until": NEXT_PERIOD}),
        (KRONOR, {"scope": "customer", "group_id": GROUP, "until": "2027-10-31"}),
        (YEN, {"until": NEXT_PERIOD}),
    ],
)
def test_a_discount_in_percent_or_one_that_is_over_by_then_goes_along(
    command: ChangeCurrency, terms: dict[str, Any]
) -> None:
    expected = [changed(NEXT_PERIOD, command.currency)]
    assert changes(given(**terms), command=command) == expected


def test_a_discount_that_ended_before_it_began_binds_nobody() -> None:
    later = given(amount_minor=500, start="2027-12-01")
    ended = DiscountEnded(on("2027-12-01"), later.discount_id)
    assert changes(later, ended) == [changed(NEXT_PERIOD)]


def test_one_discount_is_enough_to_bind() -> None:
    free, bound = given(), given(amount_minor=500)
    bound = replace(bound, discount_id=UUID(int=30), number=2)
    assert refused(Conflict, lambda: changes(free, bound)) == BOUND


@pytest.mark.parametrize("day", [TODAY, "2027-10-31"])
def test_what_was_sold_once_before_is_paid_in_the_old_currency(day: str) -> None:
    sold_once = ExtraAdded(on(day), UUID(int=300), CARE, Decimal(5))
    assert changes(sold_once) == [changed(NEXT_PERIOD)]


WAY_OUT = "choose a later day, or call it off first"


@pytest.mark.parametrize("day", [NEXT_PERIOD, "2027-12-01"])
def test_what_is_sold_once_from_then_on_is_called_off_first(day: str) -> None:
    sold_once = ExtraAdded(on(day), UUID(int=300), CARE, Decimal(5))
    assert refused(Conflict, lambda: changes(sold_once)) == (
        "extra_binds",
        "on",
        f"something is sold once in EUR on {NEXT_PERIOD} or later; {WAY_OUT}",
    )
