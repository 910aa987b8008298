"""The receipt of a customer's own payment."""

from uuid import UUID

from django.http import HttpResponse

from kesto.flows.show_receipt import receipt_view
from kesto.store import archive
from kesto.store import portal as store
from kesto.store.session import reading
from kesto.web.documents import pdf_answer
from kesto.web.portal.gate import PortalRequest, portal
from kesto.web.ui.language import words_language


@portal()
def receipt(request: PortalRequest, payment_id: UUID) -> HttpResponse:
    """Give out the receipt of a payment as a PDF."""
    customer = request.customer
    with reading(customer.merchant_id) as session:
        store.check_own_payment(session, customer.id, payment_id)
        view = receipt_view(session, payment_id, words_language())
        kept = archive.archived(session, [payment_id])
    archived = kept.get(archive.DocumentKey(payment_id, view.kind, view.language))
    return pdf_answer(customer.merchant_id, archived, view)
