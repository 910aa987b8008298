"""What stands behind one invoice: its postings, its payments, its messages."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.papers import AT_ONCE
from kesto.store.session import Session


class Booked(Struct, frozen=True):
    """A posting with the journal entry that it is a side of."""

    entry_id: UUID
    kind: str
    booked_on: date
    account: str
    amount_minor: int
    currency: str


class PaidPart(Struct, frozen=True):
    """A payment that settled a part of an invoice; `has_receipt` where its receipt shows it."""

    payment_id: UUID
    received_on: date
    amount_minor: int
    payment_minor: int
    currency: str
    payer_name: str
    payer_iban: str
    has_receipt: bool


class Sent(Struct, frozen=True):
    """A message about something, with its life."""

    id: UUID
    kind: str
    channel: str
    language: str
    state: str
    created_at: datetime
    sent_at: datetime | None


def postings_about(session: Session, invoice_id: UUID) -> list[Booked]:
    """The postings of an invoice, of what settled it and of its credit notes, in that order."""
    rows = session.rows(
        "with about as (select %s::uuid as id"
        "  union select payment_id from allocation where merchant_id = %s and invoice_id = %s"
        "  union select id from wallet_use where merchant_id = %s and invoice_id = %s"
        "  union select id from write_off where merchant_id = %s and invoice_id = %s"
        "  union select r.id from write_off w join recovery r on r.merchant_id = w.merchant_id"
        "   and r.write_off_id = w.id where w.merchant_id = %s and w.invoice_id = %s"
        "  union select c.id from invoice n join invoice c on c.merchant_id = n.merchant_id"
        "   and c.billing_group_id = n.billing_group_id and c.credits_invoice_id = n.id"
        "   where n.merchant_id = %s and n.id = %s)"
        " select e.id, e.kind, e.booked_on, p.account, p.amount_minor, p.currency"
        " from about join journal_entry e on e.merchant_id = %s and e.id = about.id"
        " join posting p on p.merchant_id = e.merchant_id and p.entry_id = e.id"
        " order by e.booked_on, e.id, p.line_no",
        invoice_id,
        *(5 * (session.merchant_id, invoice_id)),
        session.merchant_id,
    )
    return [Booked(*row) for row in rows]


def payments_of(session: Session, invoice_id: UUID) -> list[PaidPart]:
    """What has been paid on an invoice, the first payment first."""
    rows = session.rows(
        "select p.id, p.received_on, a.amount_minor, p.amount_minor, p.currency, t.payer_name,"
        f" t.payer_iban, {AT_ONCE} from allocation a"
        " join payment p on p.merchant_id = a.merchant_id and p.id = a.payment_id"
        " join bank_transaction t on t.merchant_id = p.merchant_id"
        "  and t.id = p.bank_transaction_id"
        " where a.merchant_id = %s and a.invoice_id = %s order by p.received_on, p.id",
        *(session.merchant_id, invoice_id),
    )
    return [PaidPart(*row) for row in rows]


def messages_about(session: Session, subject_id: UUID) -> list[Sent]:
    """The messages about an invoice, the latest first."""
    rows = session.rows(
        "select id, kind, channel, language, state, created_at, sent_at from message"
        " where merchant_id = %s and subject_id = %s order by id desc",
        *(session.merchant_id, subject_id),
    )
    return [Sent(*row) for row in rows]


def waits_in_outbox(session: Session, subject_id: UUID) -> bool:
    """Whether something about it is still to be sent."""
    row = session.row(
        "select from outbox where merchant_id = %s and subject_id = %s limit 1",
        *(session.merchant_id, subject_id),
    )
    return row is not None
