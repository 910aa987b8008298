"""Invoices and credit notes as the API shows them: heads in lists, lines for those asked for."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.ids import parsed
from kesto.core.refusals import Invalid, NotFound
from kesto.store.api.listing import Window, listed
from kesto.store.invoice_writer import shown_number
from kesto.store.invoices import id_of_number
from kesto.store.session import Session

Noun = Literal["invoice", "credit_note"]
State = Literal["open", "overdue", "paid", "credited"]

HEADS = """
    select n.id, n.invoice_on, n.due_on, n.currency, n.includes_tax, n.net_minor, n.tax_minor,
        n.total_minor, coalesce(s.paid_minor, 0), coalesce(s.credited_minor, 0), n.customer_id,
        n.billing_group_id, n.reference, n.credits_invoice_id, n.reason, n.created_at, x.prefix,
        i.number
    from invoice n
    left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id
    left join issued i on i.merchant_id = n.merchant_id and i.invoice_id = n.id
    left join number_series x on x.merchant_id = i.merchant_id and x.id = i.series_id
"""
OPEN = "n.total_minor - coalesce(s.paid_minor + s.credited_minor, 0)"
OF_PAYER = """
    n.billing_group_id = any(array(
        select g.id from billing_group g where g.merchant_id = %(merchant)s and g.payer_id = %s))
"""
"""Whose it is: found by the index of billing groups. Takes the customer."""

CONDITIONS: Mapping[State, str] = {
    "open": f"{OPEN} > 0 and n.due_on >= %s",
    "overdue": f"{OPEN} > 0 and n.due_on < %s",
    "paid": f"{OPEN} <= 0 and coalesce(s.credited_minor, 0) = 0 and %s::date is not null",
    "credited": f"{OPEN} <= 0 and s.credited_minor > 0 and %s::date is not null",
}
"""By state the condition; each takes today."""


class Head(Struct, frozen=True):
    """An invoice or a credit note without its lines."""

    id: UUID
    invoice_on: date
    due_on: date
    currency: str
    includes_tax: bool
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int
    credited_minor: int
    customer_id: UUID
    group_id: UUID
    reference: str
    credits_invoice_id: UUID | None
    reason: str
    created_at: datetime
    number: str

    @property
    def open_minor(self) -> int:
        """What is left to pay."""
        return self.total_minor - self.paid_minor - self.credited_minor

    def state(self, today: date) -> State:
        """How an invoice stands on a day."""
        if self.open_minor > 0:
            return "overdue" if self.due_on < today else "open"
        return "credited" if self.credited_minor else "paid"


def heads(session: Session, noun: Noun, wanted: Mapping[str, object], window: Window) -> list[Head]:
    """Invoices or credit notes in a list."""
    wanted = {**wanted, _kind(noun): "credit_note"}
    return [_read(row) for row in listed(session, HEADS, wanted, window, "n.id")]


def head(session: Session, noun: Noun, text: str) -> Head:
    """An invoice, or a credit note, by its id or number. Raises NotFound."""
    try:
        own = parsed(noun, text)
    except Invalid:
        own = _id_of_number(session, noun, text)
    row = session.row(
        f"{HEADS} where n.merchant_id = %s and n.id = %s and {_kind(noun)}",
        *(session.merchant_id, own, "credit_note"),
    )
    if row is None:
        raise _unknown(noun, text)
    return _read(row)


def _id_of_number(session: Session, noun: Noun, text: str) -> UUID:
    try:
        return id_of_number(session, text)
    except NotFound:
        raise _unknown(noun, text) from None


def _unknown(noun: Noun, text: str) -> NotFound:
    word = noun.replace("_", " ")
    return NotFound(f"there is no {word} {text!r}", code=f"unknown_{noun}", field=noun)


def _kind(noun: Noun) -> str:
    return f"n.kind {'=' if noun == 'credit_note' else '<>'} %s"


def _read(row: tuple[Any, ...]) -> Head:
    prefix, number = row[-2:]
    return Head(*(*row[:-2], shown_number(prefix, number) if prefix is not None else ""))
