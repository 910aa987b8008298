"""Credit an invoice: what would happen first, then one button with the sum on it."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.refusals import Conflict, Refused
from kesto.core.staff import CREDITS_UP_TO_A_LIMIT
from kesto.flows.credit import credit as credit_invoice
from kesto.store import invoices as stored
from kesto.store.office import invoices as listed
from kesto.store.office.invoices import Listed
from kesto.store.session import reading
from kesto.web.office import written
from kesto.web.office.forms import ReasonForm
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.parts import Bill, BillRow, BillTotal
from kesto.web.ui.said import say


@office("credit", methods=("GET", "HEAD", "POST"))
def credit(request: OfficeRequest, number: str) -> HttpResponse:
    """Preview a credit note, or make it."""
    staff = request.staff
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            note = credit_invoice(
                *(staff.desk.merchant_id, number, form.cleaned_data["reason"], staff.now),
                staff.actor,
                limit_minor=limit_of(staff),
            )
        except Refused as refusal:
            if refusal.field not in form.fields:
                say(request, "bad", refusal_text(refusal))
                return HttpResponseRedirect(reverse("office:invoice", args=[number]))
            form.refuse(refusal)
        else:
            title = gettext("Invoice %(number)s is credited.") % {"number": number}
            say(request, "ok", title, gettext("Credit note %(number)s.") % {"number": note})
            return HttpResponseRedirect(reverse("office:invoice", args=[number]))
    with reading(staff.desk.merchant_id) as session:
        own = stored.id_of_number(session, number)
        found = listed.with_ids(session, [own])[own]
        if found.kind != "invoice":
            raise Conflict("it is a credit note itself", field="invoice")
        if stored.credit_notes_of(session, own):
            raise Conflict("it is credited already", code="already_credited", field="invoice")
    limit_minor = limit_of(staff)
    return page(
        request,
        "credit",
        "invoices",
        form=form,
        invoice=found,
        bill=_preview(found),
        kept_minor=found.total_minor - found.open_minor,
        is_above_limit=limit_minor is not None and found.total_minor > limit_minor,
        limit_minor=limit_minor,
    )


def limit_of(staff: Staff) -> int | None:
    """Up to which sum a member credits; None: any."""
    if staff.desk.role in CREDITS_UP_TO_A_LIMIT:
        return staff.desk.service_credit_minor
    return None


def _preview(invoice: Listed) -> Bill:
    """What the credit note comes to, and where the money goes."""
    kept_minor = invoice.total_minor - invoice.open_minor
    rows = [
        BillRow(
            gettext("Credit note on %(number)s") % {"number": invoice.number},
            written.money(-invoice.total_minor, invoice.currency),
            note=gettext("all lines, at the VAT rates of the invoice"),
        )
    ]
    totals = []
    if invoice.open_minor:
        taken = written.money(-invoice.open_minor, invoice.currency)
        totals.append(BillTotal(gettext("Taken off the invoice"), taken, is_quiet=True))
    if kept_minor:
        kept = written.money(kept_minor, invoice.currency)
        totals.append(BillTotal(gettext("Paid already: kept as credit"), kept, is_quiet=True))
    left = gettext("Left to pay of the invoice")
    totals.append(BillTotal(left, written.money(0, invoice.currency)))
    return Bill(gettext("What happens"), rows, totals)
