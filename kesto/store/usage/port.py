"""The port of the event store: what every place that usage events are kept in can do.

What is new is decided before, by `event_key` in PostgreSQL, in the same transaction; so no store
has to find out by itself what it has seen. All stores answer alike, to the last digit: one suite
of contracts runs against each.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from kesto.core.counting import Ask
from kesto.core.metering.metered import Labels
from kesto.core.pricing import Usage
from kesto.store import arrays
from kesto.store.session import Session

ALL = 2**62
"""As of no batch in particular: everything that is there."""


class Arrival(Struct, frozen=True, gc=False):
    """An event as it is kept: `number` as text; `content` tells it from another of the same key.

    `properties` are JSON.

    Its ids and hashes are their 16 bytes, in which they are sent, compared and found the soonest.
    """

    subscription_id: bytes
    meter_id: bytes
    at: datetime
    key: bytes
    content: bytes
    happened_at: datetime | None
    source: str
    event_id: str
    number: str
    name: str | None
    is_removal: bool
    labels: tuple[str | None, ...] | None
    problem: str
    sent: str
    properties: bytes | None


class Arrivals(Struct, dict=True):
    """Events as they are kept, field by field: what stands at a place of each is of one event.

    The fields are those of `Arrival`. Very many events are taken in without an object for each.
    """

    subscription_ids: Sequence[bytes]
    meter_ids: Sequence[bytes]
    ats: Sequence[datetime]
    keys: Sequence[bytes]
    contents: Sequence[bytes]
    happened_ats: Sequence[datetime | None]
    sources: Sequence[str]
    event_ids: Sequence[str]
    numbers: Sequence[str]
    names: Sequence[str | None]
    removals: Sequence[bool]
    labels: Sequence[tuple[str | None, ...] | None]
    problems: Sequence[str]
    sents: Sequence[str]
    properties: Sequence[bytes | None]

    @classmethod
    def of(cls, arrivals: Sequence[Arrival]) -> "Arrivals":
        """Of events one by one."""
        if not arrivals:
            return cls(*(() for _ in cls.__struct_fields__))
        return cls(*zip(*map(astuple, arrivals), strict=True))

    @cached_property
    def instants(self) -> Sequence[bytes]:
        """`ats` as the database is told them, which it is several times."""
        return arrays.instant_fields(self.ats)

    def __len__(self) -> int:
        """How many they are."""
        return len(self.keys)

    def and_(self, others: "Arrivals") -> "Arrivals":
        """These and others."""
        both = zip(astuple(self), astuple(others), strict=True)
        return Arrivals(*([*one, *other] for one, other in both))

    def picked(self, places: Sequence[int]) -> "Arrivals":
        """Those at some places, in their order."""
        return Arrivals(*map(picking(places), astuple(self)))

    def each(self) -> Iterator[Arrival]:
        """One by one."""
        return map(Arrival, *astuple(self))


class KeptEvent(Struct, frozen=True):
    """An event as it was taken in; `at` is when it counts, `happened_at` when it was, if other.

    `problem` says why it does not count; `sent` is its value as it came.
    """

    key: UUID
    subscription_id: UUID
    meter_id: UUID
    at: datetime
    happened_at: datetime | None
    source: str
    event_id: str
    number: Decimal
    name: str | None
    is_removal: bool
    labels: Sequence[str | None] | None
    problem: str
    sent: str
    properties: Mapping[str, Any] | None
    ingest_no: int
    received_at: datetime


class Wanted(Struct, frozen=True):
    """Which events: of a subscription, of a meter if said, from an instant to before another.

    `seen` leaves out what came after that batch, `is_counted` what does not count.
    """

    subscription_id: UUID
    meter_id: UUID | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    seen: int = ALL
    is_counted: bool = False


class Window(Struct, frozen=True, gc=False):
    """The counted events of a subscription and a meter from an instant to before another."""

    subscription_id: UUID
    meter_id: UUID
    start_at: datetime
    end_at: datetime


class Sum(Struct, frozen=True, gc=False):
    """What the events of a window with the same labels come to; `newest` is their last batch."""

    events: int
    added: Decimal
    highest: Decimal
    newest: int


class EventStore(Protocol):
    """Where usage events are kept. Everything is of the session's merchant."""

    def keep(self, session: Session, arrivals: Arrivals, batch: int, now: datetime) -> None:
        """Append events whose keys were new, committed together with the session."""

    def sums(
        self, session: Session, windows: Sequence[Window], batch: int = ALL
    ) -> list[dict[Labels, Sum]]:
        """What many windows come to up to a batch, by the labels of their groups."""

    def count(
        self, session: Session, asks: Sequence[Ask], batch: int = ALL
    ) -> Iterator[tuple[Ask, Usage, int]]:
        """The answers to asks that no sums are enough for, each with the newest batch in it."""

    def events(
        self, session: Session, wanted: Wanted, limit: int, after: UUID | None = None
    ) -> list[KeptEvent]:
        """So many events in the order of (time, key), after the one with a key."""

    def how_many(self, session: Session, wanted: Wanted, most: int = ALL) -> int:
        """How many events there are; `most` is enough to know."""

    def by_day(self, session: Session, wanted: Wanted, zone: str) -> list[tuple[date, Decimal]]:
        """What counted events come to on each local day that has any."""


def picking(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What takes of any column what stands at some places, in their order."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda column: [column[place] for place in places]
