"""Payments received: a month of them, with what they settled, and the receipt of each."""

from uuid import UUID

from django.http import HttpResponse

from kesto.flows.show_receipt import receipt_view
from kesto.store import archive
from kesto.store.archive import DocumentKey
from kesto.store.office import bank
from kesto.store.office import invoices as listed
from kesto.store.session import reading
from kesto.web.documents import pdf_answer
from kesto.web.office import words
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.months import month_of, month_start, months_until, next_month
from kesto.web.office.pager import ROWS, pager

MONTHS = 6


@office("money")
def payments(request: OfficeRequest) -> HttpResponse:
    """List the payments of a month; of the last one that has any, where none is asked for."""
    staff = request.staff
    asked_on = month_of(request.GET.get("month", ""))
    with reading(staff.desk.merchant_id) as session:
        first_on = asked_on or month_start(bank.last_paid_on(session) or staff.today)
        end_on = next_month(first_on)
        count, sum_minor, settled_minor = bank.payments_sum(
            session, first_on, end_on, staff.currency
        )
        place = pager(request, count)
        rows = bank.payments(session, first_on, end_on, limit=ROWS, offset=place.offset)
        settled = listed.with_ids(session, [own for row in rows for own in row.invoices])
    return page(
        request,
        "payments",
        "bank",
        rows=[(row, [settled[own].number for own in row.invoices]) for row in rows],
        count=count,
        sum_minor=sum_minor,
        kept_minor=sum_minor - settled_minor,
        month=words.month(first_on),
        months=[
            (words.month(on), f"?month={on:%Y-%m}", on == first_on)
            for on in reversed(months_until(max(staff.today, first_on), MONTHS))
        ],
        pager=place,
    )


@office("customers")
def receipt(request: OfficeRequest, payment_id: UUID) -> HttpResponse:
    """The receipt's PDF as it was sent, or as it would be, in the customer's language."""
    merchant_id = request.staff.desk.merchant_id
    with reading(merchant_id) as session:
        view = receipt_view(session, payment_id)
        kept = archive.archived(session, [payment_id])
    archived = kept.get(DocumentKey(payment_id, view.kind, view.language))
    return pdf_answer(merchant_id, archived, view)
