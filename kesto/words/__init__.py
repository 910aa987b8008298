"""Documents and explanations in words: Finnish, Swedish, English."""

from kesto.words.explanations import sentences
from kesto.words.invoice_paper import invoice_paper
from kesto.words.messages import LANGUAGES
from kesto.words.paper import Paper
from kesto.words.plain import invoice_text, receipt_text
from kesto.words.receipt_paper import receipt_paper
from kesto.words.views import InvoiceView, LineView, PartyView, ReceiptView, TaxView

__all__ = [
    "LANGUAGES",
    "InvoiceView",
    "LineView",
    "Paper",
    "PartyView",
    "ReceiptView",
    "TaxView",
    "invoice_paper",
    "invoice_text",
    "receipt_paper",
    "receipt_text",
    "sentences",
]
