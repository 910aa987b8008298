"""Events as a file for spreadsheets, sent as it is read; no cell of it can become a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import StreamingHttpResponse

from kesto.core.catalog import SoldMeter
from kesto.core.exact import shown
from kesto.store.session import reading
from kesto.store.usage import events
from kesto.store.usage.events import KeptEvent
from kesto.web.ui.usage_lists import EventsOf
from kesto.words.spreadsheet import safe

PAGE = 1_000
HEADS = ("time", "time_utc", "meter", "quantity", "unit", "came_late")
MORE_HEADS = ("counted", "problem", "sent", "happened_utc", "id", "source", "received_utc")
"""What staff see besides."""


def csv_answer(
    merchant_id: UUID, of: EventsOf, *, for_staff: bool = False
) -> StreamingHttpResponse:
    """A file of all the events, page by page; times are in the zone and in UTC."""
    zone = ZoneInfo(of.zone)

    def rows() -> Iterator[str]:
        yield _written([[*HEADS, *(MORE_HEADS if for_staff else ())]])
        for page, late in _pages(merchant_id, of):
            yield _written(
                [
                    *_cells(one, of.meters.get(one.meter_id), zone, one.key in late),
                    *(_more_cells(one) if for_staff else ()),
                ]
                for one in page
            )

    answer = StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{of.file_name}.csv"'
    return answer


def _pages(merchant_id: UUID, of: EventsOf) -> Iterator[tuple[list[KeptEvent], set[UUID]]]:
    """The events a page at a time, each read by itself: who reads slowly holds nothing open."""
    after: UUID | None = None
    while True:
        with reading(merchant_id) as session:
            page = events.events(session, of.wanted, PAGE, after)
            late = of.late_of(session, page)
        if not page:
            return
        yield page, late
        after = page[-1].key


def _written(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _cells(one: KeptEvent, sold: SoldMeter | None, zone: ZoneInfo, is_late: bool) -> list[str]:  # noqa: FBT001 - a cell
    return [
        one.at.astimezone(zone).isoformat(),
        _utc(one.at),
        safe(sold.code if sold else ""),
        _quantity(one),
        safe(sold.unit if sold else ""),
        "yes" if is_late or one.happened_at is not None else "",
    ]


def _quantity(one: KeptEvent) -> str:
    """The number, which may be below zero, or the name that was counted."""
    if one.problem:
        return ""
    if one.name is None:
        return shown(one.number)
    return f"removed: {one.name}" if one.is_removal else safe(one.name)


def _more_cells(one: KeptEvent) -> list[str]:
    return [
        "" if one.problem else "yes",
        one.problem,
        safe(one.sent),
        _utc(one.happened_at) if one.happened_at else "",
        safe(one.event_id),
        safe(one.source),
        _utc(one.received_at),
    ]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
