"""The PDF of an invoice for its customer."""

from functools import cache
from pathlib import Path
from threading import Lock
from uuid import UUID

from django.conf import settings

from kesto.adapters.blobs.folder import FolderBlobs
from kesto.adapters.documents.renderer import Renderer
from kesto.core.refusals import NotFound
from kesto.store.archive import Archived
from kesto.words.invoice_paper import invoice_paper
from kesto.words.views import InvoiceView

_one_at_a_time = Lock()


def pdf_of(merchant_id: UUID, archived: Archived | None, view: InvoiceView) -> bytes:
    """The bytes that were delivered, or what the invoice looked like on the day of issue."""
    if archived is not None:
        try:
            return FolderBlobs(Path(settings.KESTO_DOCUMENTS)).get(merchant_id, archived.sha256)
        except NotFound:
            pass  # made again below: equal papers give equal bytes
    with _one_at_a_time:  # the engine serves one thread at a time
        return _renderer().pdf(invoice_paper(view))


@cache
def _renderer() -> Renderer:
    return Renderer()
