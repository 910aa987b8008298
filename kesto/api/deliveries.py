"""Deliveries: what comes to whom on which day, and what happened to it on its way."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.adapters.files import checks
from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of, today_of
from kesto.api.once import REQUIRED, Made, once
from kesto.api.paging import PageAsked, check_names, day_cursor, day_of_cursor
from kesto.api.problems import Problem
from kesto.api.schema import Schema
from kesto.api.values import Day, Given, Moment, Name, own_id
from kesto.core.calendar import local_date
from kesto.core.catalog import Skipping
from kesto.core.changes.checks import EARLIEST, LATEST
from kesto.core.deliveries import State
from kesto.core.exact import shown as plain
from kesto.core.refusals import Invalid, NotFound
from kesto.flows.record_fulfilment import Report, record_fulfilment
from kesto.flows.show_deliveries import Status, Stop, stop_on, stops
from kesto.store import merchants
from kesto.store.api.listing import id_of
from kesto.store.session import Session, reading

router = Router(tags=["deliveries"])
USUAL_DAYS = 7
MOST_DAYS = 62
ONE_DAY = timedelta(days=1)


class Content(Schema):
    """What a delivery has of a plan or an add-on."""

    item: str
    code: str
    quantity: str


class Address(Schema):
    """Where it goes; `id` null: to the own address of who uses the subscription."""

    id: str | None
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    phone: str


class DeliveryEvent(Schema):
    """What happened to a delivery, as it was reported; `tracking` is the carrier's reference."""

    id: str
    external_id: str
    state: State
    at: datetime
    carrier: str
    tracking: str
    note: str


class Delivery(Schema):
    """What comes to a subscription on a day.

    It can be skipped, or go elsewhere, until the end of `last_change_on`; null where it is not
    planned any more and was sent all the same. `events` are what happened, the first thing first.
    """

    subscription: str
    external_id: str
    customer: str
    on: date
    status: Status
    last_change_on: date | None
    may_change: bool
    skipping: Skipping | None
    contents: list[Content]
    address: Address
    events: list[DeliveryEvent]


class DeliveryPage(Schema):
    """A page of deliveries."""

    items: list[Delivery]
    next_cursor: str | None


class DeliveriesAsked(PageAsked):
    """Which deliveries: of a day, or of the days `[from, until)`, at most 62; else of a week.

    `subscription` is its id or external id.
    """

    on: Day | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    status: Status | None = None
    subscription: Name | None = None


class NewDeliveryEvent(Given):
    """What happened to a delivery; `at` left out: just now.

    The same `external_id` is taken once, whatever key it is sent with.
    """

    state: State
    at: Moment | None = None
    carrier: Name = ""
    tracking: Name = ""
    note: Name = ""
    external_id: Name = ""


@router.get(
    "/deliveries",
    operation_id="list_deliveries",
    auth=Bearer("read"),
    response={200: DeliveryPage, **READS},
    summary="List deliveries",
)
def list_deliveries(request: HttpRequest, asked: Query[DeliveriesAsked]) -> dict[str, Any]:
    """By day and subscription, the earliest first."""
    check_names(request, asked)
    after = day_of_cursor(asked.cursor) if asked.cursor else None
    with reading(holder(request).merchant_id) as session:
        from_on, until_on = _window(asked, today_of(session))
        whose = id_of(session, "subscription", asked.subscription) if asked.subscription else None
        found = [
            one
            for one in stops(session, from_on, until_on, whose)
            if (after is None or one.key > after)
            and (asked.status is None or one.status == asked.status)
        ]
        now = now_of(merchants.merchant(session))
    rows = found[: asked.limit]
    cursor = day_cursor(*rows[-1].key) if len(found) > asked.limit else None
    return {"items": [_shown(one, now) for one in rows], "next_cursor": cursor}


