"""Give out a document: the bytes that were delivered where there are some, else what they'd be."""

from functools import cache
from pathlib import Path
from threading import Lock
from uuid import UUID

from kesto.adapters.blobs.folder import FolderBlobs
from kesto.adapters.documents.fonts import font_folder
from kesto.adapters.documents.renderer import Renderer
from kesto.core.refusals import NotFound
from kesto.store.archive import Archived
from kesto.words.document_paper import document_paper
from kesto.words.views import DocumentView

_one_at_a_time = Lock()


def give_document(
    merchant_id: UUID, archived: Archived | None, view: DocumentView, kept: Path, made: Path
) -> bytes:
    """The PDF of a view; `kept` is where delivered documents are, `made` where the fonts are."""
    if archived is not None:
        try:
            return FolderBlobs(kept).get(merchant_id, archived.sha256)
        except NotFound:
            pass  # made again below: equal papers give equal bytes
    with _one_at_a_time:  # the engine serves one thread at a time
        return _renderer(made).pdf(document_paper(view))


@cache
def _renderer(made: Path) -> Renderer:
    return Renderer(font_folder(made))
