"""Archive documents: each is made once, kept byte for byte, and given out as it was made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kesto.adapters.blobs.port import BlobStore
from kesto.adapters.documents.port import DocumentMaker
from kesto.store import archive
from kesto.store.archive import Archived, DocumentKey
from kesto.store.session import reading, writing
from kesto.words.document_paper import document_paper
from kesto.words.paper import Paper
from kesto.words.views import DocumentView


def archive_views(
    merchant_id: UUID,
    views: Mapping[UUID, DocumentView],
    maker: DocumentMaker,
    blobs: BlobStore,
    now: datetime,
) -> dict[UUID, Archived]:
    """The documents of views by what they are about, made and kept where they are not kept yet."""
    wanted = {DocumentKey(own, view.kind, view.language): view for own, view in views.items()}
    known = _kept(merchant_id, [*views])
    papers = {key: document_paper(view) for key, view in wanted.items() if key not in known}
    _keep(merchant_id, papers, maker, blobs, now)
    kept = _kept(merchant_id, [*views])
    return {key.subject_id: one for key, one in kept.items() if key in wanted}


def _keep(
    merchant_id: UUID,
    papers: Mapping[DocumentKey, Paper],
    maker: DocumentMaker,
    blobs: BlobStore,
    now: datetime,
) -> None:
    """Make documents and keep them: the bytes first, so that no row ever names what is not there.

    Another process may make the same ones meanwhile; the first to be recorded is the document.
    """
    made = []
    for key, paper in papers.items():
        pdf = maker.pdf(paper)
        sha256 = blobs.put(merchant_id, pdf)
        made.append(Archived(*key, maker.template_version, sha256, len(pdf)))
    if made:
        with writing(merchant_id) as session:
            archive.archive(session, made, now)


def _kept(merchant_id: UUID, subjects: Sequence[UUID]) -> dict[DocumentKey, Archived]:
    with reading(merchant_id) as session:
        return archive.archived(session, subjects)
