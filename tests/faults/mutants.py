"""Billing runs made wrong on purpose: each commits something too early.

They show that the checks of the fault tests see what they are there for.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from kesto.store import invoice_writer
from kesto.store.invoice_writer import NumberRange, Writer
from kesto.store.session import Session, owning
from tests.faults.deeds import NOW, bill_in_chunks

_write, _number = Writer.write, Writer.number
_copy, _take_numbers = Session.copy, invoice_writer.take_numbers


def cursors_first(merchant_id: UUID) -> None:
    """The cursors are moved and committed, then the invoices are written."""

    def number(writer: Writer, now: datetime) -> None:
        writer.session.connection.commit()
        _write(writer)
        _number(writer, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "write", lambda _: None)
        patch.setattr(Writer, "number", number)
        bill_in_chunks(merchant_id)


def invoices_first(merchant_id: UUID) -> None:
    """The invoices are written and committed, then the cursors are moved."""

    def write(writer: Writer) -> None:
        _write(writer)
        _number(writer, NOW)
        writer.session.connection.commit()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "write", write)
        patch.setattr(Writer, "number", lambda *_: None)
        bill_in_chunks(merchant_id)


def table_by_table(merchant_id: UUID) -> None:
    """Each table is committed when it is written."""

    def copy(session: Session, table: str, columns: tuple[str, ...], rows: bytes) -> None:
        _copy(session, table, columns, rows)
        session.connection.commit()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "copy", copy)
        bill_in_chunks(merchant_id)


def numbers_apart(merchant_id: UUID) -> None:
    """Numbers are taken in a transaction of their own, as from a sequence."""

    def take_numbers(session: Session, *wanted: Any) -> NumberRange:
        with owning() as connection:
            apart = Session(session.merchant_id, connection)
            apart.rows("select set_config('app.merchant', %s, true)", str(session.merchant_id))
            return _take_numbers(apart, *wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(invoice_writer, "take_numbers", take_numbers)
        bill_in_chunks(merchant_id)


MUTANTS: Mapping[str, Callable[[UUID], None]] = {
    "cursors first": cursors_first,
    "invoices first": invoices_first,
    "table by table": table_by_table,
    "numbers apart": numbers_apart,
}
