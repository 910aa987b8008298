"""Usage events: what happened and may cost, taken in once; and what it comes to."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.api.current_usage import SubscriptionUsage
from kesto.api.doors.door import AtTheDoor
from kesto.api.doors.looking import USAGE
from kesto.api.doors.sending import SEND
from kesto.api.faults import FAULTS, READS
from kesto.api.keys import Bearer, holder
from kesto.api.paging import MOST, USUAL, PageAsked, cursor_of, window_of
from kesto.api.schema import Schema
from kesto.api.values import Moment, Name, Required, own_id
from kesto.core.exact import shown as plain
from kesto.flows.accept_usage import MOST_EVENTS
from kesto.flows.show_usage import behind_line
from kesto.store import meters
from kesto.store.api import invoices as store
from kesto.store.api.listing import Window, id_of
from kesto.store.session import Session, reading
from kesto.store.usage import events
from kesto.store.usage.events import KeptEvent, Wanted

router = Router(tags=["events"])
Status = Literal["accepted", "duplicate", "rejected"]
EVENT: dict[str, Any] = {
    "type": "object",
    "title": "SentEvent",
    "required": ["id", "meter", "time"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "maxLength": 200, "description": "Of its own, for its source."},
        "source": {"type": "string", "maxLength": 200, "default": "api"},
        "customer": {"type": "string", "description": "By id or external id; or `subscription`."},
        "subscription": {"type": "string", "description": "By id or external id."},
        "meter": {"type": "string", "description": "By its code."},
        "time": {"type": "string", "format": "date-time", "description": "When it happened."},
        "value": {
            "anyOf": [{"type": "string"}, {"type": "number"}],
            "description": "How much; write decimals as text. A count needs none.",
        },
        "properties": {"type": "object", "description": "What its meter filters or groups by."},
    },
}
CLOUD_EVENT: dict[str, Any] = {
    "type": "object",
    "title": "CloudEvent",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {"type": "string", "maxLength": 200},
        "source": {"type": "string", "maxLength": 200},
        "type": {"type": "string", "description": "The meter, by its code."},
        "subject": {"type": "string", "description": "The customer, or a subscription's id."},
        "time": {"type": "string", "format": "date-time", "description": "Else when it comes."},
        "data": {"description": "Properties, with the `value` among them; or just a value."},
    },
}
SENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"type": "array", "items": EVENT, "minItems": 1, "maxItems": MOST_EVENTS},
                        EVENT,
                    ],
                    "description": f"One event, or a list of up to {MOST_EVENTS}.",
                }
            },
            "application/cloudevents+json": {"schema": CLOUD_EVENT},
            "application/cloudevents-batch+json": {
                "schema": {"type": "array", "items": CLOUD_EVENT, "minItems": 1}
            },
        },
    }
}


class EventVerdict(Schema):
    """What became of an event; a rejected one says why, and may be sent again once mended.

    An accepted one is kept for good. `note` says why it may not count all the same.
    """

    id: str
    status: Status
    code: str | None = None
    field: str | None = None
    detail: str | None = None
    note: str | None = None


class Taken(Schema):
    """How many of the events were new, known already or refused, and each of them in its order."""

    accepted: int
    duplicate: int
    rejected: int
    events: list[EventVerdict]


class UsageEvent(Schema):
    """An event as it was taken in.

    `quantity` is what its meter counts (of a meter of different ids: `name`); `problem` says why it
    does not count. `counts_at` differs from `time` where it came late and counts when it came.
    """

    id: str
    source: str
    subscription: str
    meter: str
    time: datetime
    counts_at: datetime
    quantity: str
    name: str | None
    problem: str | None
    value: str
    properties: dict[str, Any]
    received_at: datetime
    is_late: bool | None = None


class UsageEventPage(Schema):
    """A page of events, the oldest first."""

    items: list[UsageEvent]
    next_cursor: str | None


class EventsAsked(PageAsked):
    """Which events: of a subscription (its id or external id), from an instant to before one."""

    subscription: Required
    meter: Annotated[Name | None, Field(description="By its code.")] = None
    time_from: Moment | None = None
    time_until: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=MOST, description="How many at most.")] = USUAL


@router.post(
    "/events",
    operation_id="send_events",
    auth=AtTheDoor(SEND),
    response={200: Taken, **FAULTS},
    openapi_extra=SENT,
    summary="Send usage events",
)
def send(request: HttpRequest) -> HttpResponse:
    """Each is taken in once, however often it is sent; the answer comes when it is safe on disk.

    An event sent again with the same id and source is a duplicate, with other content a conflict.
    It counts for the subscription that it names, or for the only one of its customer that prices
    the meter then.
    """
    return SEND.through(request)


@router.get(
    "/events",
    operation_id="list_events",
    auth=Bearer("read"),
    response={200: UsageEventPage, **READS},
    summary="List usage events",
)
def list_events(request: HttpRequest, asked: Query[EventsAsked]) -> dict[str, Any]:
    """Those of a subscription, the oldest first, with those that do not count."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        wanted = Wanted(
            id_of(session, "subscription", asked.subscription),
            id_of(session, "meter", asked.meter) if asked.meter else None,
            asked.time_from,
            asked.time_until,
        )
        return _page(session, wanted, window)


@router.get(
    "/subscriptions/{subscription}/usage",
    operation_id="get_usage",
    auth=AtTheDoor(USAGE),
    response={200: SubscriptionUsage, **READS},
    summary="Read what was used so far",
)
def usage(request: HttpRequest, subscription: str) -> HttpResponse:  # noqa: ARG001 - for the description
    """For each metered price, in the period that runs now."""
    return USAGE.through(request)


@router.get(
    "/invoices/{invoice}/lines/{line}/events",
    operation_id="list_line_events",
    auth=Bearer("read"),
    response={200: UsageEventPage, **READS},
    summary="List the events behind a line",
)
def list_line_events(
    request: HttpRequest, invoice: str, line: int, asked: Query[PageAsked]
) -> dict[str, Any]:
    """The very events that a usage line of an invoice counts; `is_late` were not on the one before.

    Lines are counted from 1, as they stand on the invoice.
    """
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        behind = behind_line(session, store.head(session, "invoice", invoice).id, line)
        return _page(session, behind.wanted, window, behind.is_late)


def _page(session: Session, wanted: Wanted, window: Window, is_late: Any = None) -> dict[str, Any]:
    found = events.events(session, wanted, window.limit + 1, window.after)
    codes = {one.id: one.code for one in meters.meters(session).values()}
    shown = found[: window.limit]
    items = [_event(one, codes[one.meter_id], is_late) for one in shown]
    more = len(found) > window.limit
    return {"items": items, "next_cursor": cursor_of(shown[-1].key) if more else None}


def _event(one: KeptEvent, meter: str, is_late: Any) -> UsageEvent:
    return UsageEvent(
        id=one.event_id,
        source=one.source,
        subscription=own_id("subscription", one.subscription_id),
        meter=meter,
        time=one.happened_at or one.at,
        counts_at=one.at,
        quantity=plain(one.number),
        name=one.name,
        problem=one.problem or None,
        value=one.sent,
        properties=dict(one.properties or {}),
        received_at=one.received_at,
        is_late=is_late(one) if is_late else None,
    )
