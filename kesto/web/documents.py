"""The PDF of an invoice, a credit note or a receipt, for its customer and for staff."""

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from kesto.flows.give_document import give_document
from kesto.store.archive import Archived
from kesto.words.messages import say
from kesto.words.views import DocumentView, ReceiptView


def pdf_answer(merchant_id: UUID, archived: Archived | None, view: DocumentView) -> HttpResponse:
    """Give out a PDF: the one that was delivered where there is one, else what it would be."""
    kept, made = Path(settings.KESTO_DOCUMENTS), Path(settings.KESTO_MADE)
    pdf = give_document(merchant_id, archived, view, kept, made)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(view)}.pdf"'
    return answer


def receipt_link(href: str, which: str) -> SafeString:
    """A link to a payment's receipt; `which` tells it from others to who does not see where."""
    return format_html(
        '<a href="{}">{}<span class="sr">: {}</span></a>', href, gettext("Receipt (PDF)"), which
    )


def _file_name(view: DocumentView) -> str:
    if isinstance(view, ReceiptView):
        return f"{say(view.language, view.kind).lower()}-{view.number}"
    return view.number
