"""Documents and explanations in words: Finnish, Swedish, English."""

from kesto.words.explanations import sentences
from kesto.words.messages import LANGUAGES
from kesto.words.plain import invoice_text
from kesto.words.views import InvoiceView, LineView, PartyView, TaxView

__all__ = [
    "LANGUAGES",
    "InvoiceView",
    "LineView",
    "PartyView",
    "TaxView",
    "invoice_text",
    "sentences",
]
