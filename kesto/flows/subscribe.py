"""Subscribe: orders become subscriptions with their history, items and contract term."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar
from uuid import UUID

from kesto.core.billing import BillingEntity
from kesto.core.calendar import Interval, Schedule, known_zone, local_date
from kesto.core.catalog import AddOn, PlanVersion, Price
from kesto.core.history import ItemStart, Subscribed, items_of
from kesto.core.rating import Rater
from kesto.core.refusals import Conflict, Invalid, NotFound, Refused, RefusedTogether
from kesto.core.subscription import NewSubscription
from kesto.countries import vat_rate
from kesto.store import audit, catalogue, customers, merchants, subscriptions
from kesto.store.customers import KnownCustomer
from kesto.store.ids import new_ids
from kesto.store.session import Session, crash_point, writing
from kesto.store.subscriptions import Begun, GroupIdentity

HIGHEST_QUANTITY = Decimal(10**9)
MOST_DECIMALS = 12
Published = TypeVar("Published", PlanVersion, AddOn)


class _Shop(NamedTuple):
    """What orders are looked up in."""

    entity: BillingEntity
    customers: Mapping[str, KnownCustomer]
    plans: Mapping[str, PlanVersion]
    add_ons: Mapping[str, AddOn]
    today: date


def subscribe(merchant_id: UUID, orders: Sequence[NewSubscription], now: datetime) -> int:
    """Carry out orders, all or none; answers how many were new.

    An order whose external id is taken was carried out before and is left alone. Raises
    RefusedTogether with one refusal per order that can't be carried out: an unknown customer, plan
    or add-on, things that do not fit together.
    """
    with writing(merchant_id) as session:
        return begin_new(session, orders, now)


def begin_new(session: Session, orders: Sequence[NewSubscription], now: datetime) -> int:
    """The same inside a flow that does more, such as an import."""
    taken = subscriptions.known_subscriptions(session, [order.external_id for order in orders])
    new = [order for order in orders if order.external_id not in taken]
    if not new:
        return 0
    shop = _shop(session, new, now)
    begun = _all_begun(new, shop)
    groups = subscriptions.lock_groups(session, [one.group for one in begun])
    crash_point("subscribe.after_groups")
    numbers = subscriptions.begin(
        session, begun, {identity: found[0] for identity, found in groups.items()}, now
    )
    crash_point("subscribe.after_begin")
    prices = _prices(shop)
    rater = Rater(lambda category, on: vat_rate(shop.entity.country, category, on))
    subscriptions.touch_groups(
        session,
        [
            (
                groups[one.group][0],
                numbers[one.id],
                *_work(one, groups[one.group][1], rater, prices),
            )
            for one in begun
        ],
    )
    audit.record(session, "subscribe", {"subscriptions": len(begun)}, now)
    crash_point("subscribe.before_commit")
    return len(begun)


def _shop(session: Session, orders: Sequence[NewSubscription], now: datetime) -> _Shop:
    entities = merchants.billing_entities(session)
    if not entities:
        raise NotFound("the merchant has no billing entity yet", field="billing_entity")
    names = {name for order in orders for name in (order.holder, order.payer, order.user) if name}
    return _Shop(
        entities[0],
        customers.known_customers(session, sorted(names)),
        _newest(catalogue.plan_versions(session)),
        _newest(catalogue.add_ons(session)),
        local_date(now, entities[0].zone),
    )


def _newest(published: Mapping[tuple[str, int], tuple[Published, bytes]]) -> dict[str, Published]:
    return {code: published[code, version][0] for code, version in sorted(published)}


def _all_begun(orders: Sequence[NewSubscription], shop: _Shop) -> list[Begun]:
    begun: list[Begun] = []
    refusals: list[Refused] = []
    named: set[str] = set()
    for order in orders:
        try:
            if order.external_id in named:
                raise Conflict(
                    f"subscription {order.external_id!r} is ordered twice",
                    code="repeated",
                    field="external_id",
                )
            named.add(order.external_id)
            begun.append(_begun(order, shop))
        except Refused as refusal:
            refusal.subject = order.external_id
            refusals.append(refusal)
    if refusals:
        raise RefusedTogether(refusals)
    return begun


def _begun(order: NewSubscription, shop: _Shop) -> Begun:
    holder = _customer(order.holder, "holder", shop)
    payer = _customer(order.payer, "payer", shop) if order.payer else holder
    user = _customer(order.user, "user", shop) if order.user else holder
    plan = shop.plans.get(order.plan)
    if plan is None:
        raise NotFound(f"there is no plan {order.plan!r}", code="unknown_plan", field="plan")
    add_ons = [_add_on(code, order, shop) for code in order.add_ons]
    _check_quantity(order.quantity)
    if order.end_on is not None and order.end_on <= order.start_on:
        raise Invalid("a subscription ends after it starts", code="bad_end", field="end_on")
    prices = [*plan.prices, *(price for add_on in add_ons for price in add_on.prices)]
    ids = new_ids(1 + len(add_ons))
    items = [ItemStart(ids[0], plan.id, "plan", f"{order.quantity:f}")]
    items += [
        ItemStart(own, add_on.id, "add_on", "1")
        for own, add_on in zip(ids[1:], add_ons, strict=True)
    ]
    zone = order.zone or holder.zone or shop.entity.zone
    known_zone(zone)
    months = order.term.minimum_months
    term = Interval("month", months) if months else None
    return Begun(
        id=order.id,
        external_id=order.external_id,
        holder_id=holder.id,
        payer_id=payer.id,
        user_id=user.id,
        group=_group(prices, payer, shop.entity),
        zone=zone,
        event=_event(order, zone, tuple(items)),
        term=order.term,
        minimum_until=Schedule(order.start_on, term).boundary(1) if term else None,
    )


def _check_quantity(quantity: Decimal) -> None:
    exponent = quantity.as_tuple().exponent
    if (
        not isinstance(exponent, int)
        or not 0 < quantity < HIGHEST_QUANTITY
        or exponent < -MOST_DECIMALS
    ):
        raise Invalid(
            "a quantity is above zero, below a billion, and has at most 12 decimals",
            code="bad_quantity",
            field="quantity",
        )


def _event(order: NewSubscription, zone: str, items: tuple[ItemStart, ...]) -> Subscribed:
    # A schedule of a month shows whether the alignment holds together; refusals name the field.
    Schedule(order.start_on, Interval("month"), order.alignment, order.billing_day, order.anchor)
    return Subscribed(
        start_on=order.start_on,
        alignment=order.alignment,
        items=items,
        billing_day=order.billing_day,
        anchor=order.anchor,
        zone=zone,
        end_on=order.end_on,
        billed_from=order.billed_from,
        minimum_months=order.term.minimum_months,
        notice_days=order.term.notice_days,
    )


def _group(prices: Sequence[Price], payer: KnownCustomer, entity: BillingEntity) -> GroupIdentity:
    terms = {(price.currency, price.includes_tax) for price in prices}
    if len(terms) > 1:
        raise Invalid(
            "plan and add-ons must be of one price list: one currency, and all with VAT or"
            " all without",
            code="mixed_price_lists",
            field="add_ons",
        )
    currency, includes_tax = terms.pop() if terms else (entity.currency, True)
    return GroupIdentity(entity.id, payer.id, currency, entity.due_days, includes_tax)


def _customer(external_id: str, field: str, shop: _Shop) -> KnownCustomer:
    found = shop.customers.get(external_id)
    if found is None:
        raise NotFound(
            f"there is no customer {external_id!r}", code="unknown_customer", field=field
        )
    return found


def _add_on(code: str, order: NewSubscription, shop: _Shop) -> AddOn:
    found = shop.add_ons.get(code)
    if found is None:
        raise NotFound(f"there is no add-on {code!r}", code="unknown_add_on", field="add_ons")
    if found.plans and order.plan not in found.plans:
        raise Conflict(
            f"add-on {code!r} goes with {', '.join(found.plans)}, not with {order.plan!r}",
            code="incompatible_add_on",
            field="add_ons",
        )
    if len(set(order.add_ons)) != len(order.add_ons):
        raise Conflict(f"add-on {code!r} is named twice", code="repeated", field="add_ons")
    return found


def _prices(shop: _Shop) -> Callable[[UUID], tuple[Price, ...]]:
    by_owner = {plan.id: plan.prices for plan in shop.plans.values()}
    by_owner |= {add_on.id: add_on.prices for add_on in shop.add_ons.values()}
    return lambda owner_id: by_owner[owner_id]


def _work(
    one: Begun,
    billed_through: date | None,
    rater: Rater,
    prices: Callable[[UUID], tuple[Price, ...]],
) -> tuple[date | None, date | None]:
    """When the new items first fall due, and from when the group must look back (None: not)."""
    items = items_of([one.event], prices)
    first_due_on = rater.next_due_on(items, date.min + timedelta(days=1))
    if first_due_on is None or billed_through is None or first_due_on > billed_through:
        return first_due_on, None
    return first_due_on, one.event.start_on
