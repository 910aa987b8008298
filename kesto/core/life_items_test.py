"""What of a life is billed in which group, and at which of the prices there are."""

from decimal import Decimal
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.history import (
    DiscountGiven,
    ExtraAdded,
    Paused,
    QuantityChanged,
    Told,
    Transferred,
)
from kesto.core.item import Course, Extra, Pause
from kesto.core.life import Life
from kesto.core.life_items import (
    Listing,
    discounts_of,
    extra_price,
    first_group,
    item_from,
    items_of,
    lives_of,
    selected,
)
from kesto.core.pricing import parse_price
from kesto.core.refusals import Invalid
from tests.histories import (
    BASIC,
    BEGUN,
    CARE,
    GROUP,
    OTHER_GROUP,
    PAYER,
    SEED,
    STORAGE,
    SUBSCRIPTION,
    add_on_item,
    lived,
    on,
    plan_item,
)
from tests.items import sold

EURO, KRONA = sold(1), structs.replace(sold(2), currency="SEK")
NET = structs.replace(sold(3), includes_tax=False)
ONCE = sold(4, interval=None)
BOOK = structs.replace(sold(5).product, id=CARE, code="book")
PRICES = {BASIC: (EURO, KRONA), STORAGE: (ONCE,)}
LISTING = Listing(lambda owner: PRICES.get(owner, ()), lambda _own: BOOK, "EUR", includes_tax=True)
TRANSFERRED = Transferred(on("2027-12-01"), SEED, PAYER, UUID(int=9), GROUP, OTHER_GROUP)


def test_an_item_is_what_the_life_says_at_the_prices_of_its_list() -> None:
    begun = structs.replace(BEGUN, billed_from=on("2027-10-15"), end_on=on("2028-10-01"))
    life = lived(Paused(on("2027-11-01")), QuantityChanged(on("2027-10-01"), "3"), begun=begun)
    (own,) = items_of([life], GROUP, LISTING)
    assert (own.id, own.prices, own.quantity) == (UUID(int=100), (EURO,), Decimal(3))
    assert (own.start_on, own.end_on) == (on("2027-10-01"), on("2028-10-01"))
    assert (own.cadence, own.billed_from) == (life.cadence, on("2027-10-15"))
    assert own.course == Course(pauses=(Pause(on("2027-11-01"), None, Decimal(0)),))


def test_items_of_all_lives_come_in_the_order_of_their_ids() -> None:
    one = lived(begun=structs.replace(BEGUN, items=(plan_item(100), add_on_item(300))))
    other = lived(begun=structs.replace(BEGUN, items=(plan_item(200),)))
    assert [item.id.int for item in items_of([one, other], GROUP, LISTING)] == [100, 200, 300]


def test_a_group_is_billed_its_own_items_only() -> None:
    life = lived(TRANSFERRED)
    ours, theirs = (items_of([life], group, LISTING) for group in (GROUP, OTHER_GROUP))
    assert [item.end_on for item in ours] == [TRANSFERRED.on]
    assert [item.start_on for item in theirs] == [TRANSFERRED.on]
    assert items_of([life], PAYER, LISTING) == []


def test_what_is_sold_once_beside_the_plan_has_a_price_of_its_own() -> None:
    begun = structs.replace(BEGUN, billed_from=on("2027-12-01"))
    texts = {"en": "Help"}
    for reason, code in (("", "extra"), ("sorry", "sorry")):
        extra = ExtraAdded(
            on("2027-11-05"), UUID(int=300), CARE, Decimal("-5.5"), Decimal(2), texts, reason
        )
        own = items_of([lived(extra, begun=begun)], GROUP, LISTING)[-1]
        (price,) = own.prices
        assert (own.id, own.quantity, own.billed_from) == (UUID(int=300), Decimal(2), None)
        assert (price.id, price.code, price.product) == (UUID(int=300), code, BOOK)
        assert (price.currency, price.includes_tax, price.interval) == ("EUR", True, None)
        unit = {"model": "per_unit", "unit_amount": "5.5"}
        assert structs.replace(price.spec.model, unit_amount=Decimal("5.5")) == (
            parse_price(unit).model
        )
        assert price.spec.name == "per_unit"
    net = extra_price(UUID(int=1), Extra(CARE, Decimal(1)), BOOK, "SEK", includes_tax=False)
    assert (net.currency, net.includes_tax) == ("SEK", False)


def given(number: int, scope: str = "subscription") -> DiscountGiven:
    return DiscountGiven(
        on("2027-11-01"),
        *(UUID(int=500 + number), UUID(int=600), "spring", number, "EUR"),
        percent=Decimal(10),
        scope="customer" if scope == "customer" else "subscription",
    )


