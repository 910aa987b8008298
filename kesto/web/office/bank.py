"""Bank payments: what found no invoice, what it may be for, settled in two clicks."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import islice
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from msgspec import Struct

from kesto.adapters.banking.references import printed
from kesto.core.banking import BankEntry
from kesto.core.refusals import Invalid, Refused
from kesto.flows.match_payment import import_bank_file, settle
from kesto.flows.propose_match import Candidate, Proposal, propose_match
from kesto.store import bank
from kesto.store.office import bank as listed
from kesto.store.session import reading
from kesto.web.office import words, written
from kesto.web.office.forms import BankFileForm
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.invoice_rows import Row, invoice_row
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.said import say

FILES = 8
MOST_OFFERS = 5
LIKELY = 50
"""The score from which a suggestion is offered as the one to take."""

SHOWN = 60


class Ground(Struct, frozen=True):
    """What speaks for an invoice, or against it."""

    is_for: bool
    words: str


class Offer(Struct, frozen=True):
    """An invoice that a payment may be for, and the button that settles it."""

    row: Row
    score: int
    grounds: tuple[Ground, ...]
    deed: str
    candidate: Candidate


class Line(Struct, frozen=True):
    """A posting of the preview."""

    account: str
    debit_minor: int
    credit_minor: int


@office("money")
def inbox(request: OfficeRequest, transaction_id: UUID | None = None) -> HttpResponse:
    """Show what waits, and one payment of it with its suggestions."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        queue = bank.queue(session)
        files = listed.files(session, FILES)
    chosen = transaction_id or next((one.id for one in queue), None)
    number = request.GET.get("invoice", "").strip()[:40]
    proposal = propose_match(staff.desk.merchant_id, chosen, number) if chosen else None
    offers = [*islice(_offers(staff, proposal), MOST_OFFERS)] if proposal else []
    first = offers[0] if offers else None
    return page(
        request,
        "bank",
        "bank",
        queue=[(one, words.said(words.WAITS_BECAUSE, one.reason)) for one in queue[:SHOWN]],
        waiting=len(queue),
        waiting_minor=sum(_signed_minor(one.entry) for one in queue),
        hidden=max(len(queue) - SHOWN, 0),
        files=files,
        proposal=proposal,
        entry=proposal.waiting.entry if proposal else None,
        references=_references(proposal.waiting.entry) if proposal else "",
        reason=words.said(words.WAITS_BECAUSE, proposal.waiting.reason) if proposal else "",
        offers=offers,
        first=first,
        is_clear=_is_clear(offers),
        postings=[*_postings(first.candidate)] if first else [],
        asked_number=number,
        is_unknown=proposal is not None and proposal.is_unknown,
        may_match=staff.may("match"),
    )


@office("match", methods=("POST",))
def settle_payment(request: OfficeRequest, transaction_id: UUID) -> HttpResponse:
    """Settle the invoice that was chosen."""
    staff = request.staff
    number = request.POST.get("invoice", "")
    try:
        paid = settle(staff.desk.merchant_id, transaction_id, number, staff.now, staff.actor)
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
        return HttpResponseRedirect(reverse("office:bank"))
    left_minor = paid.amount_minor - paid.allocated_minor
    title = gettext("%(sum)s is settled on invoice %(number)s.") % {
        "sum": written.money(paid.allocated_minor, paid.currency),
        "number": number,
    }
    if not paid.allocated_minor:
        title = gettext("Invoice %(number)s was paid already.") % {"number": number}
    text = ""
    if left_minor:
        left = written.money(left_minor, paid.currency)
        text = gettext("%(sum)s is kept as the customer’s credit.") % {"sum": left}
    say(request, "ok", title, text)
    return HttpResponseRedirect(reverse("office:bank"))


@office("match", methods=("GET", "HEAD", "POST"))
def bank_file(request: OfficeRequest) -> HttpResponse:
    """Take in a bank's file, whole or not at all."""
    staff = request.staff
    form = BankFileForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            _refuse_large(sent.size)
            read = _camt().Camt().read(sent.read())
            done = import_bank_file(staff.desk.merchant_id, read, sent.name, staff.now)
        except Refused as refusal:
            form.add_error("file", _file_text(refusal))
        else:
            if done.is_repeated:
                title = gettext("This file was read before. Nothing was changed.")
                say(request, "info", title)
            else:
                title = ngettext("%(n)d new payment.", "%(n)d new payments.", done.new)
                text = gettext("%(matched)d matched, %(waiting)d are waiting for you.")
                counts = {"matched": done.matched, "waiting": done.unmatched}
                say(request, "ok", title % {"n": done.new}, text % counts)
            return HttpResponseRedirect(reverse("office:bank"))
    return page(request, "bank_file", "bank", form=form)


