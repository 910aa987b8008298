"""Note how far a file of usage is, so that it goes on there when it is cut off."""

from datetime import datetime
from uuid import UUID

from kesto.store import audit, usage_imports
from kesto.store.session import writing
from kesto.store.usage_imports import ImportProgress


def note_usage_import(
    merchant_id: UUID, sha256: bytes, file: str, progress: ImportProgress, now: datetime, actor: str
) -> None:
    """Write down what is done of a file; the audit log tells of one that is finished.

    What is done has been committed and its rejected rows are written down before: a file that is
    cut off in between sends a few rows again, and those are duplicates.
    """
    with writing(merchant_id) as session:
        usage_imports.note(session, sha256, file, progress, now)
        if progress.is_finished:
            counts = {
                "file": file,
                "rows": progress.rows_done,
                "accepted": progress.accepted,
                "duplicate": progress.duplicate,
                "rejected": progress.rejected,
            }
            audit.record(session, "import_usage", counts, now, actor)
