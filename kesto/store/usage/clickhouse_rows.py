"""Events as they are written to ClickHouse: one JSON object on a line for each."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

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


def rows_of(batch: Batch) -> Iterator[Row]:
    """The rows of a batch, in its order."""
    for one in batch.arrivals:
        yield Row(
            *(batch.merchant_id, one.subscription_id, one.meter_id, one.at, one.key),
            *(one.happened_at, one.source, one.event_id, one.number, one.name, one.is_removal),
            *(one.labels, one.problem, one.sent, text_of(one.properties)),
            *(batch.ingest_no, batch.received_at),
        )


def text_of(properties: Mapping[str, object] | None) -> str:
    """Properties as the text of their JSON; empty where there are none."""
    return ROWS.encode(properties).decode() if properties else ""
