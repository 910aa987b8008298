"""Show a receipt: that a payment arrived, and what it settled; reads only."""

from collections.abc import Sequence
from uuid import UUID

from kesto.core.ids import shown
from kesto.core.refusals import NotFound
from kesto.flows.show_invoice import party_view
from kesto.store import invoices, papers
from kesto.store.session import Session, reading
from kesto.words.messages import LANGUAGES
from kesto.words.views import PaidView, ReceiptView

_NUMBER_LETTERS = 8


def show_receipt(merchant_id: UUID, payment_id: UUID, language: str = "") -> ReceiptView:
    """The receipt of a payment; without a language in the customer's own. Raises NotFound."""
    with reading(merchant_id) as session:
        return receipt_view(session, payment_id, language)


def receipt_view(session: Session, payment_id: UUID, language: str = "") -> ReceiptView:
    """The same within a transaction that is open already."""
    view = _view(session, payment_id, language)
    if view is None:
        raise NotFound(
            f"{shown('payment', payment_id)} is no payment that settled an invoice",
            code="unknown_payment",
            field="payment",
        )
    return view


def receipt_views(
    session: Session, ids: Sequence[UUID], language: str = ""
) -> dict[UUID, ReceiptView]:
    """The receipts of payments; what has none is left out."""
    views = {own: _view(session, own, language) for own in ids}
    return {own: view for own, view in views.items() if view is not None}


def receipt_number(payment_id: UUID) -> str:
    """What a payment's receipt is called by: the end of the payment's id."""
    return payment_id.hex[-_NUMBER_LETTERS:].upper()


def _view(session: Session, payment_id: UUID, language: str) -> ReceiptView | None:
    received = papers.received(session, payment_id)
    paid = papers.paid(session, payment_id)
    if received is None or not paid:
        return None
    numbers = invoices.numbers_of(session, [one.invoice_id for one in paid])
    (stored, *_) = invoices.load(session, [paid[0].invoice_id])
    parties = invoices.parties(session, stored.invoice)
    seller, buyer = parties.seller, parties.buyer
    return ReceiptView(
        number=receipt_number(payment_id),
        received_on=received.received_on,
        currency=received.currency,
        amount_minor=received.amount_minor,
        seller=party_view(seller, seller.country, seller.email),
        buyer=party_view(buyer, seller.country),
        paid=tuple(
            PaidView(numbers[one.invoice_id], one.invoice_on, one.total_minor, one.paid_minor)
            for one in paid
        ),
        language=language or (buyer.language if buyer.language in LANGUAGES else "en"),
        customer_number=buyer.external_id,
    )
