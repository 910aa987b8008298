"""Credit notes: invoices taken back."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from kesto.api.customer_shape import Customer
from kesto.api.documents import Line, Tax
from kesto.api.faults import READS
from kesto.api.invoices import (
    EXPAND,
    PDF,
    PaperAsked,
    PapersAsked,
    document,
    papers,
    papers_wanted,
)
from kesto.api.keys import Bearer, holder
from kesto.api.paging import check_names, cut, window_of
from kesto.api.schema import Schema
from kesto.api.values import LanguageAsked, amount, expansions, own_id
from kesto.store.api import invoices as store
from kesto.store.session import reading

router = Router(tags=["credit notes"])


class CreditNote(Schema):
    """A credit note; its amounts are positive and count against the invoice that it credits."""

    id: str
    number: str
    credits: str | None
    reason: str
    customer: str | Customer
    billing_group: str
    issued_on: date
    currency: str
    includes_tax: bool
    net: str
    tax: str
    total: str
    created_at: datetime
    lines: list[Line] | None = None
    taxes: list[Tax] | None = None


class CreditNotePage(Schema):
    """A page of credit notes."""

    items: list[CreditNote]
    next_cursor: str | None


@router.get(
    "/credit_notes",
    operation_id="list_credit_notes",
    auth=Bearer("read"),
    response={200: CreditNotePage, **READS},
    summary="List credit notes",
)
def list_credit_notes(request: HttpRequest, asked: Query[PapersAsked]) -> dict[str, Any]:
    """The newest first."""
    window, expanded = window_of(request, asked), expansions(asked.expand, EXPAND)
    with reading(holder(request).merchant_id) as session:
        found = store.heads(session, "credit_note", papers_wanted(session, asked), window)
        rows, cursor = cut(found, window.limit, lambda row: row.id)
        more = papers(session, rows, expanded, asked.language)
    return {"items": [_note(row, more[row.id]) for row in rows], "next_cursor": cursor}


@router.get(
    "/credit_notes/{credit_note}",
    operation_id="get_credit_note",
    auth=Bearer("read"),
    response={200: CreditNote, **READS},
    summary="Read a credit note",
)
def get(request: HttpRequest, credit_note: str, asked: Query[PaperAsked]) -> CreditNote:
    """By its id or its number, with lines, explanations and VAT."""
    check_names(request, asked)
    expanded = expansions(asked.expand, EXPAND) | {"lines"}
    with reading(holder(request).merchant_id) as session:
        row = store.head(session, "credit_note", credit_note)
        return _note(row, papers(session, [row], expanded, asked.language)[row.id])


@router.get(
    "/credit_notes/{credit_note}/pdf",
    operation_id="get_credit_note_pdf",
    auth=Bearer("read"),
    response=READS,
    summary="Read a credit note as PDF",
    openapi_extra=PDF,
)
def pdf(request: HttpRequest, credit_note: str, asked: Query[LanguageAsked]) -> HttpResponse:
    """The document that was delivered, byte for byte, or what it would be."""
    check_names(request, asked)
    return document(request, "credit_note", credit_note, asked.language)


def _note(row: store.Head, more: dict[str, Any]) -> CreditNote:
    credited = row.credits_invoice_id
    return CreditNote(
        id=own_id("credit_note", row.id),
        number=row.number,
        credits=own_id("invoice", credited) if credited else None,
        reason=row.reason,
        billing_group=own_id("billing_group", row.group_id),
        issued_on=row.invoice_on,
        currency=row.currency,
        includes_tax=row.includes_tax,
        net=amount(row.net_minor, row.currency),
        tax=amount(row.tax_minor, row.currency),
        total=amount(row.total_minor, row.currency),
        created_at=row.created_at,
        **more,
    )
