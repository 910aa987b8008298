"""Drafts: what fell due and waits to be invoiced, one of them as it will be, and issuing it now."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from msgspec.structs import replace

from kesto.core.refusals import Refused
from kesto.flows.issue_now import issue_now
from kesto.flows.show_drafts import show_draft, show_drafts
from kesto.store import invoices as stored
from kesto.store import merchants
from kesto.store.session import reading
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.pager import ROWS
from kesto.web.office.paper import bill_of_next
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.language import words_language
from kesto.web.ui.said import say


@office("customers")
def drafts(request: OfficeRequest) -> HttpResponse:
    """List drafts, the newest billing group first."""
    staff = request.staff
    after = _uuid(request.GET.get("after", ""))
    with reading(staff.desk.merchant_id) as session:
        grace_days = merchants.merchant(session).grace_days
        found = show_drafts(session, staff.today, words_language(), after=after, limit=ROWS)
    return page(
        request,
        "drafts",
        "drafts",
        rows=found.found,
        grace_days=grace_days,
        is_first=after is None,
        next_after=found.after,
    )


@office("customers")
def draft(request: OfficeRequest, group_id: UUID) -> HttpResponse:
    """Show a draft: the invoice as it will be if nothing changes until then."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        grace_days = merchants.merchant(session).grace_days
        found = show_draft(session, group_id, staff.today, words_language())
    coming = found.next
    services = {line.service.key: line.service for line in coming.view.lines if line.service}
    is_credit = coming.view.total_minor < 0
    title = gettext("The credit note") if is_credit else gettext("The invoice")
    return page(
        request,
        "draft",
        "drafts",
        draft=found,
        coming=coming,
        title=title,
        is_credit=is_credit,
        is_waiting=coming.due_through + timedelta(days=grace_days) > staff.today,
        bill=replace(bill_of_next(coming.view), caption=title),
        services=list(services.values()),
    )


@office("bill", methods=("POST",))
def issue(request: OfficeRequest, group_id: UUID) -> HttpResponse:
    """Issue a draft as it was shown; whoever does has looked at it, whatever the sum is."""
    staff = request.staff
    seal = request.POST.get("seal", "")
    try:
        issued = issue_now(
            *(staff.desk.merchant_id, group_id, staff.now, staff.actor),
            seal=seal,
            accepts_bounds=True,
        )
    except Refused as refusal:
        is_gone = refusal.code == "unknown_draft"
        say(request, "info" if is_gone else "bad", refusal_text(refusal))
        place = reverse("office:drafts") if is_gone else reverse("office:draft", args=[group_id])
        return HttpResponseRedirect(place)
    with reading(staff.desk.merchant_id) as session:
        number = stored.numbers_of(session, issued[:1])[issued[0]]
    say(request, "ok", gettext("%(number)s is issued.") % {"number": number})
    return HttpResponseRedirect(reverse("office:invoice", args=[number]))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
