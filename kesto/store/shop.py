"""What a change of a subscription is decided from: the subscription, the catalogue, the law."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.billing import BillingEntity
from kesto.core.catalog import AddOn, Coupon, PlanVersion
from kesto.core.changes.shop import FIRST_FOR_ALL, Payer, Shop
from kesto.core.clock import Clock, read_clock
from kesto.core.discounts import DiscountScope
from kesto.core.ids import parsed
from kesto.core.refusals import Invalid, NotFound
from kesto.countries import notice_limits
from kesto.store import catalogue, coupons, deliveries, merchants, portal_offers
from kesto.store.ids import new_id
from kesto.store.session import Session


class Party(Struct, frozen=True):
    """A subscription with the people and the billing group that it is of."""

    id: UUID
    external_id: str
    holder_id: UUID
    payer_id: UUID
    group_id: UUID
    billing_entity_id: UUID
    currency: str
    includes_tax: bool
    due_days: int
    is_consolidated: bool
    start_on: date
    is_consumer: bool
    country: str
    clock: Clock


def party(session: Session, subscription: str) -> Party:
    """The subscription with an id (`sub_...`) or an external id. Raises NotFound."""
    try:
        own: UUID | None = parsed("subscription", subscription)
    except Invalid:
        own = None
    row = session.row(
        "select s.id, s.external_id, s.holder_id, s.payer_id, g.id, g.billing_entity_id,"
        " g.currency, g.includes_tax, g.due_days, g.separate_for is null, s.start_on,"
        " c.kind = 'consumer', p.country, s.zone, s.later_zones::text"
        " from subscription s"
        " join billing_group g on g.merchant_id = s.merchant_id and g.id = s.billing_group_id"
        " join customer c on c.merchant_id = s.merchant_id and c.id = s.holder_id"
        " join person p on p.merchant_id = c.merchant_id and p.id = c.person_id"
        " where s.merchant_id = %s and (s.external_id = %s or s.id = %s)"
        " order by s.external_id = %s desc limit 1",
        *(session.merchant_id, subscription, own, subscription),
    )
    if row is None:
        raise NotFound(
            f"there is no subscription {subscription!r}",
            code="unknown_subscription",
            field="subscription",
        )
    *own_row, zone, later = row
    return Party(*[*own_row, read_clock(zone, later)])


def shop(
    session: Session,
    found: Party,
    now: datetime,
    *,
    is_staff: bool,
    payer: Payer | None = None,
) -> Shop:
    """What decisions about a subscription look things up in."""
    entity = entity_of(session, found)
    today = found.clock.day_of(now)
    limits = (
        notice_limits(found.country or entity.country, "general", found.start_on, today)
        if found.is_consumer
        else ()
    )
    return Shop(
        today=today,
        currency=found.currency,
        includes_tax=found.includes_tax,
        plans=_plans(session),
        add_ons=_add_ons(session),
        coupons=_coupons(session),
        products=catalogue.products(session),
        new_id=new_id,
        limits=limits,
        uses=_uses(session, found),
        next_discount=_next_discount(session, found, "subscription"),
        next_for_all=_next_discount(session, found, "customer"),
        payer=payer,
        group_id=found.group_id,
        payer_id=found.payer_id,
        is_staff=is_staff,
        addresses=frozenset(deliveries.addresses(session, [found.id]).get(found.id, ())),
        sent=deliveries.sent_on(session, found.id),
        in_portal=portal_offers.offered(session),
    )


def entity_of(session: Session, found: Party) -> BillingEntity:
    """The billing entity that bills a subscription."""
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    return entities[found.billing_entity_id]


def _coupons(session: Session) -> dict[str, Coupon]:
    """Coupons by their codes, and by those that are typed in, in small letters."""
    own = coupons.coupons(session)
    typed = {code.casefold(): one for one in own.values() for code in one.codes}
    return typed | own


def _plans(session: Session) -> dict[str, list[PlanVersion]]:
    found: dict[str, list[PlanVersion]] = {}
    for (code, _), (version, _) in sorted(catalogue.plan_versions(session).items()):
        found.setdefault(code, []).append(version)
    return found


def _add_ons(session: Session) -> dict[str, list[AddOn]]:
    found: dict[str, list[AddOn]] = {}
    for (code, _), (add_on, _) in sorted(catalogue.add_ons(session).items()):
        found.setdefault(code, []).append(add_on)
    return found


def _uses(session: Session, found: Party) -> dict[UUID, tuple[int, int]]:
    """How often each coupon was used, in all and by the payer."""
    rows = session.rows(
        "select d.coupon_id, count(*), count(*) filter (where s.payer_id = %s) from discount d"
        " join subscription s on s.merchant_id = d.merchant_id and s.id = d.subscription_id"
        " where d.merchant_id = %s group by d.coupon_id",
        *(found.payer_id, session.merchant_id),
    )
    return {coupon_id: (in_all, own) for coupon_id, in_all, own in rows}


def _next_discount(session: Session, found: Party, scope: DiscountScope) -> int:
    """The next number of a discount: in its subscription, or for all that a payer buys.

    The latter are counted in every billing group that the subscription has items in, with those of
    subscriptions that another pays by now: what was theirs still counts. The numbers of both kinds
    never meet.
    """
    row = session.row(
        "select coalesce(max(number), %s) + 1 from discount"
        " where merchant_id = %s and scope = %s and (subscription_id = %s or %s = 'customer'"
        "  and subscription_id in (select other.subscription_id from subscription_item own"
        "  join subscription_item other on other.merchant_id = own.merchant_id"
        "   and other.billing_group_id = own.billing_group_id"
        "  where own.merchant_id = %s and own.subscription_id = %s))",
        *(FIRST_FOR_ALL - 1 if scope == "customer" else 0, session.merchant_id, scope),
        *(found.id, scope, session.merchant_id, found.id),
    )
    return int(row[0]) if row else 1
