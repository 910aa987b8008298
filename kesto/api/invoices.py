"""Invoices: what was billed, why, and how far it is paid."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.api.customer_shape import Customer, customer_of
from kesto.api.documents import Line, Previous, Tax, lines_of, previous_of, taxes_of
from kesto.api.faults import READS
from kesto.api.keys import Bearer, holder, today_of
from kesto.api.paging import PageAsked, check_names, cut, window_of
from kesto.api.schema import Schema
from kesto.api.values import Day, Language, LanguageAsked, Name, amount, expansions, own_id
from kesto.core.refusals import NotFound
from kesto.flows.give_document import give_document
from kesto.flows.show_invoice import invoice_views
from kesto.store import archive, invoices
from kesto.store.api import customers
from kesto.store.api import invoices as store
from kesto.store.api.invoices import Noun, State
from kesto.store.api.listing import id_of
from kesto.store.archive import DocumentKey
from kesto.store.session import Session, reading

router = Router(tags=["invoices"])
EXPAND = ("customer", "lines")
PDF = {
    "responses": {
        200: {"description": "OK", "content": {"application/pdf": {"schema": {"type": "string"}}}}
    }
}
NOBODY = UUID(int=0)
"""The id of no row: what a filter by a number that is not there finds nothing with."""


class Invoice(Schema):
    """An invoice. Amounts are decimals of `currency`.

    Lines, VAT and what changed since the previous invoice are there when lines are asked for.
    """

    id: str
    number: str
    state: State
    customer: str | Customer
    billing_group: str
    issued_on: date
    due_on: date
    currency: str
    includes_tax: bool
    net: str
    tax: str
    total: str
    paid: str
    credited: str
    open: str
    reference: str
    created_at: datetime
    lines: list[Line] | None = None
    taxes: list[Tax] | None = None
    previous: Previous | None = None


class InvoicePage(Schema):
    """A page of invoices."""

    items: list[Invoice]
    next_cursor: str | None


class PapersAsked(PageAsked):
    """Which of them. `customer` is the payer, by id or external id; `issued_until` is exclusive."""

    number: Name | None = None
    customer: Name | None = None
    issued_from: Day | None = None
    issued_until: Day | None = None
    expand: Annotated[
        str, Field(max_length=200, description="Of `customer` and `lines`, with a comma between.")
    ] = ""
    language: Annotated[
        Language | None, Field(description="Of names and words; else the customer's own.")
    ] = None


class InvoicesAsked(PapersAsked):
    """Which invoices."""

    state: State | None = None


class PaperAsked(Schema):
    """How an invoice is shown."""

    expand: Annotated[
        str, Field(max_length=200, description="`customer`, to show who pays in full.")
    ] = ""
    language: Annotated[
        Language | None, Field(description="Of names and words; else the customer's own.")
    ] = None


@router.get(
    "/invoices",
    operation_id="list_invoices",
    auth=Bearer("read"),
    response={200: InvoicePage, **READS},
    summary="List invoices",
)
def list_invoices(request: HttpRequest, asked: Query[InvoicesAsked]) -> dict[str, Any]:
    """The newest first; credit notes stand in a list of their own."""
    window, expanded = window_of(request, asked), expansions(asked.expand, EXPAND)
    with reading(holder(request).merchant_id) as session:
        today = today_of(session)
        wanted = papers_wanted(session, asked)
        if asked.state:
            wanted[store.CONDITIONS[asked.state]] = today
        found = store.heads(session, "invoice", wanted, window)
        rows, cursor = cut(found, window.limit, lambda row: row.id)
        more = papers(session, rows, expanded, asked.language)
        return {
            "items": [_invoice(row, today, more[row.id]) for row in rows],
            "next_cursor": cursor,
        }


@router.get(
    "/invoices/{invoice}",
    operation_id="get_invoice",
    auth=Bearer("read"),
    response={200: Invoice, **READS},
    summary="Read an invoice",
)
def get(request: HttpRequest, invoice: str, asked: Query[PaperAsked]) -> Invoice:
    """By its id or its number, with lines, explanations and VAT."""
    check_names(request, asked)
    expanded = expansions(asked.expand, EXPAND) | {"lines"}
    with reading(holder(request).merchant_id) as session:
        row = store.head(session, "invoice", invoice)
        more = papers(session, [row], expanded, asked.language)
        return _invoice(row, today_of(session), more[row.id])


@router.get(
    "/invoices/{invoice}/pdf",
    operation_id="get_invoice_pdf",
    auth=Bearer("read"),
    response=READS,
    summary="Read an invoice as PDF",
    openapi_extra=PDF,
)
def pdf(request: HttpRequest, invoice: str, asked: Query[LanguageAsked]) -> HttpResponse:
    """The document that was delivered, byte for byte, or what it would be."""
    check_names(request, asked)
    return document(request, "invoice", invoice, asked.language)


def papers_wanted(session: Session, asked: PapersAsked) -> dict[str, object]:
    """The conditions of a list of invoices or credit notes. Raises NotFound."""
    own = id_of(session, "customer", asked.customer) if asked.customer else None
    return {
        "id": _numbered(session, asked.number) if asked.number else None,
        store.OF_PAYER: own,
        "invoice_on_from": asked.issued_from,
        "invoice_on_until": asked.issued_until,
    }


def _numbered(session: Session, number: str) -> UUID:
    try:
        return invoices.id_of_number(session, number)
    except NotFound:
        return NOBODY


def papers(
    session: Session,
    rows: Sequence[store.Head],
    expanded: frozenset[str],
    language: str | None,
) -> dict[UUID, dict[str, Any]]:
    """What is shown in full of invoices or credit notes, by id."""
    known = {}
    if "customer" in expanded:
        known = customers.by_id(session, [row.customer_id for row in rows])
    found: dict[UUID, dict[str, Any]] = {
        row.id: {
            "customer": customer_of(known[row.customer_id])
            if known
            else own_id("customer", row.customer_id)
        }
        for row in rows
    }
    if "lines" in expanded:
        ids = [row.id for row in rows]
        views = invoice_views(session, ids, language or "")
        for stored in invoices.load(session, ids):
            view = views[stored.invoice.id]
            found[stored.invoice.id] |= {
                "lines": lines_of(view, view.language, stored.lines),
                "taxes": taxes_of(view.taxes, view.currency),
            }
            if view.kind == "invoice":
                found[stored.invoice.id]["previous"] = previous_of(view)
    return found


def document(request: HttpRequest, noun: Noun, text: str, language: str | None) -> HttpResponse:
    """The PDF of an invoice or a credit note. Raises NotFound."""
    merchant_id = holder(request).merchant_id
    with reading(merchant_id) as session:
        row = store.head(session, noun, text)
        view = invoice_views(session, [row.id], language or "", as_issued=True)[row.id]
        archived = archive.archived(session, [row.id])
    key = DocumentKey(row.id, view.kind, view.language)
    kept, made = Path(settings.KESTO_DOCUMENTS), Path(settings.KESTO_MADE)
    answer = HttpResponse(
        give_document(merchant_id, archived.get(key), view, kept, made),
        content_type="application/pdf",
    )
    answer["Content-Disposition"] = f'attachment; filename="{row.number}.pdf"'
    return answer


def _invoice(row: store.Head, today: date, more: dict[str, Any]) -> Invoice:
    return Invoice(
        id=own_id("invoice", row.id),
        number=row.number,
        state=row.state(today),
        billing_group=own_id("billing_group", row.group_id),
        issued_on=row.invoice_on,
        due_on=row.due_on,
        currency=row.currency,
        includes_tax=row.includes_tax,
        net=amount(row.net_minor, row.currency),
        tax=amount(row.tax_minor, row.currency),
        total=amount(row.total_minor, row.currency),
        paid=amount(row.paid_minor, row.currency),
        credited=amount(row.credited_minor, row.currency),
        open=amount(row.open_minor, row.currency),
        reference=row.reference,
        created_at=row.created_at,
        **more,
    )
