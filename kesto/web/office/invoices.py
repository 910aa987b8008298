"""Invoices: lists that add up, and one invoice as its customer sees it with what stands behind."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from msgspec import Struct

from kesto.core.refusals import NotFound
from kesto.flows.show_invoice import show_invoice
from kesto.store import archive
from kesto.store import invoices as stored
from kesto.store.archive import DocumentKey
from kesto.store.office import customer as one
from kesto.store.office import invoice as behind
from kesto.store.office import invoices as listed
from kesto.store.office import runs
from kesto.store.office.invoice import Booked, Sent
from kesto.store.office.invoices import FILTERS, Filter, Wanted
from kesto.store.session import reading
from kesto.web.documents import pdf_answer
from kesto.web.office import words
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.invoice_rows import invoice_row
from kesto.web.office.months import month_of, next_month
from kesto.web.office.pager import ROWS, pager, with_query
from kesto.web.office.paper import bill_of
from kesto.web.ui.language import LANGUAGES, words_language
from kesto.words.invoice_paper import invoice_paper


class Side(Struct, frozen=True):
    """A posting with its account in words, on one side or the other."""

    account: str
    debit_minor: int
    credit_minor: int
    currency: str


class Entry(Struct, frozen=True):
    """A journal entry with its postings."""

    title: str
    booked_on: date
    sides: tuple[Side, ...]


class Delivered(Struct, frozen=True):
    """A message about an invoice, in words."""

    kind: str
    channel: str
    state: str
    is_good: bool
    at: datetime


@office("customers")
def invoices(request: OfficeRequest) -> HttpResponse:
    """List invoices by state, month or run, with what they come to."""
    staff = request.staff
    state = _filter(request)
    first_on = month_of(request.GET.get("month", ""))
    run_id = _uuid(request.GET.get("run", ""))
    with reading(staff.desk.merchant_id) as session:
        run = runs.run(session, run_id) if run_id else None
        wanted = Wanted(
            state,
            first_on,
            next_month(first_on) if first_on else None,
            run.id if run else None,
            run.following_id if run else None,
            is_of_run=run is not None,
        )
        summed = listed.summed(session, wanted, staff.currency, staff.today)
        place = pager(request, summed.count)
        rows = listed.page(session, wanted, staff.today, limit=ROWS, offset=place.offset)
    return page(
        request,
        "invoices",
        "invoices",
        rows=[invoice_row(row, staff.today) for row in rows],
        summed=summed,
        pager=place,
        filters=[
            (words.said(words.INVOICE_FILTERS, name), with_query(request, state=name), name)
            for name in FILTERS
        ],
        chosen=state,
        month=words.month(first_on) if first_on else "",
        run=run,
        without_month=with_query(request, month=""),
        without_run=with_query(request, run=""),
    )


@office("customers")
def invoice(request: OfficeRequest, number: str) -> HttpResponse:
    """Show an invoice as its customer sees it, then its postings, payments and messages."""
    staff = request.staff
    asked = request.GET.get("language", "")
    with reading(staff.desk.merchant_id) as session:
        own = stored.id_of_number(session, number)
        found = listed.with_ids(session, [own])[own]
        known = one.customer(session, found.customer_id)
        booked = behind.postings_about(session, own)
        paid = behind.payments_of(session, own)
        sent = behind.messages_about(session, own)
        waits = behind.waits_in_outbox(session, own)
        notes = stored.credit_notes_of(session, own)
        made = [*listed.with_ids(session, notes).values()]
    language = next((one for one in (asked, known.language) if one in LANGUAGES), words_language())
    view = show_invoice(staff.desk.merchant_id, number, language)
    paper = invoice_paper(view, has_room=True)
    state = invoice_row(found, staff.today)
    credited_minor = sum(note.total_minor for note in made)
    is_credited = bool(made) and credited_minor >= found.total_minor
    may_credit = staff.may("credit") and not state.is_credit_note and not is_credited
    is_owed = found.kind == "invoice" and found.open_minor > 0
    may_write_off = staff.may("write_off") and is_owed and not found.written_off_minor
    may_credit = may_credit and not found.written_off_minor
    return page(
        request,
        "invoice",
        "invoices",
        paper=paper,
        bill=bill_of(paper),
        view=view,
        row=state,
        customer=known,
        entries=[*_entries(booked)],
        booked_minor=sum(max(posting.amount_minor, 0) for posting in booked),
        paid=paid,
        sent=[_delivered(message) for message in sent],
        waits=waits,
        is_credited=is_credited,
        credit_notes=sorted(made, key=lambda note: note.number),
        reason=found.reason,
        credit_href=reverse("office:credit", args=[number]) if may_credit else "",
        write_off_href=reverse("office:write_off", args=[number]) if may_write_off else "",
        paper_language=language,
        languages_shown=[
            (code, words.said(words.LANGUAGES, code), f"?language={code}") for code in LANGUAGES
        ],
        customer_language=words.said(words.LANGUAGES, known.language),
    )


@office("customers")
def document(request: OfficeRequest, number: str) -> HttpResponse:
    """The invoice's PDF as it was sent, or as it looked on the day of issue."""
    merchant_id = request.staff.desk.merchant_id
    view = show_invoice(merchant_id, number, as_issued=True)
    with reading(merchant_id) as session:
        own = stored.id_of_number(session, number)
        kept = archive.archived(session, [own])
    archived = kept.get(DocumentKey(own, view.kind, view.language))
    return pdf_answer(merchant_id, archived, view)


def _delivered(message: Sent) -> Delivered:
    return Delivered(
        words.said(words.MESSAGES, message.kind),
        words.channel(message.channel),
        words.said(words.MESSAGE_STATES, message.state),
        words.MESSAGE_TONES.get(message.state, "") == "ok",
        message.sent_at or message.created_at,
    )


def _entries(booked: Sequence[Booked]) -> Iterator[Entry]:
    for _, group in groupby(booked, lambda posting: posting.entry_id):
        postings = [*group]
        first = postings[0]
        sides = tuple(
            Side(
                words.account(posting.account),
                max(posting.amount_minor, 0),
                max(-posting.amount_minor, 0),
                posting.currency,
            )
            for posting in postings
        )
        yield Entry(words.said(words.BOOKED_KINDS, first.kind), first.booked_on, sides)


def _filter(request: OfficeRequest) -> Filter:
    asked = request.GET.get("state", "all")
    return next((name for name in FILTERS if name == asked), "all")


def _uuid(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("there is no such billing run", code="unknown_run", field="run") from None
