"""A subscription as the API shows it, wherever it stands."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, cast
from uuid import UUID

from kesto.api.customer_shape import Customer, customer_of
from kesto.api.lives import (
    Ahead,
    Discount,
    RenewedTerm,
    SubscriptionPause,
    Terms,
    ahead_of,
    discounts_of,
    pauses_of,
    renewals_of,
    terms_of,
)
from kesto.api.paging import cut
from kesto.api.schema import Schema
from kesto.api.values import own_id
from kesto.core.changes.ending import current_span, term_until
from kesto.core.exact import shown as plain
from kesto.core.life import PLAN, Life, LifeItem
from kesto.core.play import play
from kesto.core.standing import State, standing
from kesto.store.api import customers, subscriptions
from kesto.store.api.sold import Sold, sold
from kesto.store.session import Session

PEOPLE = ("holder", "payer", "user")
Kind = Literal["plan", "add_on", "extra"]


class Item(Schema):
    """What it holds over the days `[start_on, end_on)`; an `extra` is a product sold once.

    `quantity` is the one that it began with; `quantity_now` is null when it does not run today.
    """

    id: str
    kind: Kind
    code: str
    version: int | None
    quantity: str
    quantity_now: str | None
    start_on: date
    end_on: date | None


class Subscription(Schema):
    """A subscription. `end_on` is the first day without it, `minimum_until` as well.

    `state` is the first that holds of `ended`, `upcoming`, `paused`, `ending` (its last day is
    known), `trialing` and `active`. `ahead` are changes that lie ahead, which `call_off` calls off
    by their `number`. `renewals` are the terms that began by themselves; those that were agreed
    are events.
    """

    id: str
    external_id: str
    state: State
    start_on: date
    end_on: date | None
    holder: str | Customer
    payer: str | Customer
    user: str | Customer
    billing_group: str
    currency: str
    includes_tax: bool
    alignment: str
    billing_day: int
    anchor: date | None
    zone: str
    minimum_until: date | None
    notice_days: int
    terms: Terms
    items: list[Item]
    pauses: list[SubscriptionPause]
    discounts: list[Discount]
    ahead: list[Ahead]
    renewals: list[RenewedTerm]
    created_at: datetime


class SubscriptionPage(Schema):
    """A page of subscriptions."""

    items: list[Subscription]
    next_cursor: str | None


def subscriptions_of(
    session: Session,
    rows: Sequence[subscriptions.Subscription],
    today: date,
    expanded: frozenset[str] = frozenset(),
) -> list[Subscription]:
    """Subscriptions as the API shows them, with those people in full."""
    ids = {getattr(row, f"{name}_id") for row in rows for name in expanded}
    people = customers.by_id(session, [*ids]) if ids else {}
    names = {own: customer_of(person) for own, person in people.items()}
    lives = [play(row.told) for row in rows]
    shelf = sold(session, {_owner(item) for life in lives for item in life.items})

    def shown(row: subscriptions.Subscription, life: Life) -> Subscription:
        who = {
            name: names[own] if name in expanded else own_id("customer", own)
            for name, own in zip(PEOPLE, (row.holder_id, row.payer_id, row.user_id), strict=True)
        }
        return _subscription(row, life, who, shelf, today)

    return [*map(shown, rows, lives)]


def page_of(
    session: Session, rows: Sequence[subscriptions.Subscription], limit: int, today: date
) -> SubscriptionPage:
    """A page of subscriptions whose people are ids, of rows that may be one more than fit."""
    shown, cursor = cut(rows, limit, lambda row: row.id)
    return SubscriptionPage(items=subscriptions_of(session, shown, today), next_cursor=cursor)


def _subscription(
    row: subscriptions.Subscription,
    life: Life,
    people: Mapping[str, str | Customer],
    shelf: Mapping[UUID, Sold],
    today: date,
) -> Subscription:
    told, span = row.told, current_span(life, today)
    trials = {item.id for item in life.items if item.phase in shelf[_owner(item)].trials}
    return Subscription(
        id=own_id("subscription", row.id),
        external_id=row.external_id,
        state=standing(life, today, trials),
        start_on=life.start_on,
        end_on=life.end_on,
        holder=people["holder"],
        payer=people["payer"],
        user=people["user"],
        billing_group=own_id("billing_group", row.group_id),
        currency=row.currency,
        includes_tax=row.includes_tax,
        alignment=life.cadence.alignment,
        billing_day=life.cadence.billing_day,
        anchor=life.cadence.anchor,
        zone=life.zone,
        minimum_until=term_until(life, span),
        notice_days=span.notice_days,
        terms=terms_of(life),
        items=_items(life, shelf, today),
        pauses=pauses_of(life),
        discounts=discounts_of(life),
        ahead=ahead_of(told, today),
        renewals=renewals_of(told, life, today),
        created_at=row.created_at,
    )


def _items(life: Life, shelf: Mapping[UUID, Sold], today: date) -> list[Item]:
    """Plans first, with the quantity of those that run."""
    items = sorted(life.items, key=lambda one: (one.kind != PLAN, one.start_on, one.id))
    return [_item(item, shelf[_owner(item)], today) for item in items]


def _item(item: LifeItem, of: Sold, today: date) -> Item:
    has_quantity = item.runs(today) and item.extra is None
    return Item(
        id=own_id("subscription_item", item.id),
        kind=cast("Kind", item.kind),
        code=of.code,
        version=of.version,
        quantity=plain(item.quantity),
        quantity_now=plain(item.quantity_at(today)) if has_quantity else None,
        start_on=item.start_on,
        end_on=item.end_on,
    )


def _owner(item: LifeItem) -> UUID:
    """What it is of: its plan version or add-on, or the product that was sold once."""
    return item.extra.product_id if item.extra is not None else cast("UUID", item.owner_id)
