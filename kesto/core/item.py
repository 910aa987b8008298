"""What runs in a subscription: prices in a quantity over a span of days, and its course in time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import MONTHS, Alignment, Interval, Schedule, midnight
from kesto.core.catalog import WHOLE_PERCENT, Price
from kesto.core.rhythm import Rhythm

DAY = timedelta(days=1)


class Cadence(Struct, frozen=True, gc=False, cache_hash=True):
    """How a subscription cuts time: its start, its alignment, and the zone of its days."""

    start_on: date
    alignment: Alignment = "anniversary"
    billing_day: int = 0
    anchor: date | None = None
    zone: str = "UTC"

    def schedule(self, interval: Interval) -> Schedule:
        """The periods of an interval; a billing day is for months, weeks run from the start."""
        is_free = self.alignment == "billing_day" and interval.unit not in MONTHS
        alignment: Alignment = "anniversary" if is_free else self.alignment
        return Schedule(self.start_on, interval, alignment, self.billing_day, self.anchor)


class Step(Struct, frozen=True, gc=False):
    """Another quantity from a day on."""

    on: date
    quantity: Decimal


class Pause(Struct, frozen=True, gc=False):
    """Days from `start` to before `end` (None: until further notice) at a part of the price."""

    start: date
    end: date | None
    percent: Decimal


class Turn(Struct, frozen=True, gc=False):
    """Another cadence from a day on: the running period is cut there and new ones begin."""

    on: date
    cadence: Cadence


class ZoneFrom(Struct, frozen=True, gc=False):
    """Another time zone from a day on; the period that runs goes on to its end."""

    on: date
    zone: str


class Course(Struct, frozen=True, gc=False, omit_defaults=True, cache_hash=True):
    """What happens to an item after it starts; most items have none.

    `percent` of its recurring prices is charged throughout, such as 0 in a free trial. With
    `carries_on` it goes on from another item, so that what is sold once was sold already. `zones`
    are other time zones from a day on, the one by which it begins among them; `cadence` is the
    item's where it differs from the one its subscription began with. `rhythm` is there when
    deliveries were skipped that are credited.
    """

    steps: tuple[Step, ...] = ()
    pauses: tuple[Pause, ...] = ()
    turns: tuple[Turn, ...] = ()
    zones: tuple[ZoneFrom, ...] = ()
    cadence: Cadence | None = None
    percent: Decimal = WHOLE_PERCENT
    carries_on: bool = False
    rhythm: Rhythm | None = None

    def pause_at(self, day: date) -> Pause | None:
        """The pause that a day lies in; of several the one that began last."""
        found = [
            one for one in self.pauses if one.start <= day and (one.end is None or day < one.end)
        ]
        return max(found, key=lambda one: one.start, default=None)


class Extra(Struct, frozen=True, gc=False, omit_defaults=True):
    """What is sold once beside the plan, and the texts that stand on its line."""

    product_id: UUID
    unit_amount: Decimal
    texts: dict[str, str] = {}
    reason: str = ""


class Item(Struct, frozen=True, gc=False):
    """Prices that run in a quantity from `start_on` to before `end_on` (None: on and on).

    What a meter counts for it is what happened in its subscription; before there is one, nothing.
    """

    id: UUID
    prices: tuple[Price, ...]
    quantity: Decimal
    cadence: Cadence
    start_on: date
    end_on: date | None = None
    billed_from: date | None = None
    course: Course | None = None
    subscription_id: UUID | None = None

    @property
    def first_on(self) -> date:
        """The first day that is ours to bill."""
        return first_on(self.start_on, self.billed_from)

    def quantity_at(self, day: date) -> Decimal:
        """The quantity that runs on a day."""
        steps = self.course.steps if self.course else ()
        return next((step.quantity for step in reversed(steps) if step.on <= day), self.quantity)

    def zone_on(self, day: date) -> str:
        """The time zone that the clock of a day goes by, from the day before the item's first."""
        zones = () if self.course is None else self.course.zones
        return next((one.zone for one in reversed(zones) if one.on <= day), self.cadence.zone)

    def begins_at(self, day: date) -> datetime:
        """The instant at which a period that opens on a day begins, and the one before it ends.

        It is midnight by the clock of the day before: where a zone changes, no hour is missed and
        none comes twice. The day after a change that skips more than a day begins with the change.
        """
        zones = () if self.course is None else self.course.zones
        if not zones:
            return midnight(day, self.cadence.zone)
        at = midnight(day, self.zone_on(day - DAY))
        if any(one.on == day - DAY for one in zones):
            return max(at, self.begins_at(day - DAY))
        return at

    def segments(self) -> Iterator["Segment"]:
        """The days of the item by the cadence that cuts them, in order."""
        turns = self.course.turns if self.course else ()
        start, cadence = self.start_on, self.cadence
        for turn in turns:
            if self.end_on is not None and turn.on >= self.end_on:
                break
            yield Segment(start, turn.on, cadence)
            start, cadence = turn.on, turn.cadence
        yield Segment(start, self.end_on, cadence)


class Segment(NamedTuple):
    """Days of an item that one cadence cuts."""

    start_on: date
    end_on: date | None
    cadence: Cadence


def first_on(start_on: date, billed_from: date | None) -> date:
    """The first day that is ours to bill."""
    return start_on if billed_from is None else max(start_on, billed_from)
