"""Changes of what is sold: another plan, another quantity, add-ons, something once."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kesto.core.catalog import AddOn, PlanVersion, Price
from kesto.core.changes.command import AddAddOn, AddExtra, ChangePlan, ChangeQuantity, RemoveAddOn
from kesto.core.changes.shop import (
    Shop,
    add_on_item,
    check_quantity,
    day_of_change,
    plan_items,
)
from kesto.core.exact import WHOLE, ZERO, fraction
from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    ExtraAdded,
    PlanChanged,
    QuantityChanged,
    SubscriptionEvent,
)
from kesto.core.life import ADD_ON, Life, LifeItem
from kesto.core.pricing import price
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound

HIGHEST_AMOUNT = Decimal(10**9)


def change_plan(life: Life, command: ChangePlan, shop: Shop) -> list[SubscriptionEvent]:
    """Another plan or version; a cheaper one begins with the next period."""
    version = shop.version(command.plan, command.version)
    shop.refuse_unoffered("plan", command.plan)
    prices = shop.prices_of(version)
    if command.quantity is not None:
        check_quantity(command.quantity)
    today = max(shop.today, life.start_on)
    before = _plan_now(life, today)
    old_prices = shop.prices_of(_published_plan(shop, before))
    quantity = before.quantity_at(today)
    is_cheaper = monthly(prices, command.quantity or quantity) < monthly(old_prices, quantity)
    on = day_of_change(life, shop, command.on, command.when, at_period_end=is_cheaper)
    running = _plan_now(life, on)
    old = _published_plan(shop, running)
    if running.owner_id == version.id and command.quantity is None:
        raise Conflict(
            f"plan {version.plan!r} version {version.version} runs already on {on}",
            code="same_plan",
            field="plan",
        )
    items, _ = plan_items(
        version, on, command.quantity or running.quantity_at(on), shop.new_id, with_trials=False
    )
    add_ons = {item.code: item for item in life.live(ADD_ON, on)}
    dropped = tuple(
        code
        for code, item in sorted(add_ons.items())
        if _plans_of(shop, item) and version.plan not in _plans_of(shop, item)
    )
    return [
        PlanChanged(
            on=on,
            items=items,
            keeps_quantity=command.quantity is None,
            is_new_cadence=_intervals(prices) != _intervals(shop.prices_of(old)),
            dropped=dropped,
            terms=version.terms if old.plan != version.plan else None,
            is_migration=command.is_migration,
        )
    ]


def change_quantity(life: Life, command: ChangeQuantity, shop: Shop) -> list[SubscriptionEvent]:
    """More or fewer; fewer begin with the next period."""
    check_quantity(command.quantity)
    today = max(shop.today, life.start_on)

    def running(day: date) -> LifeItem:
        return _add_on_now(life, command.add_on, day) if command.add_on else _plan_now(life, day)

    is_fewer = command.quantity < running(today).quantity_at(today)
    on = day_of_change(life, shop, command.on, command.when, at_period_end=is_fewer)
    if running(on).quantity_at(on) == command.quantity:
        raise Conflict(
            f"the quantity on {on} is {command.quantity:f} already",
            code="same_quantity",
            field="quantity",
        )
    return [QuantityChanged(on, f"{command.quantity:f}", command.add_on)]


def add_add_on(life: Life, command: AddAddOn, shop: Shop) -> list[SubscriptionEvent]:
    """An add-on that goes with the plan and is not there yet."""
    check_quantity(command.quantity)
    found = shop.add_ons.get(command.add_on)
    if not found:
        raise NotFound(
            f"there is no add-on {command.add_on!r}", code="unknown_add_on", field="add_on"
        )
    shop.refuse_unoffered("add_on", command.add_on)
    add_on = found[-1]
    shop.prices_of(add_on)
    on = day_of_change(life, shop, command.on, command.when)
    plan = _plan_now(life, on)
    if add_on.plans and plan.code not in add_on.plans:
        raise Conflict(
            f"add-on {add_on.code!r} goes with {', '.join(add_on.plans)}, not with {plan.code!r}",
            code="incompatible_add_on",
            field="add_on",
        )
    if life.live(ADD_ON, on, add_on.code):
        raise Conflict(
            f"add-on {add_on.code!r} is there already; change its quantity instead",
            code="repeated",
            field="add_on",
        )
    item = add_on_item(add_on, command.quantity, shop.new_id)
    return [AddOnAdded(on, item, add_on.minimum_months)]


def remove_add_on(life: Life, command: RemoveAddOn, shop: Shop) -> list[SubscriptionEvent]:
    """An add-on no more, from the next period on unless a day is said."""
    on = day_of_change(life, shop, command.on, command.when, at_period_end=True)
    bound_until = _add_on_now(life, command.add_on, on).bound_until
    if bound_until is not None and on < bound_until and not shop.is_staff:
        if command.on is not None:
            raise NotAllowed(
                f"add-on {command.add_on!r} was taken until {bound_until}",
                code="minimum_binds",
                field="on",
            )
        on = bound_until
    return [AddOnRemoved(on, command.add_on)]


def add_extra(life: Life, command: AddExtra, shop: Shop) -> list[SubscriptionEvent]:
    """Something sold once beside the plan."""
    check_quantity(command.quantity)
    product = shop.products.get(command.product)
    if product is None:
        raise NotFound(
            f"there is no product {command.product!r}", code="unknown_product", field="product"
        )
    if not command.unit_amount.is_finite() or abs(command.unit_amount) >= HIGHEST_AMOUNT:
        raise Invalid(
            "an amount is a number below a billion", code="bad_amount", field="unit_amount"
        )
    on = day_of_change(life, shop, command.on)
    return [
        ExtraAdded(
            *(on, shop.new_id(), product.id, command.unit_amount, command.quantity, command.texts),
            reason="one_off",
        )
    ]


def monthly(prices: Sequence[Price], quantity: Decimal) -> Fraction:
    """What recurring prices without usage come to in a month, in major units, not rounded."""
    found = Fraction(0)
    for sold in prices:
        if sold.interval is not None and not sold.meter:
            priced = price(sold.spec, quantity, share=WHOLE)
            whole = max(fraction(priced.exact), fraction(priced.minimum or ZERO))
            found += whole / sold.interval.months
    return found


def _plan_now(life: Life, day: date) -> LifeItem:
    found = life.plan_at(day)
    if found is None:
        raise NotAllowed(f"no plan runs on {day}", code="no_plan", field="on")
    return found


def _add_on_now(life: Life, code: str, day: date) -> LifeItem:
    found = next((one for one in life.live(ADD_ON, day, code) if one.runs(day)), None)
    if found is None:
        raise NotFound(
            f"add-on {code!r} does not run on {day}", code="unknown_add_on", field="add_on"
        )
    return found


def _published_plan(shop: Shop, item: LifeItem) -> PlanVersion:
    found = shop.published(item.owner_id) if item.owner_id else None
    if not isinstance(found, PlanVersion):
        raise NotAllowed("the plan's version is not published", code="no_plan", field="plan")
    return found


def _plans_of(shop: Shop, item: LifeItem) -> tuple[str, ...]:
    found = shop.published(item.owner_id) if item.owner_id else None
    return found.plans if isinstance(found, AddOn) else ()


def _intervals(prices: tuple[Price, ...]) -> set[tuple[str, int]]:
    return {(one.interval.unit, one.interval.count) for one in prices if one.interval is not None}