def test_discounts_come_with_the_lives_in_the_order_of_their_numbers() -> None:
    one = lived(given(3), given(1))
    other = lived(given(2), begun=structs.replace(BEGUN, items=(plan_item(200),)))
    assert [found.number for found in discounts_of([one, other], GROUP)] == [1, 2, 3]
    assert discounts_of([one, other], OTHER_GROUP) == []


def test_a_discount_for_all_that_a_payer_buys_stays_with_that_payer() -> None:
    life = lived(given(1000, "customer"), given(1), TRANSFERRED)
    assert [one.number for one in discounts_of([life], GROUP)] == [1, 1000]
    assert [one.number for one in discounts_of([life], OTHER_GROUP)] == [1]


def test_lives_are_told_apart_by_their_subscription() -> None:
    other = UUID(int=77)
    told = [
        Told(1, SUBSCRIPTION, BEGUN),
        Told(2, other, structs.replace(BEGUN, items=(plan_item(200),))),
        Told(3, other, QuantityChanged(on("2027-11-01"), "9")),
    ]
    lives: list[Life] = lives_of(told, {SUBSCRIPTION: GROUP, other: OTHER_GROUP})
    assert [(one.subscription_id, one.first_group_id) for one in lives] == [
        (SUBSCRIPTION, GROUP),
        (other, OTHER_GROUP),
    ]
    assert [one.items[0].quantity_at(on("2027-11-01")) for one in lives] == [Decimal(2), Decimal(9)]


def test_the_first_group_is_the_one_that_the_first_transfer_to_be_told_came_from() -> None:
    begun = Told(1, SUBSCRIPTION, BEGUN)
    assert first_group([begun], GROUP) == GROUP
    later = structs.replace(TRANSFERRED, from_group_id=OTHER_GROUP, group_id=PAYER)
    told = [begun, Told(3, SUBSCRIPTION, later), Told(2, SUBSCRIPTION, TRANSFERRED)]
    assert first_group(told, PAYER) == GROUP


def test_prices_of_one_list_run() -> None:
    prices = (EURO, KRONA, NET)
    assert selected(prices, "EUR", -1, includes_tax=True) == (EURO,)
    assert selected(prices, "SEK", -1, includes_tax=True) == (KRONA,)
    assert selected(prices, "EUR", -1, includes_tax=False) == (NET,)
    assert selected((), "EUR", -1, includes_tax=False) == ()


@pytest.mark.parametrize(
    ("currency", "includes_tax", "detail"),
    [
        ("NOK", True, "prices are in EUR, SEK, but none in NOK with VAT"),
        ("SEK", False, "prices are in EUR, SEK, but none in SEK without VAT"),
    ],
)
def test_what_has_no_price_in_a_list_can_not_be_billed(
    currency: str, detail: str, *, includes_tax: bool
) -> None:
    with pytest.raises(Invalid) as refused:
        selected((KRONA, EURO, NET), currency, -1, includes_tax=includes_tax)
    assert (refused.value.detail, refused.value.code, refused.value.field) == (
        detail,
        "no_price_list",
        "currency",
    )


@pytest.mark.parametrize(
    ("phase", "codes"),
    [
        (-1, ["price-1", "price-4", "price-6", "price-7"]),
        (0, ["price-1", "price-4"]),
        (1, ["price-1", "price-6", "price-7"]),
        (2, ["price-1", "price-7"]),
    ],
)
def test_a_price_runs_in_its_phases_and_what_is_sold_once_in_the_first(
    phase: int, codes: list[str]
) -> None:
    prices = (
        EURO,
        ONCE,
        structs.replace(sold(6), phases=(1,)),
        structs.replace(sold(7, interval=None), phases=(1, 2)),
    )
    assert [one.code for one in selected(prices, "EUR", phase, includes_tax=True)] == codes


def test_a_part_of_an_item_begins_with_it_at_the_earliest() -> None:
    own = lived(QuantityChanged(on("2027-11-01"), "5")).items[0]
    part = item_from(own, (EURO,), on("2027-11-10"), on("2027-12-01"))
    assert (part.id, part.prices, part.quantity) == (own.id, (EURO,), Decimal(2))
    assert (part.start_on, part.first_on, part.end_on) == (
        *(own.start_on, on("2027-11-10"), on("2027-12-01")),
    )
    assert (part.cadence, part.course) == (own.cadence, own.course)
    assert part.quantity_at(on("2027-11-10")) == Decimal(5)
    early = item_from(own, (EURO,), on("2027-09-10"), on("2027-12-01"))
    assert early.first_on == own.start_on
