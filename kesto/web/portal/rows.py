"""A customer's invoices as rows of a list."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from kesto.store.office.invoices import Listed
from kesto.web.portal import words


class Row(Struct, frozen=True):
    """An invoice or credit note in a list; a credit note's sum counts against."""

    id: UUID
    number: str
    is_credit_note: bool
    invoice_on: date
    due_on: date
    currency: str
    total_minor: int
    open_minor: int
    code: str
    state: str
    tone: str
    icon: str


def invoice_row(listed: Listed, today: date) -> Row:
    """An invoice as a list shows it on a day."""
    code = listed.state(today)
    tone, icon = words.TONES[code]
    is_credit_note = code == "credit_note"
    return Row(
        id=listed.id,
        number=listed.number,
        is_credit_note=is_credit_note,
        invoice_on=listed.invoice_on,
        due_on=listed.due_on,
        currency=listed.currency,
        total_minor=-listed.total_minor if is_credit_note else listed.total_minor,
        open_minor=0 if is_credit_note else listed.open_minor,
        code=code,
        state=words.said(words.STATES, code),
        tone=tone,
        icon=icon,
    )
