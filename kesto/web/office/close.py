"""Month close: what a month's books are, and closing them for good."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from msgspec import Struct

from kesto.core.refusals import Refused
from kesto.flows.close_month import MonthLook, close_month, look_at_month
from kesto.store import merchants
from kesto.store.office.waiting import waiting
from kesto.store.session import reading
from kesto.web.office import words, written
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.months import month_of, month_start, next_month
from kesto.web.office.refusals import refusal_text
from kesto.web.office.today import next_to_close
from kesto.web.ui.said import say

MOST_MONTHS = 24


class Month(Struct, frozen=True):
    """A month with its state: closed, can be closed, running."""

    text: str
    name: str
    is_closed: bool
    is_over: bool
    is_next: bool


@office("money")
def months(request: OfficeRequest) -> HttpResponse:
    """List the months, the latest first."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        found = waiting(session, staff.today, staff.now)
        closed_through = merchants.merchant(session).closed_through
    first_on = found.first_booked_on
    following = next_to_close(closed_through, first_on)
    rows: list[Month] = []
    on = month_start(first_on) if first_on else staff.today
    while first_on and on <= staff.today:
        rows.append(
            Month(
                f"{on:%Y-%m}",
                words.month(on),
                is_closed=closed_through is not None and on <= closed_through,
                is_over=next_month(on) <= staff.today,
                is_next=on == following,
            )
        )
        on = next_month(on)
    return page(request, "close", "close", months=rows[::-1][:MOST_MONTHS])


@office("money", methods=("GET", "HEAD", "POST"))
def month(request: OfficeRequest, month: str) -> HttpResponse:
    """Show a month's books; a POST closes them."""
    staff = request.staff
    if request.method == "POST":
        return _close(request, month)
    look = look_at_month(staff.desk.merchant_id, month, staff.now)
    first_on = month_of(month) or staff.today
    return page(
        request,
        "close_month",
        "close",
        look=look,
        month=month,
        name=words.month(first_on),
        accounts=[(row, words.account(row.account)) for row in look.report.accounts],
        difference_minor=sum(row.balance_minor for row in look.report.accounts),
        checks=_checks(look),
        may_close=staff.may("close"),
        invoices_href=f"{reverse('office:invoices')}?month={month}",
    )


def _close(request: OfficeRequest, month: str) -> HttpResponse:
    staff = request.staff
    address = reverse("office:close_month", args=[month])
    if not staff.may("close"):
        say(request, "bad", words.no_right())
        return HttpResponseRedirect(address)
    try:
        close_month(staff.desk.merchant_id, month, staff.now, staff.actor)
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        name = words.month_title(month_of(month) or staff.today)
        text = gettext("Nothing is dated or booked into it any more.")
        say(request, "ok", gettext("%(month)s is closed.") % {"month": name}, text)
    return HttpResponseRedirect(address)


def _checks(look: MonthLook) -> list[tuple[bool, str, str]]:
    """What must hold before a month is closed, and what should be known."""
    is_over = gettext("The month is over") if look.is_over else gettext("The month is not over yet")
    billed, matched, note = (
        gettext("Everything due is billed"),
        gettext("Every payment has found its invoice"),
        "",
    )
    if unbilled := look.unbilled:
        billed = ngettext(
            "%(n)s invoice is still to be made", "%(n)s invoices are still to be made", unbilled
        ) % {"n": written.number(unbilled)}
    if waiting := look.report.waiting:
        matched = ngettext(
            "%(n)s payment is unmatched", "%(n)s payments are unmatched", waiting
        ) % {"n": written.number(waiting)}
        note = gettext("This does not prevent closing. Payments in the queue can be matched later.")
    return [(look.is_over, is_over, ""), (not unbilled, billed, ""), (not waiting, matched, note)]
