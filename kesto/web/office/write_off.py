"""Write an invoice off: what would be booked first, then one button with the sum on it."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.refusals import Refused
from kesto.flows.write_off import preview_write_off
from kesto.flows.write_off import write_off as write_off_invoice
from kesto.store import invoices as stored
from kesto.store.office import invoices as listed
from kesto.store.session import reading
from kesto.store.write_offs import WriteOff
from kesto.web.office import written
from kesto.web.office.forms import WriteOffForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.ui.parts import Bill, BillRow, BillTotal
from kesto.web.ui.said import say


@office("write_off", methods=("GET", "HEAD", "POST"))
def write_off(request: OfficeRequest, number: str) -> HttpResponse:
    """Preview a write-off, or book it."""
    staff = request.staff
    form = WriteOffForm(request.POST or None)
    relieves_tax = bool(form.is_valid() and form.cleaned_data["relieves_tax"])
    if form.is_valid():
        try:
            write_off_invoice(
                *(staff.desk.merchant_id, number, form.cleaned_data["reason"], staff.now),
                staff.actor,
                relieves_tax=relieves_tax,
            )
        except Refused as refusal:
            if refusal.field == "invoice":
                raise
            form.refuse(refusal)
            relieves_tax = False
        else:
            title = gettext("Invoice %(number)s is written off.") % {"number": number}
            say(request, "ok", title, gettext("What is paid of it later is recovered."))
            return HttpResponseRedirect(reverse("office:invoice", args=[number]))
    one = preview_write_off(staff.desk.merchant_id, number, staff.now)
    with reading(staff.desk.merchant_id) as session:
        own = stored.id_of_number(session, number)
        found = listed.with_ids(session, [own])[own]
    return page(
        request, "write_off", "invoices", form=form, invoice=found, one=one, bill=_preview(one)
    )


def _preview(one: WriteOff) -> Bill:
    """What is given up, and what is not."""
    sum_ = written.money(one.amount_minor, one.currency)
    return Bill(
        gettext("What happens"),
        [BillRow(gettext("Booked as a credit loss"), sum_)],
        [BillTotal(gettext("Left to pay of the invoice"), written.money(0, one.currency))],
    )
