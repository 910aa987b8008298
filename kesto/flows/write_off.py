"""Write off: an invoice that will not be paid is given up, with a reason; nothing is credited."""

from datetime import datetime
from uuid import UUID

from kesto.core import ledger
from kesto.core.calendar import local_date
from kesto.core.invoice import INVOICE
from kesto.core.refusals import Conflict, Invalid, NotAllowed
from kesto.core.writing_off import RELIEF_COUNTRIES, relieved_minor
from kesto.store import audit, invoices, journal, merchants, payments, write_offs
from kesto.store.ids import new_id
from kesto.store.invoices import Stored
from kesto.store.journal import Entry
from kesto.store.session import Session, crash_point, reading, writing
from kesto.store.write_offs import WriteOff


def preview_write_off(
    merchant_id: UUID, number: str, now: datetime, *, relieves_tax: bool = False
) -> WriteOff:
    """What `write_off` would book; reads only, and refuses what it refuses."""
    with reading(merchant_id) as session:
        invoice_id = invoices.id_of_number(session, number)
        (stored,) = invoices.load(session, [invoice_id])
        open_minor = payments.open_minor(session, invoice_id)
        return _decided(session, stored, open_minor, "", now, relieves_tax=relieves_tax)


def write_off(
    merchant_id: UUID,
    number: str,
    reason: str,
    now: datetime,
    actor: str,
    *,
    relieves_tax: bool = False,
) -> WriteOff:
    """Book what is open of an invoice as a loss; the invoice stands, and is asked for no more.

    VAT is taken back only where that is asked. What is paid later is recovered. Raises NotFound
    for an unknown number, Conflict where nothing is open, NotAllowed for VAT where the seller's
    law knows no relief.
    """
    if not reason.strip():
        raise Invalid("say why the invoice is written off", code="missing", field="reason")
    with writing(merchant_id) as session:
        invoice_id = invoices.id_of_number(session, number)
        settlement = payments.lock_settlements(session, [invoice_id])[invoice_id]
        (stored,) = invoices.load(session, [invoice_id])
        one = _decided(
            session, stored, settlement.open_minor, reason.strip(), now, relieves_tax=relieves_tax
        )
        write_offs.add(session, one, now)
        payments.settle(session, {}, {}, {invoice_id: one.amount_minor})
        crash_point("write_off.before_booking")
        postings = ledger.write_off(one.amount_minor, one.tax_minor, one.currency)
        entry = Entry(
            one.id, "write_off", one.billing_entity_id, one.customer_id, one.booked_on, postings
        )
        journal.book(session, [entry], now)
        data = {
            "invoice": number,
            "reason": one.reason,
            "amount_minor": one.amount_minor,
            "relieves_tax": relieves_tax,
        }
        audit.record(session, "write_off", data, now, actor)
        crash_point("write_off.before_commit")
    crash_point("write_off.after_commit")
    return one


def _decided(
    session: Session,
    stored: Stored,
    open_minor: int,
    reason: str,
    now: datetime,
    *,
    relieves_tax: bool,
) -> WriteOff:
    invoice = stored.invoice
    if invoice.kind != INVOICE:
        raise Conflict(
            f"{stored.number} is a credit note; only an invoice is written off",
            code="not_an_invoice",
            field="invoice",
        )
    if write_offs.of_invoices(session, [invoice.id]):
        raise Conflict(
            f"{stored.number} is written off already", code="written_off", field="invoice"
        )
    if open_minor <= 0:
        raise Conflict(
            f"nothing of {stored.number} is open any more", code="nothing_open", field="invoice"
        )
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    entity = entities[invoice.billing_entity_id]
    if relieves_tax and entity.country not in RELIEF_COUNTRIES:
        raise NotAllowed(
            f"VAT on a loss can't be taken back in {entity.country}; write it off without",
            code="no_tax_relief",
            field="relieves_tax",
        )
    today = local_date(now, entity.zone)
    merchant = merchants.merchant(session)
    if merchant.closed_through is not None and today <= merchant.closed_through:
        raise NotAllowed(
            f"the books are closed through {merchant.closed_through}", code="month_closed"
        )
    share = relieved_minor(open_minor, invoice.total_minor, invoice.tax_minor)
    return WriteOff(
        *(new_id(), invoice.id, invoice.customer_id, entity.id, invoice.currency, open_minor),
        *(relieves_tax, share if relieves_tax else 0, reason, today),
    )
