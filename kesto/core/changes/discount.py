"""Coupons: whether one may be given, from when to when it counts, and how it is ended."""

from datetime import date

from kesto.core.catalog import Coupon
from kesto.core.changes.command import EndDiscount, GiveCoupon
from kesto.core.changes.shop import (
    Shop,
    cadence_at,
    day_of_change,
    main_interval,
)
from kesto.core.discount_lines import StandingDiscount
from kesto.core.history import DiscountEnded, DiscountGiven, SubscriptionEvent
from kesto.core.life import Life
from kesto.core.refusals import Conflict, NotAllowed, NotFound


def give_coupon(life: Life, command: GiveCoupon, shop: Shop) -> list[SubscriptionEvent]:
    """A discount on coupon terms as they are today; a free trial does not use it up."""
    coupon = shop.coupons.get(command.coupon) or shop.coupons.get(command.coupon.casefold())
    if coupon is None:
        raise NotFound(
            f"there is no coupon {command.coupon!r}", code="unknown_coupon", field="coupon"
        )
    on = max(day_of_change(life, shop, command.on), life.trial_until)
    _refuse_unfit(life, coupon, shop, on)
    _refuse_used_up(life, coupon, shop, on)
    plan = life.plan_at(on)
    prices = shop.prices_of(shop.published(plan.owner_id)) if plan and plan.owner_id else ()
    cadence = cadence_at(life, on)
    schedule = cadence.schedule(main_interval(prices))
    index = schedule.index_at(on)
    periods = {"once": 1, "periods": coupon.periods, "forever": 0}[coupon.duration]
    # The running period counts where the coupon comes with its first day, else the next one.
    first = index if schedule.boundary(index) == on else index + 1
    products = tuple(shop.products[code].id for code in coupon.products if code in shop.products)
    return [
        DiscountGiven(
            on=schedule.boundary(first),
            discount_id=shop.new_id(),
            coupon_id=coupon.id,
            code=coupon.code,
            number=shop.next_for_all if command.is_for_all else shop.next_discount,
            currency=shop.currency,
            until_on=schedule.boundary(first + periods) if periods else None,
            interval=schedule.interval,
            percent=coupon.percent,
            amount_minor=coupon.amount_minor,
            products=products,
            scope="customer" if command.is_for_all else "subscription",
            cadence=cadence,
            group_id=shop.group_id if command.is_for_all else None,
        )
    ]


def end_discount(life: Life, command: EndDiscount, shop: Shop) -> list[SubscriptionEvent]:
    """No more discount for periods that start on or after a day."""
    on = day_of_change(life, shop, command.on)
    running = _counting(life, command.coupon, on)
    if not running:
        raise NotFound(
            f"no discount {command.coupon!r} counts on {on}", code="unknown_coupon", field="coupon"
        )
    # One that lies ahead ends where it would begin: an event before that knows nothing of it.
    return [DiscountEnded(max(on, one.start_on), one.id) for one in running]


def _counting(life: Life, code: str, on: date) -> list[StandingDiscount]:
    """The discounts of a coupon that count on a day or later."""
    return [
        one
        for one in life.discounts
        if one.code == code and (one.until_on is None or max(on, one.start_on) < one.until_on)
    ]


def _refuse_unfit(life: Life, coupon: Coupon, shop: Shop, on: date) -> None:
    plan = life.plan_at(on)
    if coupon.plans and (plan is None or plan.code not in coupon.plans):
        raise Conflict(
            f"coupon {coupon.code!r} is for {', '.join(coupon.plans)}",
            code="coupon_not_for_plan",
            field="coupon",
        )
    other = next((one for one in (shop.currency, *shop.later) if one != coupon.currency), "")
    if coupon.amount_minor and other:
        raise Conflict(
            f"coupon {coupon.code!r} is in {coupon.currency}, the subscription in {other}",
            code="coupon_currency",
            field="coupon",
        )
    if coupon.valid_from is not None and shop.today < coupon.valid_from:
        raise NotAllowed(
            f"coupon {coupon.code!r} is given from {coupon.valid_from} on",
            code="coupon_not_yet",
            field="coupon",
        )
    if coupon.valid_until is not None and shop.today > coupon.valid_until:
        raise NotAllowed(
            f"coupon {coupon.code!r} was given through {coupon.valid_until}",
            code="coupon_over",
            field="coupon",
        )


def _refuse_used_up(life: Life, coupon: Coupon, shop: Shop, on: date) -> None:
    if _counting(life, coupon.code, on):
        raise Conflict(
            f"coupon {coupon.code!r} counts here already", code="repeated", field="coupon"
        )
    in_all, by_customer = shop.uses.get(coupon.id, (0, 0))
    if coupon.most_uses and in_all >= coupon.most_uses:
        raise NotAllowed(
            f"coupon {coupon.code!r} has been used as often as it may be",
            code="coupon_used_up",
            field="coupon",
        )
    if coupon.most_uses_per_customer and by_customer >= coupon.most_uses_per_customer:
        raise NotAllowed(
            f"this customer has used coupon {coupon.code!r} as often as it may be",
            code="coupon_used_up",
            field="coupon",
        )
