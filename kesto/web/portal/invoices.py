"""A customer's invoices: the list, one of them with its reasons, and its document."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from msgspec import Struct

from kesto.adapters.documents.codes import Codes, codes
from kesto.core.refusals import Invalid
from kesto.flows.show_invoice import invoice_views
from kesto.store import archive
from kesto.store import portal as store
from kesto.store.office import invoices as listed
from kesto.store.portal import Paid, Sent
from kesto.store.session import reading
from kesto.web.documents import pdf_answer, receipt_link
from kesto.web.portal import words
from kesto.web.portal.bills import bill_of, bridge_of
from kesto.web.portal.gate import PortalRequest, page, portal
from kesto.web.portal.pager import ROWS, asked_offset, older
from kesto.web.portal.pictures import with_quiet_zone
from kesto.web.portal.rows import Row, invoice_row
from kesto.web.portal.written import day, money, until
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import Event
from kesto.words.invoice_paper import invoice_paper
from kesto.words.paper import Pay
from kesto.words.views import InvoiceView

QUIET_BARCODE, QUIET_QR = 10, 4
"""Modules that a reader wants empty around each code."""


class Drawn(Struct, frozen=True):
    """The codes to pay with, as pictures, and the barcode's digits in two rows."""

    barcode: SafeString
    qr: SafeString
    digits: Sequence[str]


@portal()
def invoices(request: PortalRequest) -> HttpResponse:
    """List invoices and credit notes, the newest first."""
    customer = request.customer
    offset = asked_offset(request)
    with reading(customer.merchant_id) as session:
        found = listed.of_customer(session, customer.id, offset + ROWS + 1)[offset:]
    rows = [invoice_row(one, customer.today) for one in found[:ROWS]]
    return page(request, "invoices", "invoices", rows=rows, older=older(offset, found))


@portal()
def invoice(request: PortalRequest, number: str) -> HttpResponse:
    """Show an invoice: what makes up its sum and why, how it differs, how to pay it."""
    customer = request.customer
    with reading(customer.merchant_id) as session:
        own = store.own_invoice(session, customer.id, number)
        view = invoice_views(session, [own], words_language())[own]
        row = invoice_row(listed.with_ids(session, [own])[own], customer.today)
        paid = store.payments_of(session, customer.id, own)
        sent = store.sent_about(session, customer.id, own)
    paper = invoice_paper(view, has_room=True)
    return page(
        request,
        "invoice",
        "invoices",
        row=row,
        view=view,
        paper=paper,
        until=until(view.due_on, customer.today),
        bill=bill_of(paper, view),
        bridge=bridge_of(paper.bridge) if paper.bridge else None,
        pay=paper.pay,
        drawn=_drawn(paper.pay),
        events=_events(view, row, sent, paid),
    )


@portal()
def document(request: PortalRequest, number: str) -> HttpResponse:
    """Give out the PDF: the one that was delivered where there is one, else as it was issued."""
    customer = request.customer
    language = words_language()
    with reading(customer.merchant_id) as session:
        own = store.own_invoice(session, customer.id, number)
        view = invoice_views(session, [own], language, as_issued=True)[own]
        kept = archive.archived(session, [own])
    archived = kept.get(archive.DocumentKey(own, view.kind, view.language))
    return pdf_answer(customer.merchant_id, archived, view)


def _drawn(pay: Pay | None) -> Drawn | None:
    try:
        made = codes(pay)
    except Invalid:  # an account that no code can carry is paid by its number
        made = Codes()
    if not made.qr and not made.barcode:
        return None
    half = (len(made.digits) + 1) // 2
    return Drawn(
        with_quiet_zone(made.barcode, QUIET_BARCODE),
        with_quiet_zone(made.qr, QUIET_QR),
        [made.digits[:half], made.digits[half:]] if made.digits else [],
    )


def _events(view: InvoiceView, row: Row, sent: Sequence[Sent], paid: Sequence[Paid]) -> list[Event]:
    """The life of an invoice, the earliest first."""
    made = gettext("Credit note made") if row.is_credit_note else gettext("Invoice made")
    events = [Event(made, day(view.issued_on), icon="invoice", tone="ok")]
    events += [
        Event(
            words.said(words.SENT_BY, one.channel),
            day(timezone.localdate(one.sent_at)) if one.sent_at else "",
            *("", "mail", "ok"),
        )
        for one in sent
    ]
    if view.credit_used_minor:
        used = money(view.credit_used_minor, view.currency)
        title = gettext("Paid from your credit")
        events.append(Event(title, day(view.issued_on), used, icon="check", tone="ok"))
    events += [_payment(one, view.currency) for one in paid]
    if row.code in {"open", "partly", "overdue"}:
        tone = "bad" if row.code == "overdue" else "warn"
        events.append(
            Event(pgettext("portal", "Due date"), day(view.due_on), icon="clock", tone=tone)
        )
    if row.code == "credited":
        events.append(Event(pgettext("your invoice", "Credited"), icon="undo", tone="info"))
    return events


def _payment(one: Paid, currency: str) -> Event:
    on, amount = day(one.received_on), money(one.amount_minor, currency)
    note: str | SafeString = on
    if one.has_receipt:
        href = reverse("portal:receipt", args=[one.payment_id])
        note = format_html("{} · {}", on, receipt_link(href, f"{on}, {amount}"))
    return Event(pgettext("portal", "Payment received"), note, amount, icon="check", tone="ok")
