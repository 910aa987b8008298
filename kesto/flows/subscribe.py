"""Subscribe: orders become subscriptions with their history, items and contract term."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from kesto.core.billing import BillingEntity
from kesto.core.calendar import Interval, Schedule, known_zone, local_date
from kesto.core.catalog import AddOn, PlanVersion, Price, Product
from kesto.core.changes import GiveCoupon
from kesto.core.changes.shop import add_on_item, check_quantity, plan_items
from kesto.core.history import Subscribed
from kesto.core.life import Life
from kesto.core.life_items import Listing, items_of
from kesto.core.rating import Rater
from kesto.core.refusals import Conflict, Invalid, NotFound, Refused, RefusedTogether
from kesto.core.subscription import NewSubscription
from kesto.countries.raters import rater_of
from kesto.flows.change_subscription import change
from kesto.flows.tell_change import tell_change
from kesto.store import audit, catalogue, customers, lives, merchants, subscriptions
from kesto.store.customers import KnownCustomer
from kesto.store.ids import new_ids
from kesto.store.session import Session, crash_point, writing
from kesto.store.subscriptions import Begun, GroupIdentity


class OrderShop(NamedTuple):
    """What orders are looked up in."""

    entity: BillingEntity
    customers: Mapping[str, KnownCustomer]
    plans: Mapping[str, Sequence[PlanVersion]]
    add_ons: Mapping[str, AddOn]
    today: date


def subscribe(
    merchant_id: UUID,
    orders: Sequence[NewSubscription],
    now: datetime,
    actor: str = "system",
    *,
    tells: bool = False,
) -> int:
    """Carry out orders, all or none; answers how many were new.

    With `tells` the holder of a single order is told of it, unless it was billed elsewhere before.

    An order whose external id is taken was carried out before and is left alone. Raises
    RefusedTogether with one refusal per order that can't be carried out: an unknown customer, plan
    or add-on, things that do not fit together.
    """
    with writing(merchant_id) as session:
        return begin_new(session, orders, now, actor, tells=tells)


def begin_new(
    session: Session,
    orders: Sequence[NewSubscription],
    now: datetime,
    actor: str = "system",
    *,
    tells: bool = False,
) -> int:
    """The same inside a flow that does more, such as an import."""
    taken = subscriptions.known_subscriptions(session, [order.external_id for order in orders])
    new = [order for order in orders if order.external_id not in taken]
    if not new:
        return 0
    shop = order_shop(session, new, now)
    begun = _all_begun(new, shop)
    groups = subscriptions.lock_groups(session, [one.group for one in begun])
    crash_point("subscribe.after_groups")
    begun_lives = subscriptions.begin(
        session, begun, {identity: found[0] for identity, found in groups.items()}, now
    )
    crash_point("subscribe.after_begin")
    prices = prices_by_owner(shop)
    rater = rater_of(shop.entity.country)
    subscriptions.touch_groups(
        session,
        [
            (groups[one.group][0], seq, *_work(one, life, groups[one.group], rater, prices))
            for one, (seq, life) in zip(begun, begun_lives, strict=True)
        ],
    )
    audit.record(session, "subscribe", {"subscriptions": len(begun)}, now, actor)
    for order in new:
        if order.coupon:
            _give_coupon(session, order, now, actor)
    if tells and len(begun) == 1 and begun[0].event.billed_from is None:
        tell_change(session, lives.told(session, [begun[0].id])[begun[0].id], now)
    crash_point("subscribe.before_commit")
    return len(begun)


def coupon_of(order: NewSubscription) -> GiveCoupon:
    """The coupon of an order, from its first day on."""
    return GiveCoupon(order.coupon, on=order.billed_from or order.start_on)


def order_shop(session: Session, orders: Sequence[NewSubscription], now: datetime) -> OrderShop:
    """What orders are looked up in, read at once."""
    entities = merchants.billing_entities(session)
    if not entities:
        raise NotFound("the merchant has no billing entity yet", field="billing_entity")
    names = {name for order in orders for name in (order.holder, order.payer, order.user) if name}
    return OrderShop(
        entities[0],
        customers.known_customers(session, sorted(names)),
        _versions(catalogue.plan_versions(session)),
        {code: found[0] for (code, _), found in sorted(catalogue.add_ons(session).items())},
        local_date(now, entities[0].zone),
    )


def _versions(
    published: Mapping[tuple[str, int], tuple[PlanVersion, bytes]],
) -> dict[str, list[PlanVersion]]:
    found: dict[str, list[PlanVersion]] = {}
    for code, number in sorted(published):
        found.setdefault(code, []).append(published[code, number][0])
    return found


def _all_begun(orders: Sequence[NewSubscription], shop: OrderShop) -> list[Begun]:
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
            begun.append(begun_by(order, shop))
        except Refused as refusal:
            refusal.subject = order.external_id
            refusals.append(refusal)
    if refusals:
        raise RefusedTogether(refusals)
    return begun


def begun_by(order: NewSubscription, shop: OrderShop) -> Begun:
    """The subscription that an order begins, with its first event. Raises Refused."""
    holder = _customer(order.holder, "holder", shop)
    payer = _customer(order.payer, "payer", shop) if order.payer else holder
    user = _customer(order.user, "user", shop) if order.user else holder
    plan = _plan(order, shop)
    add_ons = [_add_on(code, order, shop) for code in order.add_ons]
    check_quantity(order.quantity)
    currency, includes_tax = _price_list(order, plan, add_ons, payer, shop.entity)
    zone = order.zone or holder.zone or shop.entity.zone
    known_zone(zone)
    return Begun(
        id=order.id,
        external_id=order.external_id,
        holder_id=holder.id,
        payer_id=payer.id,
        user_id=user.id,
        group=GroupIdentity(
            billing_entity_id=shop.entity.id,
            payer_id=payer.id,
            currency=currency,
            due_days=shop.entity.due_days,
            includes_tax=includes_tax,
            separate_for=None if order.is_consolidated else order.id,
        ),
        zone=zone,
        event=_event(order, zone, plan, add_ons, (currency, includes_tax)),
    )


def _plan(order: NewSubscription, shop: OrderShop) -> PlanVersion:
    found = shop.plans.get(order.plan)
    if not found:
        raise NotFound(f"there is no plan {order.plan!r}", code="unknown_plan", field="plan")
    if not order.plan_version:
        return found[-1]
    version = next((one for one in found if one.version == order.plan_version), None)
    if version is None:
        raise NotFound(
            f"plan {order.plan!r} has no version {order.plan_version}",
            code="unknown_version",
            field="plan_version",
        )
    return version


def _event(
    order: NewSubscription,
    zone: str,
    plan: PlanVersion,
    add_ons: Sequence[AddOn],
    listed: tuple[str, bool],
) -> Subscribed:
    # A schedule of a month shows whether the alignment holds together; refusals name the field.
    Schedule(order.start_on, Interval("month"), order.alignment, order.billing_day, order.anchor)
    # In rising order: the plan's lines stand before those of its add-ons.
    rising = iter(new_ids(1 + len(plan.phases) + len(add_ons))).__next__
    items, cadence_on = plan_items(plan, order.start_on, order.quantity, rising)
    items += tuple(add_on_item(add_on, Decimal(1), rising) for add_on in add_ons)
    terms = plan.terms
    if order.term.minimum_months is not None:
        terms = replace(terms, minimum_months=order.term.minimum_months)
    if order.term.notice_days is not None:
        terms = replace(terms, notice_days=order.term.notice_days)
    end_on = order.end_on
    if end_on is not None and end_on <= order.start_on:
        raise Invalid("a subscription ends after it starts", code="bad_end", field="end_on")
    if end_on is None and terms.at_term_end == "end" and terms.minimum_months:
        end_on = Schedule(order.start_on, Interval("month", terms.minimum_months)).boundary(1)
    return Subscribed(
        start_on=order.start_on,
        alignment=order.alignment,
        items=items,
        billing_day=order.billing_day,
        anchor=order.anchor,
        zone=zone,
        end_on=end_on,
        billed_from=order.billed_from,
        terms=terms,
        cadence_on=None if cadence_on == order.start_on else cadence_on,
        currency=listed[0],
        includes_tax=listed[1],
    )


def _price_list(
    order: NewSubscription,
    plan: PlanVersion,
    add_ons: Sequence[AddOn],
    payer: KnownCustomer,
    entity: BillingEntity,
) -> tuple[str, bool]:
    """The price list to buy from: of the currency asked for, with VAT for consumers.

    Without a wish it is the payer's currency where there are prices in it, else the seller's.
    """
    sold = [plan.prices, *(add_on.prices for add_on in add_ons)]
    lists = [{(one.currency, one.includes_tax) for one in prices} for prices in sold]
    every = [some for some in lists if some]
    if not every:
        return order.currency or payer.currency or entity.currency, True
    common = set.intersection(*every)
    if not common:
        raise Invalid(
            "plan and add-ons must be of one price list: one currency, and all with VAT or"
            " all without",
            code="mixed_price_lists",
            field="add_ons",
        )
    wanted = {one for one in common if one[0] == order.currency} if order.currency else common
    if not wanted:
        names = ", ".join(sorted({currency for currency, _ in common}))
        raise Invalid(
            f"{order.plan!r} is sold in {names}, not in {order.currency}",
            code="no_price_list",
            field="currency",
        )
    is_consumer = payer.kind == "consumer"
    usual = (payer.currency, entity.currency)
    return min(
        wanted, key=lambda one: (*(one[0] != name for name in usual), one[1] != is_consumer, one)
    )


def _give_coupon(session: Session, order: NewSubscription, now: datetime, actor: str) -> None:
    try:
        change(session, order.external_id, coupon_of(order), now, actor, tells=False)
    except Refused as refusal:
        refusal.subject = order.external_id
        raise RefusedTogether([refusal]) from refusal


def _customer(external_id: str, field: str, shop: OrderShop) -> KnownCustomer:
    found = shop.customers.get(external_id)
    if found is None:
        raise NotFound(
            f"there is no customer {external_id!r}", code="unknown_customer", field=field
        )
    return found


def _add_on(code: str, order: NewSubscription, shop: OrderShop) -> AddOn:
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


def prices_by_owner(shop: OrderShop) -> Callable[[UUID], tuple[Price, ...]]:
    """The prices of each plan version and add-on of the shop."""
    by_owner = {plan.id: plan.prices for plans in shop.plans.values() for plan in plans}
    by_owner |= {add_on.id: add_on.prices for add_on in shop.add_ons.values()}
    return lambda owner_id: by_owner[owner_id]


def _nothing(product_id: UUID) -> Product:
    raise NotFound(f"there is no product {product_id}", field="product")


def _work(
    one: Begun,
    life: Life,
    group: tuple[UUID, date | None],
    rater: Rater,
    prices: Callable[[UUID], tuple[Price, ...]],
) -> tuple[date | None, date | None]:
    """When the new items first fall due, and from when the group must look back (None: not)."""
    group_id, billed_through = group
    listing = Listing(prices, _nothing, one.group.currency, one.group.includes_tax)
    items = items_of([life], group_id, listing)
    first_due_on = rater.next_due_on(items, date.min + timedelta(days=1))
    if first_due_on is None or billed_through is None or first_due_on > billed_through:
        return first_due_on, None
    return first_due_on, one.event.start_on
