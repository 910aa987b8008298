"""Rows that are encoded for binary COPY, brought in by INSERT.

PostgreSQL keeps COPY out of tables with row-level security. What writes few rows as `kesto_app`,
such as a credit note made in the office, brings the same bytes in by one statement: the checks
of the database look at all rows of a statement together.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import pq, sql
from psycopg.adapt import Buffer, Dumper

from kesto.store.copying import HEADER

END = -1


class _Field(bytes):
    """A value as PostgreSQL receives it."""


class _FieldDumper(Dumper):
    """Passes a value on as it is; the column says its type."""

    format = pq.Format.BINARY

    def dump(self, value: Any) -> Buffer:
        """The bytes themselves."""
        return bytes(value)


def insert(
    connection: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: bytes
) -> None:
    """Insert the rows of a COPY stream."""
    values = [*_rows(rows)]
    row = sql.SQL("({})").format(sql.SQL(", ").join([sql.SQL("%b")] * len(columns)))
    statement = sql.SQL("insert into {} ({}) values {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join([row] * len(values)),
    )
    cursor = psycopg.Cursor(connection)
    cursor.adapters.register_dumper(_Field, _FieldDumper)
    cursor.execute(statement, [field for fields in values for field in fields])


def _rows(stream: bytes) -> Iterator[list[_Field | None]]:
    """The rows of a COPY stream, each field by itself."""
    at = len(HEADER)
    while True:
        (count,) = struct.unpack_from("!h", stream, at)
        at += 2
        if count == END:
            return
        row: list[_Field | None] = []
        for _ in range(count):
            (length,) = struct.unpack_from("!i", stream, at)
            at += 4
            row.append(None if length == END else _Field(stream[at : at + length]))
            at += max(length, 0)
        yield row
