"""The PDF of an invoice, a credit note or a receipt, for its customer and for staff."""

from functools import cache
from pathlib import Path
from threading import Lock
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from kesto.adapters.blobs.folder import FolderBlobs
from kesto.adapters.documents.fonts import font_folder
from kesto.adapters.documents.renderer import Renderer
from kesto.core.refusals import NotFound
from kesto.store.archive import Archived
from kesto.words.document_paper import document_paper
from kesto.words.messages import say
from kesto.words.views import DocumentView, ReceiptView

_one_at_a_time = Lock()


def pdf_answer(merchant_id: UUID, archived: Archived | None, view: DocumentView) -> HttpResponse:
    """Give out a PDF: the one that was delivered where there is one, else what it would be."""
    answer = HttpResponse(_pdf_of(merchant_id, archived, view), content_type="application/pdf")
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


def _pdf_of(merchant_id: UUID, archived: Archived | None, view: DocumentView) -> bytes:
    if archived is not None:
        try:
            return FolderBlobs(Path(settings.KESTO_DOCUMENTS)).get(merchant_id, archived.sha256)
        except NotFound:
            pass  # made again below: equal papers give equal bytes
    with _one_at_a_time:  # the engine serves one thread at a time
        return _renderer().pdf(document_paper(view))


@cache
def _renderer() -> Renderer:
    return Renderer(font_folder(Path(settings.KESTO_MADE)))
