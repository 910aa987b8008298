"""From a life to what is billed: items with their prices, by billing group."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from kesto.core.catalog import Price, Product
from kesto.core.discount_lines import StandingDiscount
from kesto.core.history import CurrencyChanged, Told, Transferred
from kesto.core.item import Extra, Item
from kesto.core.life import Life, LifeItem
from kesto.core.play import play
from kesto.core.pricing import PriceSpec
from kesto.core.pricing.per_unit import PerUnit
from kesto.core.refusals import Invalid

Prices = Callable[[UUID], tuple[Price, ...]]
"""The prices of a plan version or add-on; one that is unknown has none."""


class Listing(Struct, frozen=True):
    """What items are made with: prices by owner, products by id, and the group's price list."""

    prices: Prices
    product: Callable[[UUID], Product]
    currency: str
    includes_tax: bool


def items_of(lives: Sequence[Life], group_id: UUID, listing: Listing) -> list[Item]:
    """The items that a billing group is billed from, in the order of their ids."""
    found = [
        _item(life, own, listing)
        for life in lives
        for own in life.items
        if own.group_id == group_id
    ]
    return sorted(found, key=lambda item: item.id)


def discounts_of(lives: Sequence[Life], group_id: UUID) -> list[StandingDiscount]:
    """The discounts of lives with anything in a group, in the order of their numbers."""
    found = [
        one
        for life in lives
        if any(own.group_id == group_id for own in life.items)
        for one in life.discounts
        if one.scope != "customer" or one.group_id == group_id
    ]
    return sorted(found, key=lambda one: (one.number, one.id))


def lives_of(told: Sequence[Told], first_groups: Mapping[UUID, UUID]) -> list[Life]:
    """The lives of all subscriptions in a history; `first_groups` by subscription."""
    by_subscription: dict[UUID, list[Told]] = {}
    for one in told:
        by_subscription.setdefault(one.subscription_id, []).append(one)
    return [play(events, first_groups[own]) for own, events in by_subscription.items()]


def first_group(told: Sequence[Told], group_id: UUID) -> UUID:
    """The group in which a subscription began; `group_id` is the one it is in now."""
    moves = [
        (one.seq, one.event.from_group_id)
        for one in told
        if isinstance(one.event, Transferred | CurrencyChanged)
    ]
    # The first to be told knew of no other, whatever the days on which they take effect.
    return min(moves)[1] if moves else group_id


def selected(
    prices: Sequence[Price], currency: str, phase: int, *, includes_tax: bool
) -> tuple[Price, ...]:
    """The prices of one price list that run in a phase (-1: the plan has none).

    What is sold once without naming a phase is sold in the first. Raises Invalid when nothing is
    priced in that list at all: such an item can't be billed, and must not be free.
    """
    listed = [one for one in prices if (one.currency, one.includes_tax) == (currency, includes_tax)]
    if prices and not listed:
        known = ", ".join(sorted({one.currency for one in prices}))
        raise Invalid(
            f"prices are in {known}, but none in {currency}"
            f" {'with' if includes_tax else 'without'} VAT",
            code="no_price_list",
            field="currency",
        )
    return tuple(
        one
        for one in listed
        if (phase < 0 or not one.phases or phase in one.phases)
        and (one.interval is not None or one.phases or phase <= 0)
    )


def extra_price(
    item_id: UUID, extra: Extra, product: Product, currency: str, *, includes_tax: bool
) -> Price:
    """The price of what is sold once beside the plan; its id is the item's."""
    return Price(
        id=item_id,
        code=extra.reason or "extra",
        product=product,
        spec=PriceSpec("per_unit", PerUnit(extra.unit_amount)),  # may be below zero: a credit
        currency=currency,
        includes_tax=includes_tax,
        interval=None,
    )


def item_from(own: LifeItem, prices: tuple[Price, ...], start_on: date, end_on: date) -> Item:
    """The days of an item that lie in a span, to tell what its recurring prices come to."""
    return Item(
        id=own.id,
        prices=prices,
        quantity=own.quantity,
        cadence=own.cadence,
        start_on=own.start_on,
        end_on=end_on if own.end_on is None else min(end_on, own.end_on),
        billed_from=start_on,
        course=own.course,
    )


def _item(life: Life, own: LifeItem, listing: Listing) -> Item:
    currency, includes_tax = listing.currency, listing.includes_tax
    if own.extra is not None:
        product = listing.product(own.extra.product_id)
        prices: tuple[Price, ...] = (
            extra_price(own.id, own.extra, product, currency, includes_tax=includes_tax),
        )
    else:
        owned = listing.prices(own.owner_id) if own.owner_id else ()
        prices = selected(owned, currency, own.phase, includes_tax=includes_tax)
    return Item(
        id=own.id,
        prices=prices,
        quantity=own.quantity,
        cadence=own.cadence,
        start_on=own.start_on,
        end_on=own.end_on,
        billed_from=None if own.extra is not None else life.billed_from,
        course=own.course,
        subscription_id=life.subscription_id,
    )
