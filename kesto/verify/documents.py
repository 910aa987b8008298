"""Each invoice and credit note by itself: its seal, its reference, its postings."""

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from kesto.adapters.banking.references import is_valid
from kesto.core import ledger
from kesto.core.billing import BillingEntity
from kesto.core.crediting import Credit, revenue_taken
from kesto.core.invoice import INVOICE, explanation_document, seal
from kesto.core.invoicing import totals
from kesto.core.ledger import Posting
from kesto.store.invoices import Stored, creditable
from kesto.store.proof import Case, Written
from kesto.verify.finding import Finding, finding
from kesto.verify.invoices import I4, I9
from kesto.verify.ledger import L8
from kesto.verify.sources import Sources


def check_documents(case: Case, sources: Sources) -> Iterator[Finding]:
    """What is wrong with a group's documents, each by itself."""
    documents = {written.stored.invoice.id: written.stored for written in case.documents}
    for written in case.documents:
        yield from _document(written, documents, sources.entities)


def _document(
    written: Written,
    documents: Mapping[UUID, Stored],
    entities: Mapping[UUID, BillingEntity],
) -> Iterator[Finding]:
    yield from _seal(written)
    invoice = written.stored.invoice
    entity = entities[invoice.billing_entity_id]
    is_invoice = invoice.kind == INVOICE
    if is_invoice != bool(invoice.reference) or (
        is_invoice and not is_valid(entity.reference_scheme, invoice.reference)
    ):
        yield finding(I9, invoice=invoice.id, reference=invoice.reference)
    wanted = _postings(written, documents)
    if wanted != written.postings:
        yield finding(
            L8, invoice=invoice.id, booked=_texts(written.postings), wanted=_texts(wanted)
        )


def _seal(written: Written) -> Iterator[Finding]:
    stored = written.stored
    if not stored.number:
        return  # I8 says so
    if seal(stored.number, stored.invoice, stored.lines, stored.taxes) != stored.sha256:
        yield finding(I4, invoice=stored.invoice.id, problem="the seal is broken")
    elif explanation_document(stored.lines).decode() != written.explanations:
        problem = "there are more explanations than lines"
        yield finding(I4, invoice=stored.invoice.id, problem=problem)


def _postings(written: Written, documents: Mapping[UUID, Stored]) -> tuple[Posting, ...]:
    stored = written.stored
    invoice = stored.invoice
    if invoice.kind == INVOICE:
        sums = totals(stored.lines, includes_tax=invoice.includes_tax)
        return ledger.invoice(sums.revenue, sums.tax_minor, invoice.currency)
    of = documents.get(invoice.credits_invoice_id) if invoice.credits_invoice_id else None
    if of is None:
        return ()  # N1 says so
    earlier = [
        one
        for one in documents.values()
        if one.invoice.credits_invoice_id == of.invoice.id and _place(one) < _place(stored)
    ]
    amounts = {number: line.rated.amount_minor for number, line in stored.numbered.items()}
    credit = Credit(amounts, stored.taxes)
    revenue = revenue_taken(creditable(of, earlier), credit)
    return ledger.credit_note(revenue, credit.tax_minor, written.credited_minor, invoice.currency)


def _place(stored: Stored) -> tuple[date, str]:
    """The place in the series of credit notes."""
    return stored.invoice.invoice_on, stored.number


def _texts(postings: tuple[Posting, ...]) -> list[str]:
    return [f"{one.account} {one.amount_minor} {one.currency}" for one in postings]
