"""Messages to customers: what was sent, what did not arrive, and what a person says of it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.refusals import Refused
from kesto.flows.mailroom import RECEIPT_TOPIC
from kesto.flows.resolve_message import resolve_message
from kesto.store import invoices, notices
from kesto.store.office import messages as sent
from kesto.store.office.messages import Listed
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import words
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.pager import ROWS, pager, with_query
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.said import say


class Row(Struct, frozen=True):
    """A message in a list, in words; `href` is where what it is about is seen, if anywhere."""

    id: UUID
    customer_id: UUID
    customer_name: str
    kind: str
    href: str
    channel: str
    state: str
    tone: str
    reason: str
    at: datetime
    is_unknown: bool


@office("customers")
def messages(request: OfficeRequest) -> HttpResponse:
    """List messages: all of them, or those that need somebody."""
    staff = request.staff
    is_troubled = request.GET.get("state", "") == "troubled"
    with reading(staff.desk.merchant_id) as session:
        counts = sent.counts(session)
        place = pager(request, counts.troubled if is_troubled else counts.all)
        rows = sent.page(session, is_troubled=is_troubled, limit=ROWS, offset=place.offset)
        subjects = [row.subject_id for row in rows if row.subject_id]
        numbers = invoices.numbers_of(session, subjects)
        contracts = notices.subscriptions_of(session, subjects)
    return page(
        request,
        "messages",
        "messages",
        rows=[_row(row, _href(row, numbers, contracts)) for row in rows],
        counts=counts,
        pager=place,
        is_troubled=is_troubled,
        all_href=with_query(request, state=""),
        troubled_href=with_query(request, state="troubled"),
    )


@office("serve", methods=("POST",))
def resolve(request: OfficeRequest, message_id: UUID) -> HttpResponse:
    """Say that a message arrived of which nobody knows, or have it sent again."""
    staff = request.staff
    has_arrived = request.POST.get("arrived", "") == "1"
    try:
        resolve_message(
            *(staff.desk.merchant_id, message_id, staff.now, staff.actor),
            has_arrived=has_arrived,
            due_at=real_now(),
        )
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        arrived, again = gettext("Noted: it arrived."), gettext("It is sent again.")
        say(request, "ok", arrived if has_arrived else again)
    return HttpResponseRedirect(f"{reverse('office:messages')}?state=troubled")


def _row(row: Listed, href: str) -> Row:
    return Row(
        id=row.id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        kind=words.said(words.MESSAGES, row.kind),
        href=href,
        channel=words.channel(row.channel),
        state=words.said(words.MESSAGE_STATES, row.state),
        tone=words.MESSAGE_TONES.get(row.state, ""),
        reason=words.message_reason(row.reason) if row.reason else "",
        at=row.sent_at or row.created_at,
        is_unknown=row.state == "unknown",
    )


def _href(row: Listed, numbers: Mapping[UUID, str], contracts: Mapping[UUID, UUID]) -> str:
    if row.subject_id is None:
        return ""
    if row.kind == RECEIPT_TOPIC:
        return reverse("office:receipt", args=[row.subject_id])
    if row.subject_id in contracts:
        return reverse("office:subscription", args=[contracts[row.subject_id]])
    number = numbers.get(row.subject_id)
    return reverse("office:invoice", args=[number]) if number else ""
