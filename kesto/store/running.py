"""What runs in billing groups: items with their prices, and the discounts on them."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from kesto.core.billing import BillingGroup
from kesto.core.catalog import Price
from kesto.core.discount_lines import StandingDiscount
from kesto.core.exact import plain
from kesto.core.item import Cadence, Course, Extra, Item
from kesto.store.catalogue import PriceList
from kesto.store.session import Session

_course = msgspec.json.Decoder(Course)
_extra = msgspec.json.Decoder(Extra)
_discount = msgspec.json.Decoder(StandingDiscount)


def items(
    session: Session,
    groups: Sequence[BillingGroup],
    looking_back: Collection[int],
    prices: PriceList,
) -> dict[int, list[Item]]:
    """The items of groups by the number of the group's id, in the order of their ids.

    Of groups that are not looking back, what had ended before the last run is left out.
    """
    # What ended before the last run is not looked at again, unless the past counts. The groups
    # are named one by one: of a range of new ids the database guesses that it holds one row, and
    # a join planned on that guess takes the square of the chunk's size.
    after = [None if group.id.int in looking_back else group.billed_through for group in groups]
    rows = session.rows(
        "select s.start_on, s.alignment, s.billing_day, s.anchor, s.zone, due.place,"
        "  i.id, uuid_send(coalesce(i.plan_version_id, i.add_on_id)), i.phase, i.quantity,"
        "  i.start_on, i.end_on, i.billed_from, i.course::text, i.extra::text, i.subscription_id"
        " from unnest(%s::uuid[], %s::date[]) with ordinality due (group_id, after, place)"
        " cross join lateral (select * from subscription_item"
        "  where merchant_id = %s and billing_group_id = due.group_id offset 0) i"
        " cross join lateral (select * from subscription"
        "  where merchant_id = %s and id = i.subscription_id offset 0) s"
        " where i.end_on is null or due.after is null or i.end_on > due.after"
        " order by i.id",
        *([group.id for group in groups], after, session.merchant_id, session.merchant_id),
    )
    # A group is named by its place, an owner by its bytes: many ids cost more than all the rest.
    # Equal cadences and quantities are one value.
    lists = [(group.id.int, (group.currency, group.includes_tax)) for group in groups]
    found: dict[int, list[Item]] = {}
    cadences: dict[tuple[object, ...], Cadence] = {}
    sold: dict[tuple[object, ...], tuple[Price, ...]] = {}
    for row in rows:
        cadence = cadences.get(row[:5])
        if cadence is None:
            cadence = cadences[row[:5]] = Cadence(*row[:5])
        place, own, owner, phase, quantity, start_on, end_on, billed_from = row[5:13]
        group_id, listed = lists[place - 1]
        course = _course.decode(row[13]) if row[13] else None
        if course is not None and course.cadence is not None:
            cadence = course.cadence
        if owner is None:
            item_prices = prices.of_extra(session, own, _extra.decode(row[14]), listed)
        else:
            key = (owner, phase, listed)
            known = sold.get(key)
            if known is None:
                known = sold[key] = prices.of(session, UUID(bytes=owner), phase, listed)
            item_prices = known
        item = Item(
            *(own, item_prices, plain(quantity), cadence, start_on, end_on, billed_from, course),
            row[15],
        )
        found.setdefault(group_id, []).append(item)
    return found


def discounts(session: Session, groups: Sequence[UUID]) -> dict[UUID, list[StandingDiscount]]:
    """The discounts on anything in groups, where the merchant gives any at all."""
    if (
        session.row("select from discount where merchant_id = %s limit 1", session.merchant_id)
        is None
    ):
        return {}
    rows = session.rows(
        "select distinct i.billing_group_id, d.number, d.id, d.document::text from discount d"
        " join subscription_item i on i.merchant_id = d.merchant_id"
        "  and i.subscription_id = d.subscription_id"
        " where d.merchant_id = %s and i.billing_group_id = any(%s)"
        "  and (d.scope <> 'customer' or d.document->>'group_id' = i.billing_group_id::text)"
        " order by i.billing_group_id, d.number, d.id",
        *(session.merchant_id, list(groups)),
    )
    found: dict[UUID, list[StandingDiscount]] = {}
    for group_id, _, _, document in rows:
        found.setdefault(group_id, []).append(_discount.decode(document))
    return found


def groups_of(session: Session, subscriptions: Sequence[UUID]) -> list[UUID]:
    """The billing groups that anything of subscriptions is or was in."""
    rows = session.rows(
        "select distinct billing_group_id from subscription_item"
        " where merchant_id = %s and subscription_id = any(%s)",
        *(session.merchant_id, list(subscriptions)),
    )
    return [row[0] for row in rows]
