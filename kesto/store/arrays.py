"""Arrays for queries about very many rows, encoded in one go.

psycopg encodes a list element by element, which takes longer than looking the rows up.
Format: PostgreSQL's array_recv, one dimension.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Dumper

from kesto.store.copying import instant_field
from kesto.store.session import Session

# The numbers of types in PostgreSQL's own catalogue.
INT8, TEXT, UUID_TYPE, TIMESTAMPTZ = 20, 25, 2950, 1184
SIXTEEN = struct.pack("!i", 16)
NOTHING = struct.pack("!i", -1)
LENGTHS = [struct.pack("!i", length) for length in range(1_024)]


class Packed(bytes):
    """An array as PostgreSQL receives it; the query says its type: `%(ids)s::uuid[]`."""


class _PackedDumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, value: Any) -> Buffer:
        """The bytes themselves."""
        return bytes(value)


def uuids(values: Iterable[UUID]) -> Packed:
    """An array of ids."""
    return uuids_of([value.bytes for value in values])


def uuids_of(names: Sequence[bytes]) -> Packed:
    """An array of ids that are bytes already."""
    if not names:
        return _packed(UUID_TYPE, ())
    return _array(UUID_TYPE, len(names), [SIXTEEN, SIXTEEN.join(names)])


def instants(values: Iterable[datetime]) -> Packed:
    """An array of instants; few of them differ."""
    return _packed(TIMESTAMPTZ, [instant_field(value) for value in values])


def sent(value: datetime) -> bytes:
    """An instant as `timestamptz_send` has it."""
    return instant_field(value)[4:]


def texts(values: Sequence[str | None]) -> Packed | None:
    """An array of texts, some of which may be missing; None, which is cheap, when all are."""
    missing = values.count(None)
    if missing == len(values):
        return None
    if not missing:
        return _packed(TEXT, [_text_field(value) for value in values])  # type: ignore[arg-type]  # none
    fields = [NOTHING if value is None else _text_field(value) for value in values]
    return _array(TEXT, len(fields), fields, has_missing=True)


def _text_field(value: str) -> bytes:
    encoded = value.encode()
    length = len(encoded)
    return (LENGTHS[length] if length < len(LENGTHS) else struct.pack("!i", length)) + encoded


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


def often(session: Session, query: str, parameters: Mapping[str, object]) -> psycopg.Cursor[Any]:
    """Run a statement that is run all day with packed arrays: each connection keeps its plan."""
    connection = session.connection
    before, connection.prepare_threshold = connection.prepare_threshold, 0
    try:
        return _cursor(session).execute(query.encode(), parameters, prepare=True, binary=True)
    finally:
        connection.prepare_threshold = before


def _cursor(session: Session) -> psycopg.Cursor[tuple[Any, ...]]:
    cursor = psycopg.Cursor(session.connection)
    cursor.adapters.register_dumper(Packed, _PackedDumper)
    return cursor


def _packed(kind: int, fields: Sequence[bytes]) -> Packed:
    return _array(kind, len(fields), fields)


def _array(kind: int, count: int, fields: Sequence[bytes], *, has_missing: bool = False) -> Packed:
    if not count:
        return Packed(struct.pack("!3i", 0, 0, kind))
    head = struct.pack("!5i", 1, has_missing, kind, count, 1)
    return Packed(b"".join((head, *fields)))
