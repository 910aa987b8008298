"""Rejected events: kept until they are mended and sent again."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Query, Router
from pydantic import Field

from kesto.api.bodies import refuse_body
from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, real_now
from kesto.api.paging import PageAsked, check_names, cut, window_of
from kesto.api.schema import Schema
from kesto.api.values import Name, own_id
from kesto.core.ids import parsed
from kesto.core.refusals import Invalid
from kesto.flows import mend_events
from kesto.store.session import reading
from kesto.store.usage import letters
from kesto.store.usage.letters import Letter

router = Router(tags=["events"])
Code = Annotated[Name | None, Field(description="Of this reason only, such as `unknown_customer`.")]


class RejectedEvent(Schema):
    """An event that was rejected, as it was sent; `code`, `field` and `detail` say why."""

    id: str
    event_id: str
    source: str
    code: str
    field: str
    detail: str
    event: dict[str, Any]
    received_at: datetime


class RejectedEventPage(Schema):
    """A page of rejected events, the oldest first."""

    items: list[RejectedEvent]
    next_cursor: str | None


class RejectedAsked(PageAsked):
    """Which of them."""

    code: Code = None


class ReplayAsked(Schema):
    """Which are sent again: those of a reason, or all."""

    code: Code = None


class ReplayedEvents(Schema):
    """How many were sent again, and how many of them are taken in now; the rest stay."""

    sent: int
    taken: int


class MendedEvent(Schema):
    """What became of an event that was sent again; a rejected one stays in the list."""

    status: str
    code: str | None = None
    field: str | None = None
    detail: str | None = None
    note: str | None = None


@router.get(
    "/rejected_events",
    operation_id="list_rejected_events",
    auth=Bearer("read"),
    response={200: RejectedEventPage, **READS},
    summary="List rejected events",
)
def list_rejected(request: HttpRequest, asked: Query[RejectedAsked]) -> dict[str, Any]:
    """Those that can be mended, the oldest first; each is kept for ninety days."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = letters.letters(session, asked.code or "", window.limit + 1, window.after)
    rows, cursor = cut(found, window.limit, lambda one: one.id)
    return {"items": [_shown(one) for one in rows], "next_cursor": cursor}


@router.post(
    "/rejected_events/replay",
    operation_id="replay_rejected_events",
    auth=Bearer("write"),
    response={200: ReplayedEvents, **WRITES},
    summary="Send rejected events again",
)
def replay(request: HttpRequest, asked: Query[ReplayAsked]) -> ReplayedEvents:
    """After the catalogue or the customers were mended. An event is taken in once at most."""
    check_names(request, asked)
    refuse_body(request)
    who = holder(request).merchant_id
    done = mend_events.replay_all(who, asked.code or "", real_now(), actor_of(request))
    return ReplayedEvents(sent=done.sent, taken=done.taken)


@router.get(
    "/rejected_events/{rejected_event}",
    operation_id="get_rejected_event",
    auth=Bearer("read"),
    response={200: RejectedEvent, **READS},
    summary="Read a rejected event",
)
def get(request: HttpRequest, rejected_event: str) -> RejectedEvent:
    """As it was sent."""
    with reading(holder(request).merchant_id) as session:
        return _shown(letters.letter_of(session, _own(rejected_event)))


@router.put(
    "/rejected_events/{rejected_event}",
    operation_id="mend_rejected_event",
    auth=Bearer("write"),
    response={200: MendedEvent, **WRITES},
    summary="Mend a rejected event",
)
def mend(request: HttpRequest, rejected_event: str, event: Body[dict[str, Any]]) -> MendedEvent:
    """The whole event as it should have been; it is sent again at once."""
    verdict = mend_events.mend(
        *(holder(request).merchant_id, _own(rejected_event), event),
        *(real_now(), actor_of(request)),
    )
    return MendedEvent(
        status=verdict.status,
        code=verdict.code or None,
        field=verdict.field or None,
        detail=verdict.detail or None,
        note=verdict.note or None,
    )


def _shown(one: Letter) -> RejectedEvent:
    return RejectedEvent(
        id=own_id("rejected_event", one.id),
        event_id=one.event_id,
        source=one.source,
        code=one.code,
        field=one.field,
        detail=one.detail,
        event=one.event,
        received_at=one.received_at,
    )


def _own(text: str) -> UUID:
    try:
        return parsed("rejected_event", text)
    except Invalid:
        raise letters.no_letter() from None
