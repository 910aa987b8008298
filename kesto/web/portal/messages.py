"""How we reach a customer, and every message that we sent."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from msgspec import Struct
from msgspec.structs import replace

from kesto.core.refusals import NotFound, Refused
from kesto.flows.prefer_channel import prefer_channel
from kesto.flows.show_notice import notice_views
from kesto.flows.show_receipt import receipt_number
from kesto.store import invoices
from kesto.store import portal as store
from kesto.store.portal import Sent
from kesto.store.session import Session, reading
from kesto.web.portal import words
from kesto.web.portal.gate import PortalRequest, page, portal
from kesto.web.portal.pager import ROWS, asked_offset, older
from kesto.web.portal.wishes import choices, wishes_in
from kesto.web.ui.said import say
from kesto.words.notice_mail import notice_mail


class Message(Struct, frozen=True):
    """A message in the list; `href` is where what it is about is seen, if anywhere."""

    sent: Sent
    title: str
    href: str
    channel: str
    state: str
    tone: str


@portal(methods=("GET", "HEAD", "POST"))
def messages(request: PortalRequest) -> HttpResponse:
    """Show how messages come and which ones did; take other wishes."""
    if request.method == "POST":
        return _keep(request)
    customer = request.customer
    offset = asked_offset(request)
    with reading(customer.merchant_id) as session:
        wishes = store.preferences(session, customer.id)
        found = store.messages(session, customer.id, limit=ROWS + 1, offset=offset)
        numbers = invoices.numbers_of(session, [one.invoice_id for one in found if one.invoice_id])
    return page(
        request,
        "messages",
        "messages",
        choices=choices(wishes, customer.visitor),
        messages=[_message(one, numbers) for one in found[:ROWS]],
        older=older(offset, found),
    )


@portal()
def message(request: PortalRequest, message_id: UUID) -> HttpResponse:
    """Show a message as it was sent."""
    customer = request.customer
    with reading(customer.merchant_id) as session:
        found = store.message(session, customer.id, message_id)
        if found is None:
            raise NotFound("there is no such message", code="unknown_message", field="message")
        known = [found.invoice_id] if found.invoice_id else []
        numbers = invoices.numbers_of(session, known)
        if found.subscription_id and not found.text:
            found = _written(session, found, request)
    return page(request, "message", "messages", message=_message(found, numbers))


def _written(session: Session, found: Sent, request: PortalRequest) -> Sent:
    """A notice that came as a letter or only here, in the words that it has."""
    own = found.subject_id
    views = notice_views(session, [own], found.language, request.customer.now) if own else {}
    if own not in views:
        return found
    text = notice_mail(views[own], "")
    return replace(found, subject=text.subject, text=text.text)


def _keep(request: PortalRequest) -> HttpResponse:
    customer = request.customer
    try:
        changed = prefer_channel(
            customer.merchant_id,
            customer.id,
            wishes_in(request.POST, customer.visitor),
            customer.now,
            customer.actor,
        )
    except Refused:
        say(
            request,
            "bad",
            gettext("Your choice was not saved."),
            gettext("Choose another channel: this one does not reach you. Nothing was changed."),
        )
    else:
        _say_kept(request, changed)
    return HttpResponseRedirect(reverse("portal:messages"))


def _say_kept(request: PortalRequest, changed: Sequence[str]) -> None:
    if not changed:
        say(request, "info", pgettext("portal", "Nothing was changed."))
        return
    names = ", ".join(words.said(words.GROUPS, group) for group in changed)
    text = gettext("Changed: %(groups)s. This applies from the next message on.")
    say(request, "ok", gettext("Your choice is saved."), text % {"groups": names})


def _message(sent: Sent, numbers: Mapping[UUID, str]) -> Message:
    number, href = "", ""
    if sent.invoice_id and sent.invoice_id in numbers:
        number = numbers[sent.invoice_id]
        href = reverse("portal:invoice", args=[number])
    elif sent.payment_id:
        number = receipt_number(sent.payment_id)
        href = reverse("portal:receipt", args=[sent.payment_id])
    elif sent.subscription_id:
        href = reverse("portal:subscription", args=[sent.subscription_id])
    return Message(
        sent,
        " ".join(part for part in (words.said(words.MESSAGES, sent.kind), number) if part),
        href,
        words.said(words.CHANNELS, sent.channel),
        words.said(words.SENT, sent.state),
        words.SENT_TONES.get(sent.state, "info"),
    )
