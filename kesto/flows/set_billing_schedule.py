"""Set the billing schedule: when runs come by themselves, or that they don't."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from kesto.core.billing_schedule import checked_hour, read_days
from kesto.store import audit, merchants
from kesto.store.session import writing


class NewSchedule(Struct, frozen=True):
    """What is to be another: days of the month as people write them, an hour, by whom.

    None stays as it is.
    """

    days: str | None = None
    hour: int | None = None
    is_by_hand: bool | None = None


def set_billing_schedule(merchant_id: UUID, wanted: NewSchedule, now: datetime, actor: str) -> None:
    """Say when runs come; the days and the hour are kept while they come by hand. Raises Invalid.

    What says nothing new changes nothing and is not noted.
    """
    given: dict[str, str | int | bool] = {}
    if wanted.days is not None:
        given["billing_days"] = ",".join(map(str, read_days(wanted.days)))
    if wanted.hour is not None:
        given["billing_hour"] = checked_hour(wanted.hour, "billing_hour")
    if wanted.is_by_hand is not None:
        given["bills_by_hand"] = wanted.is_by_hand
    with writing(merchant_id) as session:
        before = merchants.limits_to_change(session)
        will = structs.replace(before, **given)
        if will == before:
            return
        merchants.set_billing_schedule(session, will)
        data = {
            "billing_days": will.billing_days,
            "billing_hour": will.billing_hour,
            "bills_by_hand": will.bills_by_hand,
        }
        audit.record(session, "set_billing_schedule", data, now, actor)
