"""Write an invoice by hand: lines, what they come to, then one button with the sum on it."""

from secrets import token_hex
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.invoice import read_explanation
from kesto.core.invoicing import Draft
from kesto.core.refusals import Refused
from kesto.flows.write_invoice import NewInvoice, preview_invoice, write_invoice
from kesto.store import catalogue
from kesto.store.office import customer as one
from kesto.store.session import reading
from kesto.web.office import words, written
from kesto.web.office.by_hand_form import HandForm
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.rates import rates_on
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import Bill, BillRow, BillTotal
from kesto.web.ui.said import say
from kesto.words.forms import percent


@office("invoice", methods=("GET", "HEAD", "POST"))
def write(request: OfficeRequest, customer_id: UUID) -> HttpResponse:
    """Preview an invoice that is written by hand, or issue it."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        known = one.customer(session, customer_id)
        products = catalogue.products(session)
        rates = {rate.category: rate.percent for rate in rates_on(session, staff.today)}
    names = {
        code: product.names.get(words_language()) or next(iter(product.names.values()), code)
        for code, product in products.items()
    }
    form = HandForm(request.POST or None, products=names)
    by_product = {code: rates.get(product.tax_category) for code, product in products.items()}
    form.say_vat(by_product, staff.currency)
    draft = None
    if form.is_bound and not form.only_shows and form.is_valid():
        draft = _previewed(staff, form, customer_id, form.wanted)
    has_seen = draft is not None and form.data.get("seen", "") == _seen(draft)
    if draft is not None and has_seen and not form.is_preview:
        number = _issued(staff, form, customer_id, form.wanted)
        if number:
            say(request, "ok", gettext("Invoice %(number)s is issued.") % {"number": number})
            return HttpResponseRedirect(reverse("office:invoice", args=[number]))
    return page(
        request,
        "by_hand",
        "customers",
        form=form,
        customer=known,
        customer_language=words.said(words.LANGUAGES, known.language),
        bill=_bill(draft, staff.currency, includes_tax=form.wanted.includes_tax) if draft else None,
        total_minor=draft.totals.total_minor if draft else 0,
        once=token_hex(16),
        seen=_seen(draft) if draft else "",
    )


def _previewed(staff: Staff, form: HandForm, customer_id: UUID, wanted: NewInvoice) -> Draft | None:
    try:
        return preview_invoice(staff.desk.merchant_id, customer_id, wanted, staff.now)
    except Refused as refusal:
        form.refuse_lines(refusal)
        return None


def _issued(staff: Staff, form: HandForm, customer_id: UUID, wanted: NewInvoice) -> str:
    once = form.data.get("once", "")[:40]
    who = (staff.desk.merchant_id, customer_id)
    try:
        return write_invoice(*who, wanted, staff.now, staff.actor, once=once)
    except Refused as refusal:
        form.refuse_lines(refusal)
        return ""


def _seen(draft: Draft) -> str:
    """What stands for a preview that was seen."""
    lines = ",".join(str(line.rated.amount_minor) for line in draft.lines)
    return f"{draft.totals.total_minor}/{draft.totals.tax_minor}/{lines}"


def _bill(draft: Draft, currency: str, *, includes_tax: bool) -> Bill:
    language = words_language()
    rows = []
    for line in draft.lines:
        rated, told = line.rated, read_explanation(line.rated.explanation)
        reckoning = written.number(rated.quantity)
        rate = percent(rated.tax_rate_percent, language)
        amount = written.money(rated.amount_minor, currency)
        note = gettext("VAT %(rate)s") % {"rate": rate}
        rows.append(BillRow(told.text, amount, reckoning=reckoning, note=note))
    label = gettext("of which VAT %(rate)s") if includes_tax else gettext("VAT %(rate)s")
    totals = [
        BillTotal(
            label % {"rate": percent(group.rate_percent, language)},
            written.money(group.tax_minor, currency),
            is_quiet=True,
        )
        for group in draft.totals.taxes
    ]
    total = written.money(draft.totals.total_minor, currency)
    return Bill(gettext("The invoice"), rows, [*totals, BillTotal(gettext("Total"), total)])