@router.get(
    "/subscriptions/{subscription}/deliveries/{on}",
    operation_id="get_delivery",
    auth=Bearer("read"),
    response={200: Delivery, **READS},
    summary="Read a delivery",
)
def get_delivery(request: HttpRequest, subscription: str, on: str) -> Delivery:
    """What comes to a subscription on a day, which is written as 2026-12-31."""
    day = _day_in(on)
    with reading(holder(request).merchant_id) as session:
        own = id_of(session, "subscription", subscription)
        return _one(session, own, day)


@router.post(
    "/subscriptions/{subscription}/deliveries/{on}/events",
    operation_id="add_delivery_event",
    auth=Bearer("write"),
    response={201: Delivery, **WRITES},
    summary="Tell what happened to a delivery",
    openapi_extra=REQUIRED,
)
def add_event(
    request: HttpRequest, subscription: str, on: str, body: NewDeliveryEvent
) -> HttpResponse:
    """Sent, delivered, failed or returned; answers the delivery as it stands then."""
    day = _day_in(on)

    def work(session: Session) -> Made:
        own = id_of(session, "subscription", subscription)
        report = Report(
            *(day, body.state, body.at, body.carrier, body.tracking, body.note, body.external_id)
        )
        now = now_of(merchants.merchant(session))
        name = own_id("subscription", own)
        made = record_fulfilment(session.merchant_id, name, report, now, actor_of(request))
        return Made(201, _one(session, own, day), made.id)

    return once(request, work)


def _window(asked: DeliveriesAsked, today: date) -> tuple[date, date]:
    """The days that are asked for. Raises Problem."""
    if asked.on is not None:
        if asked.from_ is not None or asked.until is not None:
            detail = "Ask with on, or with from and until."
            raise Problem(400, "bad_value", detail, field="on")
        _check_day(asked.on)
        return asked.on, asked.on + ONE_DAY
    from_on = asked.from_ or today
    _check_day(from_on, "from")
    until_on = asked.until or from_on + timedelta(days=USUAL_DAYS)
    if not 0 < (until_on - from_on).days <= MOST_DAYS:
        detail = f"until lies 1 to {MOST_DAYS} days after from."
        raise Problem(400, "bad_value", detail, field="until")
    return from_on, until_on


def _check_day(day: date, field: str = "on") -> None:
    if not EARLIEST <= day <= LATEST:
        detail = f"A day lies from {EARLIEST} to {LATEST}."
        raise Problem(400, "bad_value", detail, field=field)


def _day_in(text: str) -> date:
    """The day in a path. Raises NotFound for a text that is none."""
    try:
        found = checks.day(text)
    except Invalid:
        found = date.min
    if not EARLIEST <= found <= LATEST:
        raise NotFound(f"nothing is delivered on {text!r}", code="no_delivery", field="on")
    return found


def _one(session: Session, subscription_id: UUID, on: date) -> Delivery:
    found = stop_on(session, subscription_id, on)
    if found is None:
        raise NotFound(f"nothing is delivered on {on}", code="no_delivery", field="on")
    return _shown(found, now_of(merchants.merchant(session)))


def _shown(one: Stop, now: datetime) -> Delivery:
    recipient, planned = one.recipient, one.planned
    person: Mapping[str, str] = {
        field: getattr(one.address, field)
        for field in ("name", "street", "postal_code", "city", "country", "phone")
    }
    return Delivery(
        subscription=own_id("subscription", recipient.subscription_id),
        external_id=recipient.external_id,
        customer=own_id("customer", recipient.user_id),
        on=one.on,
        status=one.status,
        last_change_on=planned.last_change_on if planned else None,
        may_change=one.may_change(local_date(now, recipient.zone)),
        skipping=planned.skipping if planned else None,
        contents=[
            Content(
                item=own_id("subscription_item", content.item_id),
                code=content.code,
                quantity=plain(content.quantity),
            )
            for content in one.contents
        ],
        address=Address(
            id=own_id("delivery_address", one.address_id) if one.address_id else None, **person
        ),
        events=[
            DeliveryEvent(
                id=own_id("delivery_event", event.id),
                external_id=event.external_id,
                state=event.state,
                at=event.at,
                carrier=event.carrier,
                tracking=event.tracking,
                note=event.note,
            )
            for event in one.events
        ],
    )
