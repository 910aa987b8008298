"""Encoders for binary COPY, made from column names and their types.

A row is a count of fields, then each field as a length and its bytes. What many rows share is
encoded once and put in front of each as ready bytes; fields of fixed sizes that stand side by
side are packed in one step. Format: PostgreSQL documentation, COPY, binary format.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)
NULL = struct.pack("!i", -1)
ID = struct.pack("!i", 16)
"""What stands before the 16 bytes of a uuid."""
EPOCH_ORDINAL = date(2000, 1, 1).toordinal()
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

_int8 = struct.Struct("!iq").pack
_length = struct.Struct("!i").pack
_count = struct.Struct("!h").pack

Encode = Callable[[Any], bytes]


class Small(int):
    """The type of a smallint field."""


class Medium(int):
    """The type of an integer field."""


class Word(str):
    """The type of a text field whose few values come back again and again: kinds, codes."""

    __slots__ = ()


class Known(UUID):
    """The type of a uuid field that is null where the value is zero."""


class Id(bytes):
    """The type of a uuid field whose 16 bytes are at hand."""


def row(fields: int) -> bytes:
    """The beginning of a row: how many fields follow."""
    return _count(fields)


def file(rows: Sequence[bytes]) -> bytes:
    """A whole COPY stream, of rows or of the pieces that rows are made of."""
    return b"".join((HEADER, *rows, TRAILER))


def uuid_field(value: UUID) -> bytes:
    """A uuid column."""
    return ID + value.bytes


def bytes_field(value: bytes) -> bytes:
    """A bytea or json column."""
    return _length(len(value)) + value


def text_field(value: str) -> bytes:
    """A text column."""
    return bytes_field(value.encode())


word_field = lru_cache(maxsize=4096)(text_field)


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
    places = max(-exponent, 0)
    text = ("".join(map(str, digits)) + "0" * max(exponent, 0)).zfill(places)
    whole, rest = text[: len(text) - places], text[len(text) - places :]
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


# By type: the form of a length and a value, and what is written there for the value {0}.
FIXED: dict[object, tuple[str, str]] = {
    UUID: ("i16s", "16, {0}.int.to_bytes(16)"),
    Id: ("i16s", "16, {0}"),
    int: ("iq", "8, {0}"),
    Medium: ("ii", "4, {0}"),
    Small: ("ih", "2, {0}"),
    bool: ("i?", "1, {0}"),
    date: ("ii", f"4, {{0}}.toordinal() - {EPOCH_ORDINAL}"),
}
# By type, what is written for the value {0} where that is more than a call of its encoder.
WRITTEN: dict[object, str] = {
    str: "length(len(text := {0}.encode())) + text",
    bytes: "length(len({0})) + {0}",
    Known: "(ID + {0}.int.to_bytes(16) if {0}.int else NULL)",
}
BY_TYPE: dict[object, Encode] = {
    UUID: uuid_field,
    Word: word_field,
    datetime: instant_field,
    Decimal: numeric_field,
}


def encoder(fields: Mapping[str, object]) -> Encode:
    """A function that encodes the named fields of a value, each by its type, in one expression.

    `X | None` takes null too. Written out as source, it runs several times as fast as a loop.
    """
    return _compiled([(f"value.{name}", kind) for name, kind in fields.items()], "value")


def fixed_last(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields in the order in which they are encoded fastest: those of fixed sizes together."""
    return dict(sorted(fields.items(), key=lambda field: field[1] in FIXED))


def packer(*kinds: object) -> Callable[..., bytes]:
    """A function that encodes its arguments as fields, each by its type."""
    names = [f"value_{n}" for n in range(len(kinds))]
    return _compiled(list(zip(names, kinds, strict=True)), ", ".join(names))


def _compiled(fields: Sequence[tuple[str, object]], arguments: str) -> Callable[..., bytes]:
    scope: dict[str, Any] = {"length": _length, "ID": ID, "NULL": NULL}
    parts: list[str] = []
    for place, (value, kind) in enumerate(fields):
        if kind not in FIXED:
            parts.append(_written(kind, value, place, scope))
        elif not place or fields[place - 1][1] not in FIXED:
            run = _fixed_run(fields[place:])
            scope[f"pack_{place}"] = struct.Struct("!" + "".join(form for form, _ in run)).pack
            parts.append(f"pack_{place}({', '.join(written for _, written in run)})")
    source = f"lambda {arguments}: {' + '.join(parts)}"
    compiled: Callable[..., bytes] = eval(source, scope)  # noqa: S307 - made of our own names
    return compiled


def _fixed_run(fields: Sequence[tuple[str, object]]) -> list[tuple[str, str]]:
    """The forms of the fields at the beginning that have fixed sizes."""
    run = []
    for value, kind in fields:
        if kind not in FIXED:
            break
        form, written = FIXED[kind]
        run.append((form, written.format(value)))
    return run


def _written(kind: object, value: str, place: int, scope: dict[str, Any]) -> str:
    """What is written for a value of a type whose size is not fixed."""
    if get_origin(kind) in (UnionType, Union):
        (inner,) = [arm for arm in get_args(kind) if arm is not NoneType]
        return f"(NULL if {value} is None else {_written(inner, value, place, scope)})"
    if kind in WRITTEN:
        return WRITTEN[kind].format(value)
    scope[f"encode_{place}"] = BY_TYPE[kind]
    return f"encode_{place}({value})"
