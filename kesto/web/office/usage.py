"""Usage in the office: the events of a subscription, of a running period, and behind a line."""

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.ids import shown as shown_id
from kesto.core.refusals import NotFound
from kesto.flows.show_subscription import ShownSubscription, show_subscription
from kesto.flows.show_usage import behind_line, used_so_far
from kesto.store import invoices, meters
from kesto.store.session import Session, reading
from kesto.store.usage.events import Wanted
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.subscription import title_of
from kesto.web.ui.language import words_language
from kesto.web.ui.usage import meter_name
from kesto.web.ui.usage_files import csv_answer
from kesto.web.ui.usage_lists import EventsOf, behind, late_in, listing, so_far
from kesto.words import forms


@office("customers")
def events(request: OfficeRequest, subscription_id: UUID) -> HttpResponse:
    """List all events of a subscription, those that do not count too."""
    with reading(request.staff.desk.merchant_id) as session:
        shown = _subscription(session, request, subscription_id)
        found = listing(session, _all(session, shown), request)
    return page(
        request,
        "events",
        "customers",
        title=gettext("Events of the subscription"),
        lead="",
        shown=shown,
        back_name=title_of(shown),
        listing=found,
        has_meters=True,
        file_href=reverse("office:events_file", args=[shown.id]),
    )


@office("customers")
def events_file(request: OfficeRequest, subscription_id: UUID) -> StreamingHttpResponse:
    """All events of a subscription as a file."""
    merchant_id = request.staff.desk.merchant_id
    with reading(merchant_id) as session:
        of = _all(session, _subscription(session, request, subscription_id))
    return csv_answer(merchant_id, of, for_staff=True)


@office("customers")
def usage(request: OfficeRequest, subscription_id: UUID, price_id: UUID) -> HttpResponse:
    """List the events of a running period."""
    with reading(request.staff.desk.merchant_id) as session:
        shown = _subscription(session, request, subscription_id)
        of, name, lead = _running(session, request, shown, price_id)
        found = listing(session, of, request)
    return page(
        request,
        "events",
        "customers",
        title=name,
        lead=lead,
        shown=shown,
        back_name=title_of(shown),
        listing=found,
        file_href=reverse("office:usage_file", args=[shown.id, price_id]),
    )


@office("customers")
def usage_file(
    request: OfficeRequest, subscription_id: UUID, price_id: UUID
) -> StreamingHttpResponse:
    """The events of a running period as a file."""
    merchant_id = request.staff.desk.merchant_id
    with reading(merchant_id) as session:
        shown = _subscription(session, request, subscription_id)
        of, _, _ = _running(session, request, shown, price_id)
    return csv_answer(merchant_id, of, for_staff=True)


@office("customers")
def line_usage(request: OfficeRequest, number: str, line_no: int) -> HttpResponse:
    """List the events behind a line of an invoice, and those of its days that do not count."""
    with reading(request.staff.desk.merchant_id) as session:
        line = behind_line(session, invoices.id_of_number(session, number), line_no)
        found = listing(session, behind(line, number, is_counted=False), request)
    rated = line.line.rated
    return page(
        request,
        "events",
        "invoices",
        title=meter_name(line.meter),
        lead=forms.period(rated.period_start, rated.period_end, words_language()),
        number=number,
        listing=found,
        file_href=reverse("office:line_usage_file", args=[number, line_no]),
    )


@office("customers")
def line_usage_file(request: OfficeRequest, number: str, line_no: int) -> StreamingHttpResponse:
    """The events behind a line as a file."""
    merchant_id = request.staff.desk.merchant_id
    with reading(merchant_id) as session:
        line = behind_line(session, invoices.id_of_number(session, number), line_no)
    return csv_answer(merchant_id, behind(line, number, is_counted=False), for_staff=True)


def _subscription(
    session: Session, request: OfficeRequest, subscription_id: UUID
) -> ShownSubscription:
    return show_subscription(session, subscription_id, request.staff.now, words_language())


def _all(session: Session, shown: ShownSubscription) -> EventsOf:
    zone = shown.life.zone
    known = {one.id: one for one in meters.meters(session).values()}
    name = shown_id("subscription", shown.id)
    return EventsOf(Wanted(shown.id), known, zone, late_in(zone), name)


def _running(
    session: Session, request: OfficeRequest, shown: ShownSubscription, price_id: UUID
) -> tuple[EventsOf, str, str]:
    """The events of a metered price's running period, its meter and its days in words."""
    for one in used_so_far(session, shown.found, request.staff.now):
        if one.price.id == price_id:
            days = forms.period(one.period_start, one.period_end, words_language())
            return so_far(one, is_counted=False), meter_name(one.meter), days
    raise NotFound("no such usage is counted now", code="unknown_usage", field="price")