def _camt() -> Any:
    # Loaded for the first file: it brings a reader of XML.
    return import_module("kesto.adapters.banking.camt")


def _refuse_large(size: int) -> None:
    if size > _camt().MOST_BYTES:
        raise Invalid("the file is too large", code="file_too_large", field="file")


def _file_text(refusal: Refused) -> str:
    if refusal.code == "unknown_account":
        return refusal_text(refusal)
    if refusal.code == "file_too_large":
        return gettext("This file is too large. Ask the bank for shorter periods.")
    if refusal.code == "file_empty":
        return gettext("This file is empty. Fetch it from the bank again.")
    if refusal.code == "bank_file_wrong":
        return gettext("This file has a fault and was not read. Fetch it from the bank again.")
    return gettext(
        "This bank file can’t be read: it must be camt.053 or camt.054 in XML. Nothing was changed."
    )


def _offers(staff: Staff, proposal: Proposal) -> Iterator[Offer]:
    if not proposal.can_settle:
        return
    found = [*proposal.candidates]
    if proposal.chosen:
        own = proposal.chosen.invoice.id
        found = [proposal.chosen, *(one for one in found if one.invoice.id != own)]
    entry = proposal.waiting.entry
    for one in found:
        if one.invoice.currency != entry.currency or _is_far(one, proposal):
            continue
        deed = gettext("Settle %(sum)s")
        sum_minor = one.settled_minor
        if not one.settled_minor:
            deed, sum_minor = gettext("Keep %(sum)s as credit"), entry.amount_minor
        yield Offer(
            invoice_row(one.invoice, staff.today),
            one.score,
            tuple(_grounds(entry, one)),
            deed % {"sum": written.money(sum_minor, entry.currency)},
            one,
        )


def _is_clear(offers: Sequence[Offer]) -> bool:
    """Whether enough speaks for the first one, and less for the others."""
    scores = [offer.score for offer in offers]
    return bool(scores) and scores[0] >= LIKELY and scores[0] > max(scores[1:], default=0)


def _is_far(one: Candidate, proposal: Proposal) -> bool:
    """Whether it is a paid invoice that nobody asked for and nothing but a slip speaks for."""
    is_asked = proposal.chosen is not None and one.invoice.id == proposal.chosen.invoice.id
    return not (is_asked or one.invoice.open_minor > 0 or one.evidence & {"named", "payer"})


def _grounds(entry: BankEntry, one: Candidate) -> Iterator[Ground]:
    """The grounds in the order in which a person weighs them."""
    if "named" in one.evidence:
        yield Ground(is_for=True, words=gettext("The payment names its reference"))
    elif "nearly_named" in one.evidence:
        yield Ground(is_for=True, words=gettext("One digit of the reference is wrong"))
    elif entry.references or any(map(str.isdigit, "".join(entry.texts))):
        yield Ground(is_for=False, words=gettext("The reference is different"))
    open_minor = one.invoice.open_minor
    if open_minor <= 0:
        yield Ground(is_for=False, words=gettext("Nothing is open any more"))
    elif open_minor == entry.amount_minor:
        yield Ground(is_for=True, words=gettext("The sum is the same"))
    else:
        apart = written.change(entry.amount_minor - open_minor, entry.currency)
        yield Ground(is_for=False, words=gettext("The sum differs by %(sum)s") % {"sum": apart})
    if one.is_later:
        yield Ground(is_for=False, words=gettext("The invoice was made after the payment"))
    if one.knows_account:
        yield Ground(is_for=True, words=gettext("This account has paid for the customer before"))
    elif "payer" in one.evidence:
        yield Ground(is_for=True, words=gettext("The payer’s name matches"))
    elif entry.payer_name:
        yield Ground(is_for=False, words=gettext("The payer’s name is different"))


def _postings(one: Candidate) -> Iterator[Line]:
    for posting in one.postings:
        minor = posting.amount_minor
        yield Line(words.account(posting.account), max(minor, 0), max(-minor, 0))


def _references(entry: BankEntry) -> str:
    return ", ".join(printed("fi", reference) for reference in entry.references if reference)


def _signed_minor(entry: BankEntry) -> int:
    return entry.amount_minor if entry.direction == "in" else -entry.amount_minor
