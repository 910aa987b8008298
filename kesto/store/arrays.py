"""Arrays for queries about very many rows, encoded in one go.

psycopg encodes a list element by element, which takes longer than looking the rows up.
Format: PostgreSQL's array_recv, one dimension.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Dumper

from kesto.core.remembered import Remembered
from kesto.store.copying import EPOCH_ORDINAL, NULL, instant_field
from kesto.store.session import Session

# The numbers of types in PostgreSQL's own catalogue.
BOOL, INT8, DATE, TIMESTAMPTZ, UUID_TYPE = 16, 20, 1082, 1184, 2950
SIXTEEN = struct.pack("!i", 16)
TRUE, FALSE = struct.pack("!i?", 1, True), struct.pack("!i?", 1, False)


class Packed(bytes):
    """An array as PostgreSQL receives it; the query says its type: `%(ids)s::uuid[]`."""


class _PackedDumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, value: Any) -> Buffer:
        """The bytes themselves."""
        return bytes(value)


def uuids(values: Iterable[UUID]) -> Packed:
    """An array of ids."""
    return _packed(UUID_TYPE, [SIXTEEN + value.bytes for value in values])


def ids(values: Iterable[bytes]) -> Packed:
    """An array of ids whose 16 bytes are at hand."""
    return _packed(UUID_TYPE, [SIXTEEN + value for value in values])


def dates(values: Iterable[date | None]) -> Packed:
    """An array of days; few of them differ."""
    return _packed(DATE, [_days[value] for value in values], has_nulls=True)


def truths(values: Iterable[bool]) -> Packed:
    """An array of true and false."""
    return _packed(BOOL, [TRUE if value else FALSE for value in values])


def instants(values: Iterable[datetime]) -> Packed:
    """An array of instants; few of them differ."""
    return _packed(TIMESTAMPTZ, [instant_field(value) for value in values])


def numbered(count: int) -> Packed:
    """The array of 0, 1, 2 ... so many."""
    each = struct.Struct("!iq").pack
    return _packed(INT8, [each(8, number) for number in range(count)])


def rows(session: Session, query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """All rows of a query that is given packed arrays; its parameters stand in it by name."""
    return _cursor(session).execute(query.encode(), parameters, binary=True).fetchall()


def change(session: Session, query: str, parameters: Mapping[str, object]) -> int:
    """Run a statement that is given packed arrays; says how many rows it touched."""
    return _cursor(session).execute(query.encode(), parameters).rowcount


def _cursor(session: Session) -> psycopg.Cursor[tuple[Any, ...]]:
    cursor = psycopg.Cursor(session.connection)
    cursor.adapters.register_dumper(Packed, _PackedDumper)
    return cursor


def _packed(kind: int, fields: Sequence[bytes], *, has_nulls: bool = False) -> Packed:
    if not fields:
        return Packed(struct.pack("!3i", 0, 0, kind))
    head = struct.pack("!5i", 1, has_nulls, kind, len(fields), 1)
    return Packed(b"".join((head, *fields)))


def _day(value: date | None) -> bytes:
    return NULL if value is None else struct.pack("!ii", 4, value.toordinal() - EPOCH_ORDINAL)


_days = Remembered(_day)
