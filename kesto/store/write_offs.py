"""Write-offs and recoveries in the database."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.session import Session

COLUMNS = (
    "w.id, w.invoice_id, w.customer_id, w.billing_entity_id, w.currency, w.amount_minor,"
    " w.relieves_tax, w.tax_minor, w.reason, w.booked_on"
)


class WriteOff(Struct, frozen=True, gc=False):
    """What was open of an invoice and was given up; `tax_minor` is the VAT relieved of it."""

    id: UUID
    invoice_id: UUID
    customer_id: UUID
    billing_entity_id: UUID
    currency: str
    amount_minor: int
    relieves_tax: bool
    tax_minor: int
    reason: str
    booked_on: date


class Recovery(Struct, frozen=True, gc=False):
    """A part of a write-off that a payment brought in after all."""

    id: UUID
    write_off_id: UUID
    payment_id: UUID
    amount_minor: int
    tax_minor: int


def add(session: Session, one: WriteOff, now: datetime) -> None:
    """Write a write-off."""
    fields = WriteOff.__struct_fields__
    row = {name: getattr(one, name) for name in fields}
    session.add("write_off", [{**row, "created_at": now}])


def add_recoveries(session: Session, made: Sequence[Recovery], now: datetime) -> None:
    """Write what came in after all."""
    fields = Recovery.__struct_fields__
    rows = [{name: getattr(one, name) for name in fields} for one in made]
    session.add("recovery", [{**row, "created_at": now} for row in rows])


def of_invoices(session: Session, invoices: Sequence[UUID]) -> dict[UUID, tuple[WriteOff, int]]:
    """The write-off of each invoice that has one, and how much of it was recovered."""
    rows = session.rows(
        f"select {COLUMNS}, coalesce((select sum(r.amount_minor) from recovery r"
        " where r.merchant_id = w.merchant_id and r.write_off_id = w.id), 0)::bigint"
        " from write_off w where w.merchant_id = %s and w.invoice_id = any(%s)",
        *(session.merchant_id, list(invoices)),
    )
    return {row[1]: (WriteOff(*row[:-1]), row[-1]) for row in rows}


def left_of(session: Session, invoices: Sequence[UUID]) -> dict[UUID, int]:
    """What is given up of each of the invoices, less what was recovered."""
    rows = session.rows(
        "select invoice_id, written_off_minor from settlement"
        " where merchant_id = %s and invoice_id = any(%s) and written_off_minor > 0",
        *(session.merchant_id, list(invoices)),
    )
    return {row[0]: row[1] for row in rows}
