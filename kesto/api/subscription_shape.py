"""A subscription as the API shows it, wherever it stands."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
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
from kesto.core.life import Life
from kesto.core.play import play
from kesto.core.standing import State, standing
from kesto.store.api import customers, subscriptions
from kesto.store.session import Session


class Item(Schema):
    """What it holds over the days `[start_on, end_on)`; an `extra` is a product sold once.

    `quantity` is the one that it began with; `quantity_now` is null when it does not run today.
    """

    id: str
    kind: subscriptions.Kind
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
    expanded: frozenset[str],
    today: date,
) -> list[Subscription]:
    """Subscriptions as the API shows them, with those people in full."""
    ids = {getattr(row, f"{name}_id") for row in rows for name in expanded}
    known = customers.by_id(session, [*ids]) if ids else {}
    return [_subscription(row, known, expanded, today) for row in rows]


def page_of(
    rows: Sequence[subscriptions.Subscription], limit: int, today: date
) -> SubscriptionPage:
    """A page of subscriptions whose people are ids, of rows that may be one more than fit."""
    shown, cursor = cut(rows, limit, lambda row: row.id)
    items = [_subscription(row, {}, frozenset(), today) for row in shown]
    return SubscriptionPage(items=items, next_cursor=cursor)


def _subscription(
    row: subscriptions.Subscription,
    known: Mapping[UUID, customers.Customer],
    expanded: frozenset[str],
    today: date,
) -> Subscription:
    told, life = row.told, play(row.told)
    span = current_span(life, today)
    trials = {item.id for item in row.items if item.is_trial}

    def person(name: str) -> str | Customer:
        own = getattr(row, f"{name}_id")
        return customer_of(known[own]) if name in expanded else own_id("customer", own)

    return Subscription(
        id=own_id("subscription", row.id),
        external_id=row.external_id,
        state=standing(life, today, trials),
        start_on=life.start_on,
        end_on=life.end_on,
        holder=person("holder"),
        payer=person("payer"),
        user=person("user"),
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
        items=_items(row.items, life, today),
        pauses=pauses_of(life),
        discounts=discounts_of(life),
        ahead=ahead_of(told, today),
        renewals=renewals_of(told, life, today),
        created_at=row.created_at,
    )


def _items(items: Sequence[subscriptions.Item], life: Life, today: date) -> list[Item]:
    """The items, with the quantity of those that run."""
    quantities = {
        one.id: plain(one.quantity_at(today))
        for one in life.items
        if one.runs(today) and one.extra is None
    }
    return [
        Item(
            id=own_id("subscription_item", item.id),
            kind=item.kind,
            code=item.code,
            version=item.version,
            quantity=plain(item.quantity),
            quantity_now=quantities.get(item.id),
            start_on=item.start_on,
            end_on=item.end_on,
        )
        for item in items
    ]
