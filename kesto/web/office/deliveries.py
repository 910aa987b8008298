"""Deliveries: what is to be packed on a day, for whom and where to, and how far each is."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from msgspec import Struct

from kesto.core.changes.checks import EARLIEST, LATEST
from kesto.core.deliveries import State
from kesto.core.refusals import NotFound, Refused
from kesto.flows.packing_list import packing_list
from kesto.flows.record_fulfilment import Report, record_day, record_fulfilment
from kesto.flows.show_deliveries import Stop, sold_names, stop_on, stops, totals
from kesto.store.session import reading
from kesto.web.office import written
from kesto.web.office.delivery_forms import MarkForm, ReportForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.refusals import refusal_text
from kesto.web.office.subscription_deliveries import fulfilment_event, what_of
from kesto.web.ui.delivery_words import place_of, state_of
from kesto.web.ui.language import words_language
from kesto.web.ui.said import say

ONE_DAY = timedelta(days=1)
DAYS_BEFORE, DAYS_AHEAD = timedelta(days=3), timedelta(days=18)
MOST_ROWS = 500
MOST_CHOSEN = 900


class Row(Struct, frozen=True):
    """A delivery in the list, in words."""

    id: UUID
    on: str
    name: str
    number: str
    what: str
    place: str
    state: tuple[str, str]
    note: str
    can_be_marked: bool


class Chip(Struct, frozen=True):
    """A day that has deliveries, and how many."""

    on: date
    text: str
    count: int


@office("customers")
def deliveries(request: OfficeRequest) -> HttpResponse:
    """Show the deliveries of a day; without one, of the next day that has any."""
    staff = request.staff
    asked = _day_of(request.GET.get("on", ""))
    with reading(staff.desk.merchant_id) as session:
        middle = asked or staff.today
        around = stops(session, middle - DAYS_BEFORE, middle + DAYS_AHEAD)
        on = asked or _next_day(around, staff.today)
        found = [one for one in around if one.on == on]
        names = sold_names(session)
    return page(
        request,
        "deliveries",
        "deliveries",
        on=on,
        chips=_chips(around),
        totals=[
            (
                written.name(names.get(one.owner_id, {})) or one.code,
                written.number(one.quantity),
                one.deliveries,
            )
            for one in totals(found)
        ],
        rows=[_row(one, names, staff.today) for one in found[:MOST_ROWS]],
        count=len(found),
        more=max(len(found) - MOST_ROWS, 0),
        form=MarkForm(),
    )


@office("customers")
def packing_csv(request: OfficeRequest) -> HttpResponse:
    """The packing list of a day as CSV."""
    staff = request.staff
    on = _day_of(request.GET.get("on", "")) or staff.today
    with reading(staff.desk.merchant_id) as session:
        data = packing_list(stops(session, on, on + ONE_DAY), sold_names(session), words_language())
    answer = HttpResponse(data, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="deliveries-{on.isoformat()}.csv"'
    return answer


@office("serve", methods=("POST",))
def mark(request: OfficeRequest) -> HttpResponse:
    """Mark the chosen deliveries of a day, or all of them."""
    staff = request.staff
    on = _day_of(request.POST.get("on", ""))
    form = MarkForm(request.POST)
    if on is None or not form.is_valid():
        say(request, "bad", gettext("Say what happened, and of which day."))
        return HttpResponseRedirect(reverse("office:deliveries"))
    only = None if request.POST.get("do") == "all" else _chosen(request.POST.getlist("chosen"))
    try:
        state: State = form.cleaned_data["state"]
        count = record_day(
            *(staff.desk.merchant_id, on, state, staff.now, staff.actor),
            only=only,
            carrier=form.cleaned_data["carrier"].strip(),
        )
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        text = ngettext("%(n)d delivery is marked.", "%(n)d deliveries are marked.", count)
        say(request, "ok" if count else "info", text % {"n": count})
    return HttpResponseRedirect(f"{reverse('office:deliveries')}?on={on.isoformat()}")


@office("customers", methods=("GET", "HEAD", "POST"))
def delivery(request: OfficeRequest, subscription_id: UUID, on: str) -> HttpResponse:
    """Show one delivery with what happened to it; whoever serves writes down what did."""
    staff = request.staff
    day = _day_of(on)
    is_told = request.method == "POST" and staff.may("serve")
    form = ReportForm(request.POST if is_told else None)
    with reading(staff.desk.merchant_id) as session:
        found = stop_on(session, subscription_id, day) if day else None
        names = sold_names(session)
    if found is None:
        raise NotFound("nothing is delivered on that day", code="no_delivery", field="on")
    if is_told and form.is_valid():
        told = form.cleaned_data
        report = Report(
            *(found.on, told["state"]),
            carrier=told["carrier"].strip(),
            tracking=told["tracking"].strip(),
            note=told["note"].strip(),
        )
        name = f"sub_{subscription_id.hex}"
        try:
            record_fulfilment(staff.desk.merchant_id, name, report, staff.now, staff.actor)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            say(request, "ok", gettext("It is written down."))
            return HttpResponseRedirect(request.path)
    return page(
        request,
        "delivery",
        "deliveries",
        stop=found,
        what=what_of(found, names),
        place=place_of(found.address),
        state=state_of(found.status, is_past=found.on < staff.today),
        skipped=state_of("skipped")
        if found.events and found.planned and found.planned.is_skipped
        else None,
        events=[fulfilment_event(one) for one in reversed(found.events)],
        form=form,
        may_change=found.may_change(staff.today),
        may_mark=staff.may("serve") and _can_be_marked(found),
    )


def _row(one: Stop, names: Mapping[UUID, Mapping[str, str]], today: date) -> Row:
    latest = one.latest
    notes = (latest.carrier, latest.tracking, latest.note) if latest else ()
    return Row(
        id=one.recipient.subscription_id,
        on=one.on.isoformat(),
        name=one.address.name,
        number=one.recipient.external_id,
        what=what_of(one, names),
        place=place_of(one.address),
        state=state_of(one.status, is_past=one.on < today),
        note=" · ".join(filter(None, notes)),
        can_be_marked=_can_be_marked(one),
    )


def _can_be_marked(one: Stop) -> bool:
    return one.status != "skipped"


def _chips(found: Sequence[Stop]) -> list[Chip]:
    days = sorted({one.on for one in found})
    return [
        Chip(on, written.day(on), sum(one.on == on and one.status != "skipped" for one in found))
        for on in days
    ]


def _next_day(found: Sequence[Stop], today: date) -> date:
    """Today or the next day with a delivery."""
    return min((one.on for one in found if one.on >= today), default=today)


def _chosen(texts: Sequence[str]) -> set[UUID]:
    found = set()
    for text in texts[:MOST_CHOSEN]:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


def _day_of(text: str) -> date | None:
    """A day written as 2026-12-31; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST + DAYS_BEFORE <= found <= LATEST - DAYS_AHEAD else None
