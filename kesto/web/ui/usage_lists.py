"""Events on pages of portal and office, a page at a time, and what is special about each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from msgspec import Struct
from msgspec.structs import replace

from kesto.core.catalog import SoldMeter
from kesto.flows.show_usage import LineUsage, UsedSoFar
from kesto.store.session import Session
from kesto.store.usage import events
from kesto.store.usage.events import KeptEvent, Wanted
from kesto.web.ui.language import words_language
from kesto.web.ui.tags import values
from kesto.web.ui.usage import meter_name
from kesto.words import forms
from kesto.words.reasons import shortened

ROWS = 50
LONGEST_VALUE = 40

LateOf = Callable[[Session, Sequence[KeptEvent]], set[UUID]]
"""Which of some events came late."""


class EventsOf(Struct, frozen=True):
    """Which events are listed, by which meters, in which zone; `file_name` is that of the file."""

    wanted: Wanted
    meters: Mapping[UUID, SoldMeter]
    zone: str
    late_of: LateOf
    file_name: str


class Mark(Struct, frozen=True):
    """What is special about an event: a badge's tone, its word, and a sentence more."""

    tone: str
    word: str
    note: str = ""


class EventRow(Struct, frozen=True):
    """An event in words; `origin` is its id at whoever sent it."""

    when: str
    meter: str
    quantity: str
    origin: str
    marks: Sequence[Mark]


class Listing(Struct, frozen=True):
    """A page of events; `more` is the address of the next one, and empty at the end."""

    rows: Sequence[EventRow]
    count: int
    zone: str
    more: str


def behind(line: LineUsage, number: str, *, is_counted: bool = True) -> EventsOf:
    """The events behind a line of an invoice; late are those that the line before had not seen."""

    def late_of(_: Session, found: Sequence[KeptEvent]) -> set[UUID]:
        return {one.key for one in found if line.is_late(one)}

    return EventsOf(
        *(replace(line.wanted, is_counted=is_counted), {line.meter.id: line.meter}, line.zone),
        *(late_of, f"{number}-{line.line_no}-{line.meter.code}"),
    )


def so_far(used: UsedSoFar, *, is_counted: bool = True) -> EventsOf:
    """The events of a running period."""
    return EventsOf(
        *(replace(used.wanted, is_counted=is_counted), {used.meter.id: used.meter}, used.zone),
        late_in(used.zone),
        f"{used.meter.code}-{used.period_start}",
    )


def late_in(zone: str) -> LateOf:
    """Which came after their days, by the zone's calendar, were billed."""
    return lambda session, found: events.late_keys(session, found, zone)


def listing(session: Session, of: EventsOf, request: HttpRequest) -> Listing:
    """The page of events that was asked for (`?after=`), the earliest first."""
    found = events.events(session, of.wanted, ROWS + 1, _after(request))
    page = found[:ROWS]
    return Listing(
        event_rows(page, of.meters, of.late_of(session, page), of.zone),
        events.how_many(session, of.wanted),
        of.zone,
        f"?after={page[-1].key}" if len(found) > ROWS else "",
    )


def event_rows(
    found: Sequence[KeptEvent], meters: Mapping[UUID, SoldMeter], late: set[UUID], zone: str
) -> list[EventRow]:
    """Events as rows of a table, their times in a zone."""
    with timezone.override(ZoneInfo(zone)):
        return [_row(one, meters.get(one.meter_id), one.key in late) for one in found]


def _row(one: KeptEvent, sold: SoldMeter | None, is_late: bool) -> EventRow:  # noqa: FBT001 - of the row
    return EventRow(
        when=values.moment(one.at),
        meter=meter_name(sold) if sold else "",
        quantity=quantity_of(one, sold),
        origin=one.event_id if one.source == "api" else f"{one.event_id}, {one.source}",
        marks=[*_marks(one, is_late=is_late)],
    )


def quantity_of(one: KeptEvent, sold: SoldMeter | None) -> str:
    """What an event says: its number with the unit, its name, or what came where neither is."""
    if one.problem:
        return shortened(one.sent, LONGEST_VALUE)
    if one.name is not None:
        return gettext("%(name)s removed") % {"name": one.name} if one.is_removal else one.name
    return forms.measure(one.number, sold.unit if sold else "", words_language())


def _marks(one: KeptEvent, *, is_late: bool) -> Iterator[Mark]:
    if one.problem:
        yield Mark("warn", gettext("Not counted"), problem_words(one.problem))
    if one.happened_at is not None:
        happened = {"moment": values.moment(one.happened_at)}
        yield Mark("info", gettext("Came late"), gettext("it happened on %(moment)s") % happened)
    elif is_late and not one.problem:
        yield Mark("info", gettext("Came late"), gettext("after its days were billed"))


def problem_words(problem: str) -> str:
    """Why an event does not count."""
    texts = {
        "filtered": gettext("the meter’s filter leaves it out"),
        "missing": gettext("its value is missing"),
        "bad_value": gettext("its value cannot be counted"),
    }
    return texts.get(problem, problem)


def _after(request: HttpRequest) -> UUID | None:
    """The key of the event after which the page begins; what is no key is taken for none."""
    try:
        return UUID(request.GET.get("after", ""))
    except ValueError:
        return None
