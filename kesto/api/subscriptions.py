"""Subscriptions: who has what since when, and what happened to it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.api.customers import Customer, customer_of
from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, holder, now_of, today_of
from kesto.api.lives import (
    Ahead,
    Discount,
    Event,
    RenewedTerm,
    SubscriptionPause,
    Terms,
    ahead_of,
    discounts_of,
    pauses_of,
    renewals_of,
    terms_of,
)
from kesto.api.once import REQUIRED, Made, once
from kesto.api.orders import NewSubscription, check_order, order_of
from kesto.api.paging import PageAsked, check_names, cut, window_of
from kesto.api.schema import Schema
from kesto.api.values import Moment, Name, expansions, own_id, with_ids
from kesto.core.changes.ending import current_span, term_until
from kesto.core.exact import shown as plain
from kesto.core.history import Told
from kesto.core.life import Life
from kesto.core.play import play
from kesto.flows.take_order import take_order
from kesto.store import lives, merchants
from kesto.store.api import customers
from kesto.store.api import subscriptions as store
from kesto.store.api.listing import id_of
from kesto.store.session import Session, reading

router = Router(tags=["subscriptions"])
PEOPLE = ("holder", "payer", "user")
EXPAND = "Names to show in full, with commas between them: holder, payer, user."


class Item(Schema):
    """What it holds over the days `[start_on, end_on)`; an `extra` is a product sold once.

    `quantity` is the one that it began with; `quantity_now` is null when it does not run today.
    """

    id: str
    kind: store.Kind
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
    state: store.State
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


class EventPage(Schema):
    """A page of what happened, the first thing first."""

    items: list[Event]
    next_cursor: str | None


class SubscriptionAsked(Schema):
    """What is shown in full."""

    expand: Annotated[str, Field(max_length=200, description=EXPAND)] = ""


class SubscriptionsAsked(PageAsked, SubscriptionAsked):
    """Which subscriptions. `customer` is who has or pays it, by id or external id."""

    external_id: Name | None = None
    customer: Name | None = None
    state: store.State | None = None
    created_from: Moment | None = None
    created_until: Moment | None = None


@router.get(
    "/subscriptions",
    operation_id="list_subscriptions",
    auth=Bearer("read"),
    response={200: SubscriptionPage, **READS},
    summary="List subscriptions",
)
def list_subscriptions(request: HttpRequest, asked: Query[SubscriptionsAsked]) -> dict[str, Any]:
    """The newest first."""
    window, expanded = window_of(request, asked), expansions(asked.expand, PEOPLE)
    with reading(holder(request).merchant_id) as session:
        whose = id_of(session, "customer", asked.customer) if asked.customer else None
        today = today_of(session)
        wanted = {
            "external_id": asked.external_id,
            store.OF_CUSTOMER: (session.merchant_id, whose) * 2 if whose else None,
            store.in_state(today): asked.state,
            "created_at_from": asked.created_from,
            "created_at_until": asked.created_until,
        }
        found = store.subscriptions(session, wanted, window, today)
        rows, cursor = cut(found, window.limit, lambda row: row.id)
        return {"items": _shown(session, [*rows], expanded, today), "next_cursor": cursor}


@router.post(
    "/subscriptions",
    operation_id="add_subscription",
    auth=Bearer("write"),
    response={201: Subscription, **WRITES},
    summary="Let a subscription begin",
    openapi_extra=REQUIRED,
)
def add(request: HttpRequest, body: NewSubscription) -> HttpResponse:
    """Refused with `external_id_taken` when there is a subscription of that external id."""
    check_order(body)

    def work(session: Session) -> Made:
        order = order_of(session, body)
        take_order(session.merchant_id, order, now_of(merchants.merchant(session)))
        today = today_of(session)
        row = store.by_id(session, order.id, today)
        (made,) = _shown(session, [row], frozenset(), today)
        return Made(201, made, order.id)

    return once(request, work)


@router.get(
    "/subscriptions/{subscription}",
    operation_id="get_subscription",
    auth=Bearer("read"),
    response={200: Subscription, **READS},
    summary="Read a subscription",
)
def get(request: HttpRequest, subscription: str, asked: Query[SubscriptionAsked]) -> Subscription:
    """By its id or its external id."""
    check_names(request, asked)
    expanded = expansions(asked.expand, PEOPLE)
    with reading(holder(request).merchant_id) as session:
        today = today_of(session)
        row = store.by_id(session, id_of(session, "subscription", subscription), today)
        return _shown(session, [row], expanded, today)[0]


@router.get(
    "/subscriptions/{subscription}/events",
    operation_id="list_subscription_events",
    auth=Bearer("read"),
    response={200: EventPage, **READS},
    summary="Read what happened to a subscription",
)
def events(request: HttpRequest, subscription: str, asked: Query[PageAsked]) -> dict[str, Any]:
    """Events are only ever added; `data` has the fields that its kind of event has."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        own = id_of(session, "subscription", subscription)
        found = store.events(session, own, window)
    rows, cursor = cut(found, window.limit, lambda row: UUID(int=row.seq))
    return {
        "items": [
            Event(
                number=row.seq,
                kind=row.kind,
                effective_on=row.effective_on,
                recorded_at=row.recorded_at,
                data=with_ids(row.data),
            )
            for row in rows
        ],
        "next_cursor": cursor,
    }


def _shown(
    session: Session, rows: list[store.Subscription], expanded: frozenset[str], today: date
) -> list[Subscription]:
    ids = {getattr(row, f"{name}_id") for row in rows for name in expanded}
    known = customers.by_id(session, [*ids]) if ids else {}
    histories = lives.told(session, [row.id for row in rows])
    return [_subscription(row, known, expanded, histories[row.id], today) for row in rows]


def _subscription(
    row: store.Subscription,
    known: Mapping[UUID, customers.Customer],
    expanded: frozenset[str],
    told: Sequence[Told],
    today: date,
) -> Subscription:
    life = play(told)
    span = current_span(life, today)

    def person(name: str) -> str | Customer:
        own = getattr(row, f"{name}_id")
        return customer_of(known[own]) if name in expanded else own_id("customer", own)

    return Subscription(
        id=own_id("subscription", row.id),
        external_id=row.external_id,
        state=row.state,
        start_on=row.start_on,
        end_on=row.end_on,
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


def _items(items: Sequence[store.Item], life: Life, today: date) -> list[Item]:
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
