"""Lists in pages: `limit`, an opaque `cursor`, and `next_cursor` while there is more."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from kesto.api.problems import Problem
from kesto.api.schema import Schema
from kesto.store.api.listing import Window

MOST = 100
USUAL = 20
CURSOR_BYTES = 16
DAY_BYTES = 4
Row = TypeVar("Row")


class PageAsked(Schema):
    """What every list is asked with."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="How many at most.")] = USUAL
    cursor: Annotated[
        str, Field(max_length=100, description="`next_cursor` of the page before, as it was given.")
    ] = ""


def window_of(request: HttpRequest, asked: PageAsked) -> Window:
    """Which part of a list is asked for. Raises Problem for filters that are none, bad cursors."""
    check_names(request, asked)
    return Window(asked.limit, _read(asked.cursor) if asked.cursor else None)


def check_names(request: HttpRequest, asked: Schema) -> None:
    """Refuse what is asked for and does not exist: a filter that does nothing would mislead."""
    refuse_unknown(request.GET, type(asked))


def refuse_unknown(given: Iterable[str], shape: type[Schema]) -> None:
    """Refuse names in a query that its shape does not know. Raises Problem."""
    known = {one.alias or name: one for name, one in shape.model_fields.items()}
    for name in given:
        if name not in known:
            detail = f"{name[:60]!r} can't be asked here; known: {', '.join(known)}."
            raise Problem(400, "unknown_parameter", detail, field=name[:60])


def cut(
    rows: Sequence[Row], limit: int, own: Callable[[Row], UUID]
) -> tuple[Sequence[Row], str | None]:
    """The rows of a page, and the cursor of the next one; None when there is none."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], cursor_of(own(rows[limit - 1]))


def cursor_of(last: UUID) -> str:
    """The cursor of what comes after the one that was shown last."""
    return _written(last.bytes)


def day_cursor(day: date, own: UUID) -> str:
    """The cursor of what comes after a day's row, where a list goes by days."""
    return _written(day.toordinal().to_bytes(DAY_BYTES, "big") + own.bytes)


def day_of_cursor(cursor: str) -> tuple[date, UUID]:
    """The day and the row that a cursor names. Raises Problem."""
    data = _bytes_of(cursor, DAY_BYTES + CURSOR_BYTES)
    ordinal = int.from_bytes(data[:DAY_BYTES], "big")
    if not 0 < ordinal <= date.max.toordinal():
        raise _no_cursor()
    return date.fromordinal(ordinal), UUID(bytes=data[DAY_BYTES:])


def _read(cursor: str) -> UUID:
    return UUID(bytes=_bytes_of(cursor, CURSOR_BYTES))


def _bytes_of(cursor: str, size: int) -> bytes:
    try:
        data = urlsafe_b64decode(cursor.encode("ascii") + b"==")
    except (UnicodeEncodeError, binascii.Error, ValueError):
        data = b""
    if len(data) != size or _written(data) != cursor:
        raise _no_cursor()
    return data


def _written(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _no_cursor() -> Problem:
    detail = "This is no cursor; take `next_cursor` of the page before as it is."
    return Problem(400, "bad_cursor", detail, field="cursor")
