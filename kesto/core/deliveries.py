"""Deliveries: what comes to a subscriber on which day, and what is known of its way there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.catalog import Skipping
from kesto.core.entitlements import quantity_on
from kesto.core.item import Course
from kesto.core.life import DAY, Life
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.core.rhythm import Rhythm

State = Literal["sent", "delivered", "failed", "returned"]
NOTHING_YET = ""
LONGEST_WINDOW_DAYS = 400
MOST_DAYS_AHEAD = 31
"""So long before its day a delivery can be marked as sent: a typing error goes no further."""

NEXT: Mapping[str, frozenset[str]] = {
    NOTHING_YET: frozenset({"sent", "delivered", "failed"}),
    "sent": frozenset({"delivered", "failed", "returned"}),
    "delivered": frozenset({"returned"}),
    "failed": frozenset({"sent", "delivered", "returned"}),
    "returned": frozenset({"sent"}),
}
"""What may follow what on the way of a delivery."""


class Delivered(Struct, frozen=True, gc=False):
    """An item that is delivered, as a life or its row has it; `owner_id` is what was published."""

    id: UUID
    owner_id: UUID
    code: str
    quantity: Decimal
    start_on: date
    end_on: date | None
    rhythm: Rhythm
    course: Course | None = None


class Content(Struct, frozen=True, gc=False):
    """What a delivery has of an item."""

    item_id: UUID
    owner_id: UUID
    code: str
    quantity: Decimal


class Delivery(Struct, frozen=True, gc=False):
    """What comes on a day, with the last day on which it can be changed, to its end."""

    on: date
    last_change_on: date
    contents: tuple[Content, ...]
    skipping: Skipping
    most_skips: int
    is_skipped: bool


class FulfilmentEvent(Struct, frozen=True):
    """What happened to the delivery of a subscription on a day, as the one who carries it says.

    `contents` is what was in it when the event was written down.
    """

    id: UUID
    subscription_id: UUID
    delivery_on: date
    state: State
    at: datetime
    carrier: str = ""
    tracking: str = ""
    note: str = ""
    external_id: str = ""
    contents: tuple[Content, ...] = ()


def delivered_items(life: Life) -> list[Delivered]:
    """The items of a life that are delivered."""
    return [
        Delivered(
            *(item.id, item.owner_id, item.code, item.quantity, item.start_on, item.end_on),
            *(item.rhythm, item.course),
        )
        for item in life.items
        if item.rhythm is not None and item.owner_id is not None
    ]


def deliveries(items: Iterable[Delivered], from_on: date, until_on: date) -> list[Delivery]:
    """The deliveries of one subscription in `[from_on, until_on)`, the first one first.

    What comes on one day comes together and is skipped together: the strictest of the schedules
    says until when and whether. A paused day has none.
    """
    by_day: dict[date, list[tuple[Delivered, Content]]] = {}
    for item in items:
        until = until_on if item.end_on is None else min(until_on, item.end_on)
        for day in item.rhythm.days(max(from_on, item.start_on), until):
            quantity = quantity_on(day, item.quantity, item.course)
            if quantity > 0:
                content = Content(item.id, item.owner_id, item.code, quantity)
                by_day.setdefault(day, []).append((item, content))
    return [_together(day, by_day[day]) for day in sorted(by_day)]


def delivery_on(items: Iterable[Delivered], day: date) -> Delivery | None:
    """The delivery of one subscription on a day, or None."""
    return next(iter(deliveries(items, day, day + DAY)), None)


def check_step(
    before: str, event: State, delivery_on: date, today: date, *, is_planned: bool
) -> None:
    """Refuse what can't have happened to a delivery. Raises NotFound, Conflict or Invalid."""
    if not before and not is_planned:
        raise NotFound(
            f"nothing is delivered on {delivery_on}; look at the deliveries of the subscription",
            code="no_delivery",
            field="on",
        )
    if (delivery_on - today).days > MOST_DAYS_AHEAD:
        raise Invalid(
            f"{delivery_on} is more than {MOST_DAYS_AHEAD} days ahead; mark it later",
            code="too_early",
            field="on",
        )
    if event not in NEXT[before]:
        known = ", ".join(sorted(NEXT[before]))
        raise Conflict(
            f"the delivery is {before or 'not sent yet'}; now it can become {known}",
            code="bad_step",
            field="state",
        )


def _together(day: date, found: Sequence[tuple[Delivered, Content]]) -> Delivery:
    rhythms = [item.rhythm for item, _ in found]
    limits = [one.schedule.most_skips for one in rhythms if one.schedule.most_skips]
    return Delivery(
        on=day,
        last_change_on=min(one.last_change_on(day) for one in rhythms),
        contents=tuple(content for _, content in found),
        skipping=min((one.schedule.skipping for one in rhythms), key=_STRICTNESS.__getitem__),
        most_skips=min(limits, default=0),
        is_skipped=any(day in one.skips for one in rhythms),
    )


_STRICTNESS: Mapping[Skipping, int] = {"not_allowed": 0, "not_credited": 1, "credited": 2}
