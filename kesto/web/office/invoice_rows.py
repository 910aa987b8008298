"""Invoices as rows of lists: number, state in words, sums."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from kesto.store.office.invoices import Listed
from kesto.web.office import words


class Row(Struct, frozen=True):
    """An invoice or credit note in a list; a credit note's sum counts against."""

    number: str
    is_credit_note: bool
    invoice_on: date
    due_on: date
    currency: str
    total_minor: int
    open_minor: int
    customer_id: UUID
    customer_name: str
    customer_number: str
    customer_town: str
    state: str
    tone: str
    icon: str


def invoice_row(listed: Listed, today: date) -> Row:
    """An invoice as a list shows it on a day."""
    state = listed.state(today)
    tone, icon = words.INVOICE_TONES[state]
    is_credit_note = state == "credit_note"
    return Row(
        number=listed.number,
        is_credit_note=is_credit_note,
        invoice_on=listed.invoice_on,
        due_on=listed.due_on,
        currency=listed.currency,
        total_minor=-listed.total_minor if is_credit_note else listed.total_minor,
        open_minor=0 if is_credit_note else listed.open_minor,
        customer_id=listed.customer_id,
        customer_name=listed.customer_name,
        customer_number=listed.customer_number,
        customer_town=listed.customer_town,
        state=words.said(words.INVOICE_STATES, state),
        tone=tone,
        icon=icon,
    )
