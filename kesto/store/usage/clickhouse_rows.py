"""Events as they are written to ClickHouse, an object for each, and read from it, as arrays."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from kesto.store.usage.port import KeptEvent
from kesto.store.usage.spool import Batch

ROWS = msgspec.json.Encoder()


class Row(Struct, frozen=True, gc=False):
    """An event with the columns of the table; `properties` become the text of their JSON."""

    merchant_id: UUID
    subscription_id: UUID
    meter_id: UUID
    at: datetime
    key: UUID
    happened_at: datetime | None
    source: str
    event_id: str
    number: str
    name: str | None
    is_removal: bool
    labels: tuple[str | None, ...] | None
    problem: str
    sent: str
    properties: str
    ingest_no: int
    received_at: datetime


class SumRow(Struct, frozen=True, gc=False, array_like=True):
    """What the events of a window with the same labels come to."""

    n: int
    labels: tuple[str | None, ...]
    events: int
    added: Decimal
    highest: Decimal
    newest: int


class EventRow(Struct, frozen=True, gc=False, array_like=True):
    """An event as it is read: its columns in the order of a kept one's fields."""

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
    labels: tuple[str | None, ...]
    problem: str
    sent: str
    properties: str
    ingest_no: int
    received_at: datetime

    def event(self) -> KeptEvent:
        """The event; where there are no labels or properties, ClickHouse has empty ones."""
        found = structs.asdict(self)
        properties = msgspec.json.decode(self.properties) if self.properties else None
        return KeptEvent(**{**found, "labels": self.labels or None, "properties": properties})


def rows_of(batch: Batch) -> Iterator[Row]:
    """The rows of a batch, in its order."""
    for one in batch.arrivals:
        yield Row(
            merchant_id=batch.merchant_id,
            subscription_id=one.subscription_id,
            meter_id=one.meter_id,
            at=one.at,
            key=one.key,
            happened_at=one.happened_at,
            source=one.source,
            event_id=one.event_id,
            number=one.number,
            name=one.name,
            is_removal=one.is_removal,
            labels=one.labels,
            problem=one.problem,
            sent=one.sent,
            properties=text_of(one.properties),
            ingest_no=batch.ingest_no,
            received_at=batch.received_at,
        )


def text_of(properties: Mapping[str, object] | None) -> str:
    """Properties as the text of their JSON; empty where there are none."""
    return ROWS.encode(properties).decode() if properties else ""
