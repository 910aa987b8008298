"""Subscriptions: who has what since when, and what happened to it."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, holder, now_of, today_asked, today_of
from kesto.api.lives import Event
from kesto.api.once import REQUIRED, Made, once
from kesto.api.orders import NewSubscription, check_order, order_of
from kesto.api.paging import PageAsked, check_names, cut, window_of
from kesto.api.schema import Schema
from kesto.api.subscription_shape import PEOPLE, Subscription, SubscriptionPage, subscriptions_of
from kesto.api.values import Moment, Name, expansions, with_ids
from kesto.core.standing import State
from kesto.flows.take_order import take_order
from kesto.store import merchants
from kesto.store.api import subscriptions as store
from kesto.store.api.listing import calls, id_of
from kesto.store.session import Session, reading

router = Router(tags=["subscriptions"])
EXPAND = "Names to show in full, with commas between them: holder, payer, user."


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
    state: State | None = None
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
        today = today_asked(session)
        wanted = {
            "external_id": asked.external_id,
            store.OF_CALLED: calls("customer", asked.customer) if asked.customer else None,
            store.IN_STATE: {"state": asked.state, "today": today()} if asked.state else None,
            "created_at_from": asked.created_from,
            "created_at_until": asked.created_until,
        }
        rows, cursor = cut(
            store.subscriptions(session, wanted, window), window.limit, lambda row: row.id
        )
        if asked.customer and not rows:  # there may be no such customer
            id_of(session, "customer", asked.customer)
        return {
            "items": subscriptions_of(session, rows, today(), expanded),
            "next_cursor": cursor,
        }


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
        row = store.by_name(session, order.id.hex)
        (made,) = subscriptions_of(session, [row], today_of(session))
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
        today = today_asked(session)
        row = store.by_name(session, subscription)
        return subscriptions_of(session, [row], today(), expanded)[0]


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
