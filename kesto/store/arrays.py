"""Arrays for queries about very many rows, encoded in one go.

psycopg encodes a list element by element, which takes longer than looking the rows up.
Format: PostgreSQL's array_recv, one dimension.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Dumper

from kesto.core.remembered import Remembered
from kesto.store.copying import EPOCH, EPOCH_ORDINAL, instant_field
from kesto.store.session import Session

# The numbers of types in PostgreSQL's own catalogue.
BOOL, INT8, TEXT, DATE, TIMESTAMPTZ, UUID_TYPE = 16, 20, 25, 1082, 1184, 2950
SIXTEEN = struct.pack("!i", 16)
NOTHING = struct.pack("!i", -1)
MICROSECOND = timedelta(microseconds=1)
MOST_INSTANTS = 4_096
LENGTHS = Remembered(struct.Struct("!i").pack)
_INSTANT = struct.Struct("!iq")
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
    return uuids_of([value.int.to_bytes(16) for value in values])  # `bytes` takes twice as long


def uuids_of(names: Sequence[bytes]) -> Packed:
    """An array of ids that are bytes already."""
    if not names:
        return _packed(UUID_TYPE, ())
    return _array(UUID_TYPE, len(names), [SIXTEEN, SIXTEEN.join(names)])


def dates(values: Iterable[date | None]) -> Packed:
    """An array of days; few of them differ."""
    return _packed(DATE, [_days[value] for value in values], has_missing=True)


def truths(values: Iterable[bool]) -> Packed:
    """An array of true and false."""
    return _packed(BOOL, [TRUE if value else FALSE for value in values])


def instants(values: Iterable[datetime]) -> Packed:
    """An array of instants; those of a batch are sent several times."""
    return _packed(TIMESTAMPTZ, [_instants[value] for value in values])


def instant_fields(values: Iterable[datetime]) -> list[bytes]:
    """Instants as they stand in an array, for who sends them more than once."""
    pack = _INSTANT.pack
    return [pack(8, (value - EPOCH) // MICROSECOND) for value in values]


def instants_of(fields: Sequence[bytes]) -> Packed:
    """An array of such."""
    return _packed(TIMESTAMPTZ, fields)


def sent(value: datetime) -> bytes:
    """An instant as `timestamptz_send` has it."""
    return instant_field(value)[4:]


def texts(values: Sequence[str | None]) -> Packed | None:
    """An array of texts, some of which may be missing; None, which is cheap, when all are."""
    if not values.count(None):
        return encoded([*map(str.encode, cast("Sequence[str]", values))])
    if values.count(None) == len(values):
        return None
    return encoded([None if value is None else value.encode() for value in values])


def encoded(values: Sequence[bytes | None]) -> Packed | None:
    """The same of texts that are encoded already."""
    missing = values.count(None)
    if missing == len(values):
        return None
    if missing:
        fields = [NOTHING if value is None else LENGTHS[len(value)] + value for value in values]
        return _packed(TEXT, fields, has_missing=True)
    all_of_them = cast("Sequence[bytes]", values)
    parts = [b""] * (2 * len(all_of_them))  # filled in one go, without a loop
    parts[::2], parts[1::2] = map(LENGTHS.__getitem__, map(len, all_of_them)), all_of_them
    return _array(TEXT, len(all_of_them), parts)


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


def _packed(kind: int, fields: Sequence[bytes], *, has_missing: bool = False) -> Packed:
    return _array(kind, len(fields), fields, has_missing=has_missing)


def _array(kind: int, count: int, fields: Sequence[bytes], *, has_missing: bool = False) -> Packed:
    if not count:
        return Packed(struct.pack("!3i", 0, 0, kind))
    head = struct.pack("!5i", 1, has_missing, kind, count, 1)
    return Packed(b"".join((head, *fields)))


def _day(value: date | None) -> bytes:
    return NOTHING if value is None else struct.pack("!ii", 4, value.toordinal() - EPOCH_ORDINAL)


def _instant(value: datetime) -> bytes:
    return _INSTANT.pack(8, (value - EPOCH) // MICROSECOND)


_days = Remembered(_day)
_instants = Remembered(_instant, MOST_INSTANTS)
