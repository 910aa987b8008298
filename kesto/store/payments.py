"""Payments, allocations and settlements in the database."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.session import Session


class Payment(Struct, frozen=True, gc=False):
    """Money of a customer; `invoice_id` is settled by `allocated_minor` of it."""

    id: UUID
    allocation_id: UUID
    bank_transaction_id: UUID
    customer_id: UUID
    invoice_id: UUID
    currency: str
    amount_minor: int
    allocated_minor: int
    received_on: date


class Settlement(Struct, frozen=True, gc=False):
    """How far an invoice is settled."""

    total_minor: int
    paid_minor: int
    credited_minor: int
    written_off_minor: int = 0

    @property
    def open_minor(self) -> int:
        """What is still to be paid."""
        return self.total_minor - self.paid_minor - self.credited_minor - self.written_off_minor


def lock_settlements(session: Session, invoices: Sequence[UUID]) -> dict[UUID, Settlement]:
    """Lock how far invoices are settled, in the order of ids; made at the first need."""
    wanted = sorted(set(invoices))
    session.execute(
        "insert into settlement (merchant_id, invoice_id, total_minor, paid_minor, credited_minor)"
        " select merchant_id, id, total_minor, 0, 0 from invoice"
        " where merchant_id = %s and id = any(%s) order by id on conflict do nothing",
        *(session.merchant_id, wanted),
    )
    rows = session.rows(
        "select invoice_id, total_minor, paid_minor, credited_minor, written_off_minor"
        " from settlement"
        " where merchant_id = %s and invoice_id = any(%s) order by invoice_id for update",
        *(session.merchant_id, wanted),
    )
    return {row[0]: Settlement(*row[1:]) for row in rows}


def settle(
    session: Session,
    paid: Mapping[UUID, int],
    credited: Mapping[UUID, int],
    written_off: Mapping[UUID, int] | None = None,
) -> None:
    """Add to what is paid, credited and written off of locked settlements."""
    given_up = written_off or {}
    invoices = sorted(set(paid) | set(credited) | set(given_up))
    session.execute(
        "update settlement s set paid_minor = s.paid_minor + t.paid,"
        " credited_minor = s.credited_minor + t.credited,"
        " written_off_minor = s.written_off_minor + t.written_off"
        " from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[])"
        "  as t(id, paid, credited, written_off)"
        " where s.merchant_id = %s and s.invoice_id = t.id",
        invoices,
        [paid.get(invoice, 0) for invoice in invoices],
        [credited.get(invoice, 0) for invoice in invoices],
        [given_up.get(invoice, 0) for invoice in invoices],
        session.merchant_id,
    )


def add_payments(session: Session, payments: Sequence[Payment], now: datetime) -> None:
    """Write payments with what they settle."""
    session.add(
        "payment",
        [
            {
                "id": payment.id,
                "customer_id": payment.customer_id,
                "bank_transaction_id": payment.bank_transaction_id,
                "currency": payment.currency,
                "amount_minor": payment.amount_minor,
                "allocated_minor": payment.allocated_minor,
                "received_on": payment.received_on,
                "created_at": now,
            }
            for payment in payments
        ],
    )
    session.add(
        "allocation",
        [
            {
                "id": payment.allocation_id,
                "payment_id": payment.id,
                "invoice_id": payment.invoice_id,
                "amount_minor": payment.allocated_minor,
                "created_at": now,
            }
            for payment in payments
            if payment.allocated_minor
        ],
    )


def open_minor(session: Session, invoice_id: UUID) -> int:
    """What is left to pay of an invoice, without locking it."""
    row = session.row(
        "select n.total_minor - coalesce(s.settled_minor, 0) from invoice n"
        " left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id"
        " where n.merchant_id = %s and n.id = %s",
        *(session.merchant_id, invoice_id),
    )
    return row[0] if row else 0
