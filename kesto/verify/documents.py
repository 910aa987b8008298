"""Each invoice and credit note by itself: its seal, its reference, its postings."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from kesto.adapters.banking.references import is_valid
from kesto.core import ledger
from kesto.core.billing import BillingEntity
from kesto.core.invoice import INVOICE, explanation_document, seal
from kesto.core.invoicing import totals
from kesto.core.ledger import Posting
from kesto.store.proof import Case, Written
from kesto.verify.finding import Finding, finding
from kesto.verify.invoices import I4, I9
from kesto.verify.ledger import L8
from kesto.verify.sources import Sources


def check_documents(case: Case, sources: Sources) -> Iterator[Finding]:
    """What is wrong with a group's documents, each by itself."""
    for written in case.documents:
        yield from _document(written, sources.entities)


def _document(written: Written, entities: Mapping[UUID, BillingEntity]) -> Iterator[Finding]:
    yield from _seal(written)
    invoice = written.stored.invoice
    entity = entities[invoice.billing_entity_id]
    is_invoice = invoice.kind == INVOICE
    if is_invoice != bool(invoice.reference) or (
        is_invoice and not is_valid(entity.reference_scheme, invoice.reference)
    ):
        yield finding(I9, invoice=invoice.id, reference=invoice.reference)
    wanted = _postings(written)
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


def _postings(written: Written) -> tuple[Posting, ...]:
    invoice = written.stored.invoice
    sums = totals(written.stored.lines, includes_tax=invoice.includes_tax)
    revenue = dict(sums.revenue)
    if invoice.kind == INVOICE:
        return ledger.invoice(revenue, sums.tax_minor, invoice.currency)
    return ledger.credit_note(revenue, sums.tax_minor, written.credited_minor, invoice.currency)


def _texts(postings: tuple[Posting, ...]) -> list[str]:
    return [f"{one.account} {one.amount_minor} {one.currency}" for one in postings]
