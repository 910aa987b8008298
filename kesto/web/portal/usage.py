"""A subscriber's usage: what stands behind a line of an invoice, and behind a running period."""

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse

from kesto.core.refusals import NotFound
from kesto.flows.show_subscription import ShownSubscription
from kesto.flows.show_usage import LineUsage, UsedSoFar, behind_line, used_so_far
from kesto.store import portal as store
from kesto.store.session import Session, reading
from kesto.web.portal.gate import Customer, PortalRequest, page, portal
from kesto.web.portal.subscription import own_subscription, title_of
from kesto.web.ui.language import words_language
from kesto.web.ui.usage import meter_name
from kesto.web.ui.usage_files import csv_answer
from kesto.web.ui.usage_lists import behind, listing, so_far
from kesto.words import forms


@portal()
def usage(request: PortalRequest, subscription_id: UUID, price_id: UUID) -> HttpResponse:
    """List the events of a running period."""
    shown = own_subscription(request.customer, subscription_id)
    with reading(request.customer.merchant_id) as session:
        one = _one(session, shown, request.customer, price_id)
        found = listing(session, so_far(one), request)
    return page(
        request,
        "usage",
        "home",
        title=meter_name(one.meter),
        period=forms.period(one.period_start, one.period_end, words_language()),
        listing=found,
        back=reverse("portal:subscription", args=[shown.id]),
        back_name=title_of(shown),
        file_href=reverse("portal:usage_file", args=[shown.id, price_id]),
    )


@portal()
def usage_file(
    request: PortalRequest, subscription_id: UUID, price_id: UUID
) -> StreamingHttpResponse:
    """Give out the events of a running period as a file."""
    customer = request.customer
    shown = own_subscription(customer, subscription_id)
    with reading(customer.merchant_id) as session:
        one = _one(session, shown, customer, price_id)
    return csv_answer(customer.merchant_id, so_far(one))


@portal()
def line_usage(request: PortalRequest, number: str, line_no: int) -> HttpResponse:
    """List the events behind a line of an invoice."""
    with reading(request.customer.merchant_id) as session:
        line = _line(session, request.customer, number, line_no)
        found = listing(session, behind(line, number), request)
    rated = line.line.rated
    return page(
        request,
        "usage",
        "invoices",
        title=meter_name(line.meter),
        period=forms.period(rated.period_start, rated.period_end, words_language()),
        listing=found,
        back=reverse("portal:invoice", args=[number]),
        back_name=number,
        file_href=reverse("portal:line_usage_file", args=[number, line_no]),
    )


@portal()
def line_usage_file(request: PortalRequest, number: str, line_no: int) -> StreamingHttpResponse:
    """Give out the events behind a line as a file."""
    customer = request.customer
    with reading(customer.merchant_id) as session:
        line = _line(session, customer, number, line_no)
    return csv_answer(customer.merchant_id, behind(line, number))


def _one(
    session: Session, shown: ShownSubscription, customer: Customer, price_id: UUID
) -> UsedSoFar:
    found = [
        one for one in used_so_far(session, shown.found, customer.now) if one.price.id == price_id
    ]
    if not found:
        raise NotFound("no such usage is counted now", code="unknown_usage", field="price")
    return found[0]


def _line(session: Session, customer: Customer, number: str, line_no: int) -> LineUsage:
    """What stands behind a line of the customer's own invoice. Raises NotFound."""
    return behind_line(session, store.own_invoice(session, customer.id, number), line_no)
