"""The document in words that a view asks for, of whichever kind."""

from kesto.words.invoice_paper import invoice_paper
from kesto.words.notice_paper import notice_paper
from kesto.words.paper import Paper
from kesto.words.receipt_paper import receipt_paper
from kesto.words.views import DocumentView, NoticeView, ReceiptView


def document_paper(view: DocumentView) -> Paper:
    """Return the document that an invoice, a credit note, a receipt or a notice is."""
    if isinstance(view, NoticeView):
        return notice_paper(view)
    return receipt_paper(view) if isinstance(view, ReceiptView) else invoice_paper(view)
