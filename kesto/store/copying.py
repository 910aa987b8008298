"""Encoders for binary COPY, derived from the fields of a struct.

A row is a count of fields, then each field as a length and its bytes. An encoder is made once
from a struct type and turns its instances into the bytes of those fields; what all rows of a
chunk share (the merchant) or all lines of an invoice share is put in front as ready bytes.
Format: PostgreSQL documentation, COPY, binary format.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)
NULL = struct.pack("!i", -1)
EPOCH_ORDINAL = date(2000, 1, 1).toordinal()
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

_int8 = struct.Struct("!iq").pack
_int4 = struct.Struct("!ii").pack
_int2 = struct.Struct("!ih").pack
_length = struct.Struct("!i").pack
_count = struct.Struct("!h").pack

Encode = Callable[[Any], bytes]


class Small(int):
    """The type of a smallint field."""


class Medium(int):
    """The type of an integer field."""


def uuid_field(value: UUID) -> bytes:
    """A uuid column."""
    return b"\x00\x00\x00\x10" + value.bytes


def bigint_field(value: int) -> bytes:
    """A bigint column."""
    return _int8(8, value)


def int_field(value: int) -> bytes:
    """An integer column."""
    return _int4(4, value)


def smallint_field(value: int) -> bytes:
    """A smallint column."""
    return _int2(2, value)


def bytes_field(value: bytes) -> bytes:
    """A bytea or json column."""
    return _length(len(value)) + value


def bool_field(value: bool) -> bytes:  # noqa: FBT001 - a column's value
    """A boolean column."""
    return b"\x00\x00\x00\x01\x01" if value else b"\x00\x00\x00\x01\x00"


@lru_cache(maxsize=65536)
def text_field(value: str) -> bytes:
    """A text column; kinds, codes and categories come back again and again."""
    return bytes_field(value.encode())


@lru_cache(maxsize=65536)
def date_field(value: date) -> bytes:
    """A date column: days since 2000-01-01."""
    return _int4(4, value.toordinal() - EPOCH_ORDINAL)


@lru_cache(maxsize=1024)
def instant_field(value: datetime) -> bytes:
    """A timestamptz column: microseconds since 2000-01-01 UTC."""
    since = value - EPOCH
    return _int8(8, (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds)


@lru_cache(maxsize=65536)
def numeric_field(value: Decimal) -> bytes:
    """A numeric column: base-10,000 digits, their weight, sign and number of decimals."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise TypeError(f"no number: {value}")
    text = "".join(map(str, digits)) + "0" * max(exponent, 0)
    places = max(-exponent, 0)
    whole, rest = text[: len(text) - places], text[len(text) - places :].rjust(places, "0")
    whole = whole.rjust(-(-len(whole) // 4) * 4, "0")
    rest = rest.ljust(-(-len(rest) // 4) * 4, "0")
    groups = [int((whole + rest)[at : at + 4]) for at in range(0, len(whole + rest), 4)]
    weight = len(whole) // 4 - 1
    while groups and groups[0] == 0:
        groups.pop(0)
        weight -= 1
    while groups and groups[-1] == 0:
        groups.pop()
    if not groups:
        weight = 0
    negative = 0x4000 if sign and groups else 0
    body = struct.pack(f"!hhHh{len(groups)}h", len(groups), weight, negative, places, *groups)
    return bytes_field(body)


BY_TYPE: dict[object, Encode] = {
    UUID: uuid_field,
    int: bigint_field,
    Small: smallint_field,
    Medium: int_field,
    str: text_field,
    bytes: bytes_field,
    bool: bool_field,
    date: date_field,
    datetime: instant_field,
    Decimal: numeric_field,
}


class Encoder:
    """Turns instances of a struct into the fields of a row, in the order of the struct."""

    def __init__(self, shape: type, columns: Sequence[str] | None = None) -> None:
        hints = get_type_hints(shape)
        self.columns = tuple(columns or hints)
        self.encode: Encode = compiled({name: hints[name] for name in self.columns})


def row(fields: int) -> bytes:
    """The beginning of a row: how many fields follow."""
    return _count(fields)


def file(rows: Sequence[bytes]) -> bytes:
    """A whole COPY stream."""
    return b"".join((HEADER, *rows, TRAILER))


def field_of(kind: object) -> Encode:
    """The encoder of a field by its annotated type; `X | None` takes null too."""
    if get_origin(kind) in (UnionType, Union):
        (inner,) = [arm for arm in get_args(kind) if arm is not NoneType]
        encode = BY_TYPE[inner]
        return lambda value: NULL if value is None else encode(value)
    return BY_TYPE[kind]


def compiled(fields: Mapping[str, object]) -> Encode:
    """A function that encodes the named fields of a value in one expression.

    Written out as source, it runs several times as fast as a loop over the fields.
    """
    scope: dict[str, Any] = {f"encode_{n}": field_of(kind) for n, kind in enumerate(fields.values())}
    parts = " + ".join(f"encode_{n}(value.{name})" for n, name in enumerate(fields))
    encode: Encode = eval(f"lambda value: {parts}", scope)  # noqa: S307 - made of our own names
    return encode
