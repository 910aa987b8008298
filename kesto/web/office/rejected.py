"""Rejected usage: the events that programs sent in vain, by reason; mending one, sending again."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from msgspec import Struct

from kesto.core.metering.event import plain_text
from kesto.core.refusals import Conflict, Invalid, Refused
from kesto.flows import mend_events
from kesto.store.session import reading
from kesto.store.usage import letters
from kesto.store.usage.letters import Letter
from kesto.web.clock import real_now
from kesto.web.office import rejected_words, written
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.pager import ROWS, with_query
from kesto.web.office.refusals import refusal_text
from kesto.web.office.rejected_form import MendForm
from kesto.web.ui.said import say


class Row(Struct, frozen=True):
    """A rejected event in a list, in words."""

    id: UUID
    event_id: str
    reason: str
    whose: str
    meter: str
    value: str
    time: str
    received_at: datetime


class Chip(Struct, frozen=True):
    """A reason, and how many events are rejected for it."""

    name: str
    count: int
    href: str
    is_current: bool


@office("customers")
def rejected(request: OfficeRequest) -> HttpResponse:
    """List rejected events, all of them or those of a reason, the oldest first."""
    code = request.GET.get("reason", "")[:100]
    after = _uuid(request.GET.get("after", ""))
    with reading(request.staff.desk.merchant_id) as session:
        counts = letters.counts(session)
        found = letters.letters(session, code, ROWS + 1, after)
    more = len(found) > ROWS
    return page(
        request,
        "rejected",
        "catalogue",
        rows=[_row(one) for one in found[:ROWS]],
        chips=_chips(request, counts, code),
        code=code,
        count=counts.get(code, 0) if code else sum(counts.values()),
        remedy=rejected_words.remedy(code) if code else "",
        is_full=sum(counts.values()) >= letters.MOST_LETTERS,
        is_first=after is None,
        first_href=with_query(request, after=""),
        next_href=with_query(request, after=str(found[ROWS - 1].id)) if more else "",
    )


@office("serve", methods=("POST",))
def send_again(request: OfficeRequest) -> HttpResponse:
    """Send all events again, or those of a reason."""
    staff = request.staff
    code = request.POST.get("reason", "")[:100]
    done = mend_events.replay_all(staff.desk.merchant_id, code, real_now(), staff.actor)
    left = done.sent - done.taken
    text = ngettext("%(n)s event is taken in.", "%(n)s events are taken in.", done.taken)
    note = ngettext("%(n)s is still rejected.", "%(n)s are still rejected.", left)
    say(
        request,
        "ok" if done.taken else "warn",
        text % {"n": written.number(done.taken)},
        note % {"n": written.number(left)} if left else "",
    )
    return HttpResponseRedirect(reverse("office:rejected"))


@office("serve", methods=("GET", "HEAD", "POST"))
def mend(request: OfficeRequest, own: UUID) -> HttpResponse:
    """Change a rejected event and send it again."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        letter = letters.letter_of(session, own)
    form = MendForm(letter, request.POST or None)
    if form.is_valid():
        try:
            verdict = mend_events.mend(
                *(staff.desk.merchant_id, own, form.event(), real_now(), staff.actor)
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if verdict.status != "rejected":
                say(request, "ok", gettext("The event is taken in."))
                return HttpResponseRedirect(reverse("office:rejected"))
            kind = Conflict if verdict.code == "conflict" else Invalid
            form.refuse(kind(verdict.detail, code=verdict.code, field=verdict.field))
    return page(
        request,
        "rejected_event",
        "catalogue",
        form=form,
        letter=letter,
        reason=rejected_words.reason(letter.code),
        remedy=rejected_words.remedy(letter.code),
    )


@office("serve", methods=("POST",))
def let_go(request: OfficeRequest, own: UUID) -> HttpResponse:
    """Take a rejected event off the list for good."""
    staff = request.staff
    if mend_events.let_go(staff.desk.merchant_id, [own], real_now(), staff.actor):
        say(request, "ok", gettext("The event is let go. It is never counted."))
    else:
        say(request, "bad", refusal_text(letters.no_letter()))
    return HttpResponseRedirect(reverse("office:rejected"))


def _row(one: Letter) -> Row:
    event = one.event
    return Row(
        id=one.id,
        event_id=one.event_id,
        reason=rejected_words.reason(one.code),
        whose=plain_text(event.get("customer") or event.get("subscription")),
        meter=plain_text(event.get("meter")),
        value=plain_text(event.get("value")),
        time=plain_text(event.get("time")),
        received_at=one.received_at,
    )


def _chips(request: OfficeRequest, counts: Mapping[str, int], code: str) -> list[Chip]:
    def href(reason: str) -> str:
        return with_query(request, reason=reason, after="")

    every = Chip(rejected_words.every(), sum(counts.values()), href(""), not code)
    return [
        every,
        *(
            Chip(rejected_words.reason(one), count, href(one), one == code)
            for one, count in counts.items()
        ),
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
