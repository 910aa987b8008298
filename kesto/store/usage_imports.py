"""How far files of usage were brought in."""

from datetime import datetime

from msgspec import Struct

from kesto.store.session import Session


class ImportProgress(Struct, frozen=True):
    """How far a file is done, and what became of its rows so far."""

    rows_done: int = 0
    last_line: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    is_finished: bool = False


def progress_of(session: Session, sha256: bytes) -> ImportProgress:
    """How far a file is; nothing is done of one that is not known."""
    row = session.row(
        "select rows_done, last_line, accepted, duplicate, rejected, is_finished"
        " from usage_import where merchant_id = %s and sha256 = %s",
        *(session.merchant_id, sha256),
    )
    return ImportProgress(*row) if row else ImportProgress()


def note(
    session: Session, sha256: bytes, file: str, progress: ImportProgress, now: datetime
) -> None:
    """Write down how far a file is."""
    session.execute(
        "insert into usage_import (merchant_id, sha256, file, rows_done, last_line, accepted,"
        " duplicate, rejected, is_finished, started_at, noted_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (merchant_id, sha256) do update set rows_done = excluded.rows_done,"
        " last_line = excluded.last_line, accepted = excluded.accepted,"
        " duplicate = excluded.duplicate, rejected = excluded.rejected,"
        " is_finished = excluded.is_finished, noted_at = excluded.noted_at",
        *(session.merchant_id, sha256, file, progress.rows_done, progress.last_line),
        *(progress.accepted, progress.duplicate, progress.rejected, progress.is_finished),
        *(now, now),
    )
