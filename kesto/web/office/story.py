"""What happened with a customer, as one timeline: steps, invoices, payments, messages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from msgspec.structs import replace

from kesto.flows.mailroom import RECEIPT_TOPIC
from kesto.flows.show_history import Chapter
from kesto.store.grants import Granted
from kesto.store.office.customer import Received, Step, Written
from kesto.store.office.invoices import Listed
from kesto.web.documents import receipt_link
from kesto.web.office import words, written
from kesto.web.office.told import told_event
from kesto.web.ui.grants import until_when
from kesto.web.ui.parts import Event

STAFF = "staff"
"""The origin of credit that was given by hand or over the API."""


class Moment(NamedTuple):
    """An event with its place in time; of one day, what is caused comes after its cause."""

    on: date
    order: int
    event: Event


def events(*kinds: Iterable[Moment], limit: int) -> list[Event]:
    """All events, the newest first, under the months that they fell in."""
    moments = sorted((one for kind in kinds for one in kind), reverse=True, key=_when)[:limit]
    found: list[Event] = []
    for first_on, group in groupby(moments, lambda one: one.on.replace(day=1)):
        first, *rest = group
        found.append(replace(first.event, heading=words.month(first_on)))
        found += [one.event for one in rest]
    return found


def of_steps(steps: Sequence[Step]) -> Iterator[Moment]:
    """Steps of the journey."""
    for step in steps:
        event = Event(words.said(words.STEPS, step.kind), written.moment(step.occurred_at))
        icon = "person" if step.kind == "joined" else "swap"
        yield Moment(_local_day(step.occurred_at), 0, replace(event, icon=icon))


def of_invoices(invoices: Sequence[Listed]) -> Iterator[Moment]:
    """Invoices and credit notes that were made."""
    for invoice in invoices:
        number = _link(reverse("office:invoice", args=[invoice.number]), invoice.number)
        amount = written.money(invoice.total_minor, invoice.currency)
        if invoice.kind == "invoice":
            text = format_html(gettext("Invoice {number}"), number=number)
            note = gettext("%(day)s · due %(due)s") % {
                "day": written.day(invoice.invoice_on),
                "due": written.day(invoice.due_on),
            }
            event = Event(text, note, amount, "invoice", "info")
        else:
            text = format_html(gettext("Credit note {number}"), number=number)
            note = " · ".join(filter(None, (written.day(invoice.invoice_on), invoice.reason)))
            event = Event(text, note, f"\N{MINUS SIGN}{amount}", "undo")
        yield Moment(invoice.invoice_on, 1, event)


def of_payments(payments: Sequence[Received], invoices: Mapping[UUID, Listed]) -> Iterator[Moment]:
    """Money that came in."""
    for payment in payments:
        settled = [invoices[own] for own in payment.invoices if own in invoices]
        is_part = payment.allocated_minor < sum(invoice.total_minor for invoice in settled)
        notes: list[str] = [written.day(payment.received_on), gettext("bank transfer")]
        if left_minor := payment.amount_minor - payment.allocated_minor:
            kept = written.money(left_minor, payment.currency)
            notes.append(gettext("%(sum)s kept as credit") % {"sum": kept})
        amount = written.money(payment.amount_minor, payment.currency)
        if payment.has_receipt:
            href = reverse("office:receipt", args=[payment.id])
            notes.append(receipt_link(href, f"{notes[0]}, {amount}"))
        note = format_html_join(" · ", "{}", ((one,) for one in notes))
        icon, tone = ("bank", "info") if is_part else ("check", "ok")
        event = Event(_settled(payment, settled, is_part=is_part), note, amount, icon, tone)
        yield Moment(payment.received_on, 3, event)


def of_messages(messages: Sequence[Written], invoices: Mapping[UUID, Listed]) -> Iterator[Moment]:
    """Messages to the customer, each with a link to the invoice or receipt that it is about."""
    icons = {"email": "mail", "letter": "letter", "portal": "inbox", "sms": "phone"}
    for message in messages:
        at = message.sent_at or message.created_at
        notes = [
            written.moment(at),
            words.channel(message.channel),
            words.said(words.MESSAGE_STATES, message.state),
        ]
        tone = words.MESSAGE_TONES.get(message.state, "")
        event = Event(
            _text(message, invoices),
            " · ".join(notes),
            icon=icons.get(message.channel, "mail"),
            tone="info" if tone == "ok" else tone,
        )
        yield Moment(_local_day(at), 2, event)


def of_subscriptions(
    chapters: Sequence[Chapter], titles: Mapping[UUID, str], people: Mapping[str, str]
) -> Iterator[Moment]:
    """What happened to subscriptions, on the day on which it was told or came by itself."""
    for chapter in chapters:
        event = told_event(chapter.happening, chapter.deed, people)
        href = reverse("office:subscription", args=[chapter.subscription_id])
        name = _link(href, titles[chapter.subscription_id])
        on = _local_day(chapter.deed.at) if chapter.deed else chapter.happening.on
        yield Moment(on, 0, replace(event, text=format_html("{}: {}", name, event.text)))


def of_credit(grants: Sequence[Granted]) -> Iterator[Moment]:
    """Credit that staff or the API gave; what payments and credit notes left is told with them."""
    for one in grants:
        if one.origin != STAFF:
            continue
        on = _local_day(one.created_at)
        until = until_when(one.valid_from, one.expires_on)
        note = " · ".join(filter(None, (written.day(on), one.reason, until)))
        amount = written.money(one.amount_minor, one.currency)
        yield Moment(on, 1, Event(gettext("Credit was given"), note, amount, "price", "info"))


def _settled(payment: Received, invoices: Sequence[Listed], *, is_part: bool) -> SafeString:
    """What a payment did: it paid invoices, paid a part of them, or is kept."""
    if not invoices:
        return SafeString(gettext("Paid, kept as credit"))
    links = (_link(reverse("office:invoice", args=[one.number]), one.number) for one in invoices)
    numbers = SafeString(", ".join(links))
    if not is_part:
        return format_html(gettext("Paid {number}"), number=numbers)
    text = ngettext(
        "Payment of {sum} on invoice {number}",
        "Payment of {sum} on invoices {number}",
        len(invoices),
    )
    part = written.money(payment.allocated_minor, payment.currency)
    return format_html(text, sum=part, number=numbers)


def _text(message: Written, invoices: Mapping[UUID, Listed]) -> str | SafeString:
    kind = words.said(words.MESSAGES, message.kind)
    if message.kind == RECEIPT_TOPIC and message.subject_id:
        href = reverse("office:receipt", args=[message.subject_id])
        link = receipt_link(href, written.moment(message.created_at))
        return format_html("{}: {}", kind, link)
    about = invoices.get(message.subject_id) if message.subject_id else None
    if about is None:
        return kind
    number = _link(reverse("office:invoice", args=[about.number]), about.number)
    return format_html("{}: {}", kind, number)


def _when(one: Moment) -> tuple[date, int]:
    return one.on, one.order


def _link(address: str, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text)


def _local_day(at: datetime) -> date:
    return timezone.localtime(at).date()
