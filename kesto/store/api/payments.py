"""Payments as the API shows them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from kesto.core.ids import parsed
from kesto.core.refusals import Invalid, NotFound
from kesto.store.api.listing import Window, listed
from kesto.store.invoices import numbers_of
from kesto.store.session import Session

PAYMENTS = """
    select p.id, p.customer_id, p.currency, p.amount_minor, p.allocated_minor, p.received_on,
        p.created_at
    from payment p
"""


class Part(Struct, frozen=True):
    """What a payment settled of an invoice."""

    invoice_id: UUID
    number: str
    amount_minor: int


class Payment(Struct, frozen=True):
    """A payment with what it settled; the rest is the customer's credit."""

    id: UUID
    customer_id: UUID
    currency: str
    amount_minor: int
    allocated_minor: int
    received_on: date
    created_at: datetime
    parts: tuple[Part, ...] = ()


def payments(session: Session, wanted: Mapping[str, object], window: Window) -> list[Payment]:
    """Payments in a list."""
    return _with_parts(session, listed(session, PAYMENTS, wanted, window, "p.id"))


def payment(session: Session, text: str) -> Payment:
    """A payment by its id. Raises NotFound."""
    rows: list[tuple[Any, ...]] = []
    try:
        query = f"{PAYMENTS} where p.merchant_id = %s and p.id = %s"
        rows = session.rows(query, session.merchant_id, parsed("payment", text))
    except Invalid:
        pass  # answered as what is not there
    if not rows:
        raise NotFound(f"there is no payment {text!r}", code="unknown_payment", field="payment")
    return _with_parts(session, rows)[0]


def _with_parts(session: Session, rows: list[tuple[Any, ...]]) -> list[Payment]:
    found = session.rows(
        "select payment_id, invoice_id, amount_minor from allocation"
        " where merchant_id = %s and payment_id = any(%s) order by id",
        *(session.merchant_id, [row[0] for row in rows]),
    )
    numbers = numbers_of(session, [row[1] for row in found])
    parts: dict[UUID, list[Part]] = {}
    for payment_id, invoice_id, amount_minor in found:
        part = Part(invoice_id, numbers[invoice_id], amount_minor)
        parts.setdefault(payment_id, []).append(part)
    return [Payment(*(*row, tuple(parts.get(row[0], ())))) for row in rows]
