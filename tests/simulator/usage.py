"""What the simulated subscriptions use: events that come shuffled, doubled and late, and counting.

The office counts as the store does, by the spans that the core asks for. `MeteredDays` tells from
history alone on which days of whose a meter runs, and the oracle counts by those.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import midnight
from kesto.core.catalog import Price
from kesto.core.counting import ask_of, from_readings, from_sums
from kesto.core.due import Stretch
from kesto.core.exact import fraction
from kesto.core.history import Told, ZoneChanged, in_effect
from kesto.core.item import Item
from kesto.core.metering.event import Reading
from kesto.core.pricing import Usage
from kesto.core.rating import nothing_used
from tests.simulator.coverage import CLOCK_NIGHTS
from tests.simulator.wares import METERS, ZONES

DAY = timedelta(days=1)
AMOUNTS = tuple(map(Decimal, ("1", "0.5", "12", "0.001", "100", "7")))


class Used(Struct, frozen=True):
    """An event as it was sent."""

    id: int
    meter: str
    at: datetime
    amount: Decimal


class Book:
    """The events of a subscription, each once."""

    def __init__(self) -> None:
        self._known: dict[int, Used] = {}

    def takes_in(self, sent: Iterable[Used]) -> list[Used]:
        """Keep what is new; answers it."""
        before = set(self._known)
        for one in sent:
            self._known.setdefault(one.id, one)
        return [one for own, one in self._known.items() if own not in before]

    def counted(self, meter: str, start_at: datetime, end_at: datetime) -> list[Used]:
        """What a meter saw in a span."""
        return [
            one
            for one in self._known.values()
            if one.meter == meter and start_at <= one.at < end_at
        ]

    def used(self, item: Item, sold: Price, stretch: Stretch) -> Usage:
        """What a metered price counts of it, in the way that the core asks for."""
        ask = ask_of(item, sold, stretch, METERS)
        if ask is None:
            return nothing_used(item, sold, stretch)
        found = self.counted(ask.sold.code, ask.span.start_at, ask.span.end_at)
        if ask.way == "readings":
            in_order = sorted(found, key=lambda one: (one.at, one.id))
            readings = [Reading(one.at, fraction(one.amount)) for one in in_order]
            return from_readings(ask, {(): readings} if readings else {})
        counts = ask.sold.meter.aggregation == "count"
        amounts = [Decimal(1) if counts else one.amount for one in found]
        return from_sums(ask, {(): sum(amounts, Decimal(0))} if amounts else {})


def made_usage(
    random: Random, now: datetime, first_id: int, days: Sequence[date] = ()
) -> list[Used]:
    """Some events of the last weeks: some at the turn of a day, some of a clock night.

    On `days` something changed; it turns them by any clock.
    """
    made = []
    for place in range(random.randrange(1, 16)):
        at = min(_instant(random, now, days), now)
        made.append(
            Used(first_id + place, random.choice(sorted(METERS)), at, random.choice(AMOUNTS))
        )
    return made


def _instant(random: Random, now: datetime, days: Sequence[date]) -> datetime:
    at = now - timedelta(seconds=random.randrange(1, 60 * 86_400))
    chance = random.random()
    if chance < 0.4:
        day = random.choice(days) if days and chance < 0.3 else at.date()
        edge = midnight(day, random.choice(ZONES))
        return edge + random.choice((timedelta(0), -timedelta(microseconds=1), timedelta(hours=1)))
    nights = [one for one in sorted(CLOCK_NIGHTS) if DAY <= now.date() - one < 60 * DAY]
    if chance < 0.5 and nights:
        night = random.choice(nights)
        start = datetime(night.year, night.month, night.day, tzinfo=UTC)
        return start + timedelta(hours=random.randrange(-14, 30))
    return at


class MeteredDays:
    """The days on which metered prices run, by price and payer, in pieces that may meet."""

    def __init__(self, told: Sequence[Told], zone: str) -> None:
        self._zone = zone
        self._changes = [one.event for one in in_effect(told) if isinstance(one.event, ZoneChanged)]
        self.pieces: dict[tuple[UUID, UUID], list[tuple[date, date]]] = defaultdict(list)

    def quantities(
        self, book: Book, meters: Mapping[UUID, str]
    ) -> dict[tuple[UUID, UUID], Decimal]:
        """What was used on those days, by payer and price."""
        found: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
        for (group_id, price_id), pieces in self.pieces.items():
            meter = meters[price_id]
            for start, end in pieces:
                seen = book.counted(meter, self._turn(start), self._turn(end))
                is_counted = METERS[meter].meter.aggregation == "count"
                amounts = [Decimal(1) if is_counted else one.amount for one in seen]
                found[group_id, price_id] += sum(amounts, Decimal(0))
        return found

    def _turn(self, day: date) -> datetime:
        """When a day begins by the clock of the day before it."""
        before = day - DAY
        zones = [self._zone, *(one.zone for one in self._changes if one.on <= before)]
        at = midnight(day, zones[-1])
        # Who moves across the date line skips a day, or has one twice.
        return max(at, self._turn(before)) if before in {one.on for one in self._changes} else at
