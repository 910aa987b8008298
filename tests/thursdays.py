"""A subscription with a box each Thursday, and a shop in which its changes are decided."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.catalog import DeliverySchedule
from kesto.core.changes import Shop
from kesto.core.history import SubscriptionEvent
from kesto.core.life import Life
from tests.histories import BEGUN, lived, on, plan_item

# Thursdays from 7 October on; that of the 14th can be changed through the 11th.
WEEKLY = DeliverySchedule(Interval("week"), 4, cut_off_days=3, skipping="credited", most_skips=2)
THURSDAY, LAST_DAY, TOO_LATE = "2027-10-14", "2027-10-11", "2027-10-12"
NEW = UUID(int=900)
NOTHING: Mapping[str, Any] = {}


def boxed(*events: SubscriptionEvent, **schedule: Any) -> Life:
    """Its life, by a schedule that may be a little different."""
    item = plan_item(delivery=replace(WEEKLY, **schedule))
    return lived(*events, begun=replace(BEGUN, items=(item,)))


def shop(today: str = LAST_DAY, **more: Any) -> Shop:
    """A shop on a day; what it makes anew has the id NEW."""
    return Shop(on(today), "EUR", True, NOTHING, NOTHING, NOTHING, NOTHING, lambda: NEW, **more)
