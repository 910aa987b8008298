"""Archived documents in the database: which bytes are the document of what."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from kesto.store.session import Session


class DocumentKey(NamedTuple):
    """What a document is the document of: an invoice, a credit note, a payment (receipt)."""

    subject_id: UUID
    kind: str
    language: str


class Archived(Struct, frozen=True, gc=False):
    """A document as it was first made."""

    subject_id: UUID
    kind: str
    language: str
    template_version: str
    sha256: bytes
    size: int

    @property
    def key(self) -> DocumentKey:
        """What it is the document of."""
        return DocumentKey(self.subject_id, self.kind, self.language)


def archived(session: Session, subjects: Sequence[UUID]) -> dict[DocumentKey, Archived]:
    """The archived documents of invoices, credit notes and payments."""
    columns = ", ".join(Archived.__struct_fields__)
    rows = session.rows(
        f"select {columns} from archived_document where merchant_id = %s and subject_id = any(%s)",
        *(session.merchant_id, list(subjects)),
    )
    found = [Archived(*row) for row in rows]
    return {one.key: one for one in found}


def archive(session: Session, documents: Sequence[Archived], now: datetime) -> None:
    """Record documents; where one is recorded already, the first one stays the document."""
    if not documents:
        return
    session.execute(
        "insert into archived_document (merchant_id, subject_id, kind, language,"
        "  template_version, sha256, size, created_at)"
        " select %s, t.*, %s from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[],"
        "  %s::bytea[], %s::bigint[]) as t(subject_id, kind, language, template_version, sha256,"
        "  size) on conflict do nothing",
        *(session.merchant_id, now),
        *map(list, zip(*[_row(document) for document in documents], strict=True)),
    )


def _row(document: Archived) -> tuple[object, ...]:
    return (
        *(document.subject_id, document.kind, document.language, document.template_version),
        *(document.sha256, document.size),
    )
