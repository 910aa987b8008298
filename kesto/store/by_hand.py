"""What an invoice that is written by hand needs of the database, beside being written."""

from datetime import datetime
from uuid import UUID

from kesto.core.invoice import Invoice
from kesto.store.session import Session


def buyer_of(session: Session, customer_id: UUID) -> bytes | None:
    """The snapshot of a customer as invoices freeze it, or None where there is none."""
    row = session.row(
        "select snapshot_sha256 from customer where merchant_id = %s and id = %s",
        *(session.merchant_id, customer_id),
    )
    return row[0] if row else None


def add_group(session: Session, invoice: Invoice, due_days: int) -> None:
    """A billing group of the invoice's own: no run ever looks at it, nothing else is in it."""
    session.execute(
        "insert into billing_group (merchant_id, id, billing_entity_id, payer_id, currency,"
        " due_days, includes_tax, separate_for, history_seq, parked_reason, accepts_bounds)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, 0, '', false)",
        *(session.merchant_id, invoice.billing_group_id, invoice.billing_entity_id),
        *(invoice.customer_id, invoice.currency, due_days, invoice.includes_tax, invoice.id),
    )


def is_first(session: Session, once: str, invoice_id: UUID, now: datetime) -> bool:
    """Whether a form is sent for the first time; the same one sent again finds its key taken."""
    return bool(
        session.execute(
            "insert into idempotency (merchant_id, scope, key, fingerprint, state, resource_id,"
            " created_at) values (%s, 'write_invoice', %s, '', 'done', %s, %s)"
            " on conflict do nothing",
            *(session.merchant_id, once, invoice_id, now),
        )
    )
