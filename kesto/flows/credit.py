"""Credit: a whole invoice is taken back by a credit note that mirrors it."""

from datetime import datetime
from uuid import UUID

from msgspec import structs

from kesto.core import ledger
from kesto.core.calendar import local_date
from kesto.core.invoice import CREDIT_NOTE, INVOICE, Document
from kesto.core.invoicing import totals
from kesto.core.refusals import Conflict, Invalid, NotAllowed
from kesto.store import audit, invoices, merchants, payments
from kesto.store.ids import new_id
from kesto.store.invoice_writer import Writer
from kesto.store.session import Session, crash_point, writing


def credit(
    merchant_id: UUID,
    number: str,
    reason: str,
    now: datetime,
    actor: str,
    *,
    limit_minor: int | None = None,
) -> str:
    """Credit a whole invoice; answers the credit note's number.

    What was still open is owed no more; what was paid is kept as the customer's credit. The
    period stays billed: a credit note gives money back, it does not undo the use. Raises NotFound
    for an unknown number, Conflict for an invoice that is credited already, NotAllowed for one
    above the limit of who credits it.
    """
    if not reason.strip():
        raise Invalid("say why the invoice is credited", code="missing", field="reason")
    with writing(merchant_id) as session:
        invoice_id = invoices.id_of_number(session, number)
        settlement = payments.lock_settlements(session, [invoice_id])[invoice_id]
        (stored,) = invoices.load(session, [invoice_id])
        if stored.invoice.kind != INVOICE:
            raise Conflict(f"{number} is a credit note itself", field="invoice")
        if invoices.credit_notes_of(session, invoice_id):
            raise Conflict(
                f"{number} is credited already", code="already_credited", field="invoice"
            )
        if limit_minor is not None and stored.invoice.total_minor > limit_minor:
            raise NotAllowed(
                f"{number} is above what you may credit; ask finance or an owner",
                code="above_limit",
                field="invoice",
            )
        document = _mirror(session, stored, settlement.open_minor, reason, now)
        note = document.invoice
        writer = Writer(session)
        writer.add(document)
        writer.write()
        crash_point("credit.before_settle")
        payments.lock_settlements(session, [note.id])
        payments.settle(
            session,
            {},
            {invoice_id: settlement.open_minor, note.id: settlement.open_minor},
        )
        writer.number(now)
        audit.record(session, "credit", {"invoice": number, "reason": reason}, now, actor)
        given = invoices.numbers_of(session, [note.id])[note.id]
        crash_point("credit.before_commit")
    crash_point("credit.after_commit")
    return given


def _mirror(
    session: Session, stored: invoices.Stored, open_minor: int, reason: str, now: datetime
) -> Document:
    """The same lines at the same rates, in the name of the same people, dated today."""
    merchant = merchants.merchant(session)
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    today = local_date(now, entities[stored.invoice.billing_entity_id].zone)
    if merchant.closed_through is not None and today <= merchant.closed_through:
        raise NotAllowed(
            f"the books are closed through {merchant.closed_through}", code="month_closed"
        )
    note = structs.replace(
        stored.invoice,
        id=new_id(),
        kind=CREDIT_NOTE,
        invoice_on=today,
        due_on=today,
        reference="",
        credits_invoice_id=stored.invoice.id,
        reason=reason.strip(),
        created_at=now,
    )
    sums = totals(stored.lines, includes_tax=note.includes_tax)
    postings = ledger.credit_note(dict(sums.revenue), note.tax_minor, open_minor, note.currency)
    return Document(note, stored.lines, stored.taxes, postings)
