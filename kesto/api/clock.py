"""A test merchant's own clock: what time it is there, and time that passes."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, real_now
from kesto.api.once import REQUIRED, Made, once
from kesto.api.schema import Schema
from kesto.api.values import Given, Moment
from kesto.core.refusals import NotAllowed
from kesto.flows.live_through import LIVE_THROUGH, ask_to_live_through
from kesto.store import clock, merchants
from kesto.store.session import Session, reading

router = Router(tags=["test clock"])


class Clock(Schema):
    """Where the clock stands; `moving_to` is where it is on its way to, null when it stands.

    `error` says why it stopped before it was there.
    """

    clock_at: datetime
    moving_to: datetime | None
    error: str | None


class ClockMoved(Given):
    """How far time passes: to a moment up to 400 days ahead."""

    to: Moment


@router.get(
    "/test_clock",
    operation_id="get_test_clock",
    auth=Bearer("read"),
    response={200: Clock, **READS},
    summary="Read a test merchant's clock",
)
def get(request: HttpRequest) -> Clock:
    """Refused with `live_clock` for a live merchant, which goes by the real time."""
    with reading(holder(request).merchant_id) as session:
        return _shown(session)


@router.post(
    "/test_clock",
    operation_id="move_test_clock",
    auth=Bearer("write"),
    response={202: Clock, **WRITES},
    summary="Let a test merchant's time pass",
    openapi_extra=REQUIRED,
)
def move(request: HttpRequest, body: ClockMoved) -> HttpResponse:
    """Each day on the way is billed as it would be; a worker does it, look until it stands."""

    def work(session: Session) -> Made:
        own = session.merchant_id
        ask_to_live_through(own, body.to, actor_of(request), due_at=real_now())
        return Made(202, _shown(session), own)

    return once(request, work)


def _shown(session: Session) -> Clock:
    merchant = merchants.merchant(session)
    if merchant.clock_at is None:
        raise NotAllowed("a live merchant goes by the real time", code="live_clock")
    last = clock.journey(session, LIVE_THROUGH)
    return Clock(
        clock_at=merchant.clock_at,
        moving_to=last.to if last and last.state == "waiting" else None,
        error=last.error if last and last.state == "dead" else None,
    )
