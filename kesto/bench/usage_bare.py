"""The bare ways to keep what systems send: nothing is placed, priced, known again or summed up.

Every row has all columns of the product's table.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from psycopg.types.json import Jsonb

from kesto.bench.crew import Worked

TABLE = "bare_event"
KINDS = {
    "merchant_id": "uuid",
    "subscription_id": "uuid",
    "meter_id": "uuid",
    "at": "timestamptz",
    "key": "uuid",
    "happened_at": "timestamptz",
    "source": "text",
    "event_id": "text",
    "number": "numeric",
    "name": "text",
    "is_removal": "bool",
    "labels": "text[]",
    "problem": "text",
    "sent": "text",
    "properties": "jsonb",
    "ingest_no": "int8",
    "received_at": "timestamptz",
}
MAKE = f"create table {TABLE} ({', '.join(f'{name} {kind}' for name, kind in KINDS.items())})"
KEY = f"alter table {TABLE} add primary key (merchant_id, key)"
COPY = f"copy {TABLE} ({', '.join(KINDS)}) from stdin (format binary)"
INSERT = f"insert into {TABLE} values ({', '.join(['%s'] * len(KINDS))})"  # noqa: S608 - placeholders only
SOMEBODY = UUID(int=1)
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)


class Bare(Struct, gc=False):
    """An event as its sender wrote it."""

    id: str
    customer: str
    meter: str
    time: datetime
    value: str
    properties: dict[str, Any]


def events_of(body: bytes) -> list[Bare]:
    """The events of a body: one, or a list."""
    return [_one.decode(body)] if body.startswith(b"{") else _many.decode(body)


def row_of(event: Bare) -> tuple[object, ...]:
    """The row of an event, with whoever and whatever it is of left out."""
    key = msgspec.convert(blake2b(event.id.encode(), digest_size=16).digest(), UUID)
    return (
        *(SOMEBODY, SOMEBODY, SOMEBODY, event.time, key, None, "api", event.id),
        *(Decimal(event.value), None, False, None, "", event.value, Jsonb(event.properties), 1),
        NOW,
    )


def copy(connection: psycopg.Connection, bodies: Sequence[bytes]) -> Worked:
    """Decode bodies and write their rows by one binary COPY, in this process."""
    began = time.perf_counter()
    with connection.cursor().copy(COPY.encode()) as rows:
        rows.set_types(list(KINDS.values()))
        for body in bodies:
            for event in events_of(body):
                rows.write_row(row_of(event))
    connection.commit()
    return Worked(time.perf_counter() - began, ())


def premade(connection: psycopg.Connection, bodies: Sequence[bytes]) -> Worked:
    """Push the rows as the bytes that they are in the end, made before the clock runs."""
    copy(connection, bodies)
    with connection.cursor().copy(f"copy {TABLE} to stdout (format binary)".encode()) as rows:
        made = b"".join(rows)
    connection.execute(f"truncate {TABLE}".encode())
    connection.commit()
    began = time.perf_counter()
    with connection.cursor().copy(COPY.encode()) as rows:
        rows.write(made)
    connection.commit()
    return Worked(time.perf_counter() - began, ())


def insert(connection: psycopg.Connection, bodies: Sequence[bytes]) -> Worked:
    """Decode bodies and write each row by an INSERT and a commit, in this process."""
    began = time.perf_counter()
    for body in bodies:
        for event in events_of(body):
            connection.execute(INSERT.encode(), row_of(event), prepare=True)
            connection.commit()
    return Worked(time.perf_counter() - began, ())


_one = msgspec.json.Decoder(Bare)
_many = msgspec.json.Decoder(list[Bare])
