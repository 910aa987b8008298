"""Drafts: what fell due and waits to be invoiced."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.api.bodies import refuse_body
from kesto.api.documents import NextInvoice, next_invoice
from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of, today_of
from kesto.api.once import REQUIRED, Made, once
from kesto.api.paging import PageAsked, check_names, cursor_of, window_of
from kesto.api.schema import Schema
from kesto.api.values import Language, LanguageAsked, Name, own_id
from kesto.core.ids import parsed
from kesto.core.invoice import INVOICE
from kesto.core.refusals import Invalid
from kesto.flows.issue_now import issue_now
from kesto.flows.show_drafts import ShownDraft, no_draft, show_draft, show_drafts
from kesto.store import invoices, merchants
from kesto.store.api.listing import id_of
from kesto.store.session import Session, reading

router = Router(tags=["drafts"])


class Draft(NextInvoice):
    """What a billing group would be invoiced for what fell due by today.

    `id` is the billing group's. It holds what fell due by `due_through` and is issued by itself on
    `bill_on`, the merchant's days of grace later. Below zero it becomes credit notes. With
    `is_checked` it is out of the usual bounds: a person looks at it in the office.
    """

    id: str
    customer: str
    due_through: date


class DraftPage(Schema):
    """A page of drafts. It may hold fewer than were asked for and still have a next one."""

    items: list[Draft]
    next_cursor: str | None


class DraftsAsked(PageAsked):
    """Which drafts. `customer` is the payer, by id or external id."""

    customer: Name | None = None
    language: Annotated[
        Language | None, Field(description="Of names and words; else the customer's own.")
    ] = None


class IssuedDraft(Schema):
    """What a draft became: an invoice as a rule, credit notes where it was below zero."""

    invoice: str | None
    credit_notes: list[str]


@router.get(
    "/drafts",
    operation_id="list_drafts",
    auth=Bearer("read"),
    response={200: DraftPage, **READS},
    summary="List drafts",
)
def list_drafts(request: HttpRequest, asked: Query[DraftsAsked]) -> dict[str, Any]:
    """Billing groups with something due that is not invoiced yet, the newest group first."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        payer_id = id_of(session, "customer", asked.customer) if asked.customer else None
        found = show_drafts(
            *(session, today_of(session), asked.language or ""),
            payer_id=payer_id,
            after=window.after,
            limit=window.limit,
        )
        items = [_draft(one) for one in found.found]
    return {"items": items, "next_cursor": cursor_of(found.after) if found.after else None}


@router.get(
    "/drafts/{draft}",
    operation_id="get_draft",
    auth=Bearer("read"),
    response={200: Draft, **READS},
    summary="Read a draft",
)
def get(request: HttpRequest, draft: str, asked: Query[LanguageAsked]) -> Draft:
    """By the id of its billing group: the invoice as it will be if nothing changes until then."""
    check_names(request, asked)
    with reading(holder(request).merchant_id) as session:
        today = today_of(session)
        return _draft(show_draft(session, _group(draft), today, asked.language or ""))


@router.post(
    "/drafts/{draft}/issue",
    operation_id="issue_draft",
    auth=Bearer("write"),
    response={201: IssuedDraft, **WRITES},
    summary="Issue a draft now",
    openapi_extra=REQUIRED,
)
def issue(request: HttpRequest, draft: str) -> HttpResponse:
    """Before its days of grace are over. Refused with `out_of_bounds` where a person must look."""
    refuse_body(request)

    def work(session: Session) -> Made:
        now, group_id = now_of(merchants.merchant(session)), _group(draft)
        issued = issue_now(session.merchant_id, group_id, now, actor_of(request))
        kinds = {one.invoice.id: one.invoice.kind for one in invoices.load(session, issued)}
        bills = [own for own in issued if kinds[own] == INVOICE]
        notes = [own_id("credit_note", own) for own in issued if own not in bills]
        bill = own_id("invoice", bills[0]) if bills else None
        return Made(201, IssuedDraft(invoice=bill, credit_notes=notes), group_id)

    return once(request, work)


def _draft(found: ShownDraft) -> Draft:
    coming = found.next
    return Draft(
        id=own_id("billing_group", coming.group_id),
        customer=own_id("customer", found.payer_id),
        due_through=coming.due_through,
        **next_invoice(coming, coming.view.language).model_dump(),
    )


def _group(text: str) -> UUID:
    try:
        return parsed("billing_group", text)
    except Invalid:
        raise no_draft() from None
