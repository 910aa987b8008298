"""The billing schedule: when a merchant's runs come by themselves."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, StrictInt

from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of
from kesto.api.once import REQUIRED, Made, once
from kesto.api.schema import Schema
from kesto.api.values import Flag, Given
from kesto.core.billing_schedule import LAST_HOUR
from kesto.core.calendar import LAST_BILLING_DAY
from kesto.flows.set_billing_schedule import NewSchedule, set_billing_schedule
from kesto.store import merchants
from kesto.store.session import Session, reading

router = Router(tags=["billing schedule"])
Day = Annotated[StrictInt, Field(ge=1, le=LAST_BILLING_DAY)]


class BillingSchedule(Schema):
    """On which days of the month runs come, from which hour on by the clock of `zone`.

    No `days` is each day on which something is due. While `by_hand` is true none comes by itself.
    """

    days: list[int]
    hour: int
    zone: str
    by_hand: bool


class WantedSchedule(Given):
    """What is to be another; what is left out stays. A day that a month has not is its last one."""

    days: Annotated[
        list[Day] | None,
        Field(max_length=LAST_BILLING_DAY, description="[] is each day."),
    ] = None
    hour: Annotated[StrictInt, Field(ge=0, le=LAST_HOUR)] | None = None
    by_hand: Flag | None = None


@router.get(
    "/billing_schedule",
    operation_id="get_billing_schedule",
    auth=Bearer("read"),
    response={200: BillingSchedule, **READS},
    summary="Read when billing runs come",
)
def get(request: HttpRequest) -> BillingSchedule:
    """A test merchant's runs come as its clock is moved, whatever this says."""
    with reading(holder(request).merchant_id) as session:
        return _shown(session)


@router.post(
    "/billing_schedule",
    operation_id="set_billing_schedule",
    auth=Bearer("write"),
    response={200: BillingSchedule, **WRITES},
    summary="Set when billing runs come, or switch them off",
    openapi_extra=REQUIRED,
)
def change(request: HttpRequest, body: WantedSchedule) -> HttpResponse:
    """It holds from now on; a run that has begun goes on. `by_hand` switches it off and on."""

    def work(session: Session) -> Made:
        days = None if body.days is None else ",".join(map(str, body.days))
        now = now_of(merchants.merchant(session))
        wanted = NewSchedule(days, body.hour, body.by_hand)
        set_billing_schedule(session.merchant_id, wanted, now, actor_of(request))
        return Made(200, _shown(session), session.merchant_id)

    return once(request, work)


def _shown(session: Session) -> BillingSchedule:
    limits = merchants.limits(session)
    return BillingSchedule(
        days=[int(day) for day in limits.billing_days.split(",") if day],
        hour=limits.billing_hour,
        zone=merchants.billing_entities(session)[0].zone,
        by_hand=limits.bills_by_hand,
    )
