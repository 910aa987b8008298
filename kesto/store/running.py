"""What runs in billing groups: items with their prices, and the discounts on them."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from kesto.core.billing import BillingGroup
from kesto.core.catalog import Price
from kesto.core.discount_lines import StandingDiscount
from kesto.core.exact import plain
from kesto.core.item import Cadence, Course, Extra, Item
from kesto.store import arrays
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
    rows = _item_rows(session, groups, looking_back)
    subscriptions = _subscriptions(session, [*{row[10] for row in rows}])
    # A group is named by its place, an owner by its bytes: many ids cost more than all the rest.
    lists = [(group.id.int, (group.currency, group.includes_tax)) for group in groups]
    by_list: dict[tuple[str, bool], dict[tuple[bytes, str], tuple[Price, ...]]] = {
        listed: {} for _, listed in lists
    }
    found: dict[int, list[Item]] = {}
    crossed: set[int] = set()
    before = 0
    for row in rows:
        place, own, owner, phase, quantity, start_on, end_on, billed_from, told, extra, of = row
        if place != before:  # most rows are of the group of the row before
            before = place
            group_id, listed = lists[place - 1]
            sold = by_list[listed]
            others = found.setdefault(group_id, [])
        subscription_id, cadence = subscriptions[of]
        course = _course.decode(told) if told else None
        if course is not None and course.cadence is not None:
            cadence = course.cadence
        if owner is None:
            item_prices = prices.of_extra(session, own, _extra.decode(extra), listed)
        else:
            key = (owner, phase)
            known = sold.get(key)
            if known is None:
                known = sold[key] = prices.of(session, UUID(bytes=owner), phase, listed)
            item_prices = known
        if others and own.int < others[-1].id.int:
            crossed.add(group_id)
        others.append(
            Item(
                own,
                item_prices,
                _quantity(quantity),
                cadence,
                start_on,
                end_on,
                billed_from,
                course,
                subscription_id,
            )
        )
    for group_id in crossed:  # few: most items were written in the order of their ids
        found[group_id].sort(key=lambda item: item.id.int)
    return found


def _item_rows(
    session: Session, groups: Sequence[BillingGroup], looking_back: Collection[int]
) -> list[tuple[Any, ...]]:
    # What ended before the last run is not looked at again, unless the past counts. The groups
    # are named one by one: of a range of new ids the database guesses that it holds one row, and
    # a join planned on that guess takes the square of the chunk's size.
    after = [None if group.id.int in looking_back else group.billed_through for group in groups]
    return arrays.rows(
        session,
        "select due.place, i.id, uuid_send(coalesce(i.plan_version_id, i.add_on_id)), i.phase,"
        "  i.quantity::text, i.start_on, i.end_on, i.billed_from, i.course::text, i.extra::text,"
        "  uuid_send(i.subscription_id)"
        " from unnest(%(groups)s::uuid[], %(after)s::date[])"
        "  with ordinality due (group_id, after, place)"
        " cross join lateral (select * from subscription_item"
        "  where merchant_id = %(merchant)s and billing_group_id = due.group_id offset 0) i"
        " where i.end_on is null or due.after is null or i.end_on > due.after",
        {
            "groups": arrays.uuids([group.id for group in groups]),
            "after": arrays.dates(after),
            "merchant": session.merchant_id,
        },
    )


def _subscriptions(session: Session, wanted: Sequence[bytes]) -> dict[bytes, tuple[UUID, Cadence]]:
    """Subscriptions by the bytes of their ids: the id and how it cuts time.

    They are looked up once, not for each item; what is read of them never changes. Equal cadences
    are one value.
    """
    cadences: dict[tuple[object, ...], Cadence] = {}
    found: dict[bytes, tuple[UUID, Cadence]] = {}
    for own, subscription_id, *told in arrays.rows(
        session,
        "select uuid_send(s.id), s.id, s.start_on, s.alignment, s.billing_day, s.anchor, s.zone"
        " from unnest(%(wanted)s::uuid[]) of (id)"
        " cross join lateral (select * from subscription"
        "  where merchant_id = %(merchant)s and id = of.id offset 0) s",
        {"wanted": arrays.uuids_of(wanted), "merchant": session.merchant_id},
    ):
        key = tuple(told)
        cadence = cadences.get(key)
        if cadence is None:
            cadence = cadences[key] = Cadence(*told)
        found[own] = (subscription_id, cadence)
    return found


@lru_cache(maxsize=4096)
def _quantity(text: str) -> Decimal:
    return plain(Decimal(text))


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
