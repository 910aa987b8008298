"""Changes of currency: the price list of another one, with bills of their own from a day on."""

from collections.abc import Sequence
from datetime import date

from msgspec import structs

from kesto.core.changes.command import ChangeCurrency, Command
from kesto.core.changes.shop import Shop, day_of_change
from kesto.core.history import (
    CurrencyChanged,
    SubscriptionEvent,
    Told,
    Transferred,
    currency_on,
    in_effect,
)
from kesto.core.life import EXTRA, Life
from kesto.core.money import digits
from kesto.core.refusals import Conflict, Invalid, NotFound


def change_currency(life: Life, command: ChangeCurrency, shop: Shop) -> list[SubscriptionEvent]:
    """All that runs is sold in another currency, from the end of the running period on."""
    if command.currency == shop.currency:
        raise Conflict(
            f"it is sold in {shop.currency} already", code="same_currency", field="currency"
        )
    on = day_of_change(life, shop, command.on, command.when, at_period_end=True)
    if on < shop.today:
        raise Invalid(
            "what was billed stays in its currency; choose today or a later day",
            code="past",
            field="on",
        )
    _refuse_unpriced(life, command.currency, shop, on)
    _refuse_amounts(life, command.currency, shop, on)
    if shop.payer is None or shop.group_id is None:
        raise NotFound("there is nobody to pay", code="unknown_customer", field="payer")
    return [
        CurrencyChanged(
            on=on,
            seed=shop.new_id(),
            from_currency=shop.currency,
            currency=command.currency,
            from_group_id=shop.group_id,
            group_id=shop.payer.group_id,
        )
    ]


def refuse_out_of_order(told: Sequence[Told], events: Sequence[SubscriptionEvent]) -> None:
    """Refuse what would move a subscription before it is moved already. Raises Conflict.

    A billing group has one payer and one currency, so a change of either knows what the other is
    by then: they are told in the order of their days.
    """
    for event in events:
        if not isinstance(event, Transferred | CurrencyChanged):
            continue
        kinds = (CurrencyChanged, Transferred)
        watched = kinds if isinstance(event, CurrencyChanged) else kinds[:1]
        later = [one.event.on for one in in_effect(told) if isinstance(one.event, watched)]
        if later and event.on < max(later):
            raise Conflict(
                f"payer or currency change on {max(later)} already; choose that day or a later one",
                code="moves_later",
                field="on",
            )


def shop_on(told: Sequence[Told], command: Command, shop: Shop) -> Shop:
    """The shop with the currency of the day that a command is about, and those of later days."""
    asked = getattr(command, "on", None) or getattr(command, "last_day", None)
    day: date = asked or shop.today
    changes = [one.event for one in in_effect(told) if isinstance(one.event, CurrencyChanged)]
    return structs.replace(
        shop,
        currency=currency_on(told, day, shop.currency),
        later=tuple(one.currency for one in changes if day < one.on),
    )


def _refuse_unpriced(life: Life, currency: str, shop: Shop, on: date) -> None:
    """Everything that goes on must have a price in the new currency. Raises Invalid."""
    wanted = structs.replace(shop, currency=currency)
    for item in life.items:
        if item.owner_id is not None and (item.runs(on) or item.is_ahead(on)):
            try:
                wanted.prices_of(shop.published(item.owner_id))
            except Invalid as invalid:
                raise Invalid(invalid.detail, code=invalid.code, field="currency") from None


def _refuse_amounts(life: Life, currency: str, shop: Shop, on: date) -> None:
    """Amounts that were agreed in the old currency can't go on in the new one. Raises Conflict."""
    is_other_unit = digits(currency) != digits(shop.currency)
    for one in life.discounts:
        is_bound = one.amount_minor or one.scope == "customer" or is_other_unit
        if is_bound and (one.until_on is None or max(on, one.start_on) < one.until_on):
            raise Conflict(
                f"the discount {one.code!r} is in {shop.currency} and counts on {on}; end it first",
                code="discount_binds",
                field="currency",
            )
    if any(item.kind == EXTRA and item.start_on >= on for item in life.items):
        raise Conflict(
            f"something is sold once in {shop.currency} on {on} or later; choose a later day, or"
            " call it off first",
            code="extra_binds",
            field="on",
        )
