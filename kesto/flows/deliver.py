"""Deliver: what the outbox tells becomes messages, and each reaches its customer once.

A message is made in the transaction that takes its word out of the outbox, which was committed
with what it speaks of. It is `sending`, and that is committed, before its data may reach a
server, and `sent` right after the server took it. When nobody knows whether a server took it, it
is `unknown` and never sent again by itself: a person says what became of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kesto.adapters.channels.port import (
    Mail,
    MailChannel,
    NotSentError,
    ServerAwayError,
    UncertainError,
)
from kesto.core.refusals import Refused
from kesto.flows.archive_documents import archive_views
from kesto.flows.mailroom import (
    GROUP,
    INVOICE_TOPICS,
    LINK_TOPIC,
    NOTICE_TOPIC,
    RECEIPT_TOPIC,
    SERVER_PAUSE,
    SETTING_PAUSE,
    TOPICS,
    Delivered,
    Mailroom,
    Sender,
    pause,
    sender_of,
)
from kesto.flows.print_letters import print_letters
from kesto.flows.send_mail import Outgoing, attachment_of, compose
from kesto.flows.show_invoice import invoice_views
from kesto.flows.show_notice import notice_views
from kesto.flows.show_receipt import receipt_views
from kesto.store import letters, messages
from kesto.store.archive import Archived
from kesto.store.messages import Addressee, Claimed, NewMessage
from kesto.store.session import Session, crash_point, reading, writing
from kesto.words.messages import LANGUAGES
from kesto.words.views import DocumentView

BATCH = 50
ROUNDS = 4
MOST_CLAIMS = 10
"""A message whose worker died so often is at fault itself."""

NO_SERVER = "no_mail_server"
SERVER_AWAY = "mail_server_away"


def deliver(merchant_id: UUID, room: Mailroom, rounds: int = ROUNDS) -> Delivered:
    """Deliver what is due now, up to some hundreds; with nothing to send the letters are printed.

    Several processes may do so at once. Without `rounds` (0) until nothing is left to do now.
    """
    done, count = Delivered(), 0
    while not rounds or count < rounds:
        count += 1
        with reading(merchant_id) as session:
            sender = sender_of(session, room)
        told, lost = _take(merchant_id, sender, room)
        claimed = _claim(merchant_id, room)
        done += _Round(merchant_id, room, sender).send(claimed) + Delivered(unknown=lost)
        if not told and not claimed:
            printed = print_letters(merchant_id, room, sender)
            done += Delivered(printed=printed)
            if not printed:
                break
    return done


def _take(merchant_id: UUID, sender: Sender, room: Mailroom) -> tuple[int, int]:
    """Make messages of what the outbox tells; answers how much it was, and how many are lost."""
    with writing(merchant_id) as session:
        lost = messages.note_lost(session, room.clock())
        told = messages.take_outbox(session, TOPICS, BATCH)
        subjects = [one.subject_id for one in told if one.topic != LINK_TOPIC]
        people = messages.addressees(session, subjects, GROUP)
        customers = [one.subject_id for one in told if one.topic == LINK_TOPIC]
        askers = messages.askers(session, customers)
        for one in told:
            made: list[NewMessage] = []
            if one.topic == LINK_TOPIC and one.subject_id in askers:
                made = _link_message(askers[one.subject_id], room.clock())
            elif one.subject_id in people:
                made = _document_messages(one.topic, people[one.subject_id], room.clock())
            messages.add(session, made, sender.by_its_clock(one.told_at, sender.now))
        crash_point("deliver.messages_made")
    return len(told), lost


def _claim(merchant_id: UUID, room: Mailroom) -> list[Claimed]:
    with writing(merchant_id) as session:
        return messages.claim(session, BATCH, room.clock())


def _document_messages(kind: str, to: Addressee, now: datetime) -> list[NewMessage]:
    """The copy in the portal, and the message by the channel of the customer's choice."""
    language = _language(to)
    copy = NewMessage(to.customer_id, kind, "portal", language, "sent", to.subject_id)
    if to.channel == "portal":
        return [copy]
    channel = _reachable(to)
    if not channel:
        nowhere = NewMessage(
            *(to.customer_id, kind, to.channel, language, "undeliverable", to.subject_id),
            reason="no_address",
        )
        return [copy, nowhere]
    address = to.email if channel == "email" else ""
    return [
        copy,
        NewMessage(
            *(to.customer_id, kind, channel, language, "waiting", to.subject_id, address),
            due_at=now,
        ),
    ]


def _link_message(to: Addressee, now: datetime) -> list[NewMessage]:
    if not to.email:
        return []
    return [
        NewMessage(
            *(to.customer_id, LINK_TOPIC, "email", _language(to), "waiting"),
            *(to.subject_id, to.email),
            due_at=now,
        )
    ]


def _reachable(to: Addressee) -> str:
    """The channel of choice, or the other one when there is no address for it."""
    known = {"email": bool(to.email), "letter": to.has_street}
    first = "letter" if to.channel == "letter" else "email"
    second = "email" if first == "letter" else "letter"
    return next((channel for channel in (first, second) if known[channel]), "")


def _language(to: Addressee) -> str:
    return to.language if to.language in LANGUAGES else "en"


def _views(
    session: Session, claimed: Sequence[Claimed], language: str, now: datetime
) -> dict[UUID, DocumentView]:
    """What the documents of messages show, by what each is about; what is gone is left out."""
    payments = [own.subject_id for own in claimed if own.kind == RECEIPT_TOPIC]
    notices = [own.subject_id for own in claimed if own.kind == NOTICE_TOPIC]
    others = [own.subject_id for own in claimed if own.kind in INVOICE_TOPICS]
    return {
        **invoice_views(session, others, language, as_issued=True),
        **receipt_views(session, payments, language),
        **notice_views(session, notices, language, now),
    }


def _has_document(own: Claimed) -> bool:
    """Whether a document is made: of a notice only where it goes by letter."""
    return own.kind != NOTICE_TOPIC or own.channel == "letter"


class _Round:
    """The messages that one worker claimed together, on their way out."""

    def __init__(self, merchant_id: UUID, room: Mailroom, sender: Sender) -> None:
        self.merchant_id = merchant_id
        self.room = room
        self.sender = sender

    def send(self, claimed: Sequence[Claimed]) -> Delivered:
        """Send them, those of one language together."""
        done, fit = Delivered(), []
        for own in claimed:
            if own.attempts > MOST_CLAIMS:
                done += self._end(own, "failed", "given_up")
            elif own.channel == "email" and self.sender.server is None:
                done += self._give_back(own, NO_SERVER)
            else:
                fit.append(own)
        done += self._send_links([own for own in fit if own.kind == LINK_TOPIC])
        for language in sorted({own.language for own in fit}):
            about = [own for own in fit if own.kind != LINK_TOPIC and own.language == language]
            if about:
                done += self._send_documents(about, language)
        return done

    def _send_documents(self, claimed: list[Claimed], language: str) -> Delivered:
        """Make the documents of all, then send each; where making fails, find out which one."""
        room = self.room
        try:
            with reading(self.merchant_id) as session:
                views = _views(session, claimed, language, self.sender.now)
            made = {own.subject_id for own in claimed if _has_document(own)}
            wanted = {own: view for own, view in views.items() if own in made}
            kept = archive_views(
                *(self.merchant_id, wanted, room.maker, room.blobs, self.sender.now)
            )
        except (Refused, RuntimeError, OSError) as trouble:
            if len(claimed) == 1:
                return self._no_document(claimed[0], trouble)
            middle = len(claimed) // 2
            parts = (claimed[:middle], claimed[middle:])
            return sum((self._send_documents(part, language) for part in parts), Delivered())
        return self._send_each(claimed, kept, views)

    def _send_each(
        self,
        claimed: Sequence[Claimed],
        kept: Mapping[UUID, Archived],
        views: Mapping[UUID, DocumentView],
    ) -> Delivered:
        done, waiting = Delivered(), list(claimed)
        while waiting:
            own = waiting.pop(0)
            view, document = views.get(own.subject_id), kept.get(own.subject_id)
            if view is None or (document is None and _has_document(own)):
                done += self._end(own, "failed", "unknown_subject")
            elif own.channel == "letter" and document is not None:
                done += self._prepare_letter(own, view, document.sha256)
            else:
                sha256 = document.sha256 if document and _has_document(own) else None
                outgoing = Outgoing(own, self.sender, self.room, view, sha256)
                try:
                    done += self._send_mail(outgoing)
                except ServerAwayError:
                    others = [one for one in waiting if one.channel == "email"]
                    waiting = [one for one in waiting if one.channel != "email"]
                    for one in (own, *others):
                        done += self._give_back(one, SERVER_AWAY)
        return done

    def _send_links(self, claimed: Sequence[Claimed]) -> Delivered:
        done = Delivered()
        for own in claimed:
            try:
                done += self._send_mail(Outgoing(own, self.sender, self.room))
            except ServerAwayError:
                done += self._give_back(own, SERVER_AWAY)
        return done

    def _send_mail(self, outgoing: Outgoing) -> Delivered:
        """Send an e-mail; every answer of the server is committed before the next message."""
        own, room = outgoing.own, self.room
        try:
            attachment = attachment_of(outgoing)
        except Refused as trouble:
            return self._no_document(own, trouble)

        def composed() -> Mail | None:
            mail = compose(outgoing, attachment, room.clock() + messages.LEASE)
            crash_point("deliver.mail_begun")
            return mail

        try:
            is_sent = self._channel().send(self.sender.address, own.address, composed)
        except NotSentError as refusal:
            return self._not_sent(own, refusal)
        except UncertainError:
            with writing(self.merchant_id) as session:
                messages.note_unknown(session, own, "connection_lost")
            return Delivered(unknown=1)
        if not is_sent:
            return Delivered()  # another worker has it now
        crash_point("deliver.mail_sent")
        with writing(self.merchant_id) as session:
            sent_at = self.sender.by_its_clock(own.created_at, room.clock())
            messages.note_sent(session, own, sent_at)
        return Delivered(sent=1)

    def _channel(self) -> MailChannel:
        server = self.sender.server
        if server is None:
            raise ServerAwayError(NO_SERVER)
        return self.room.open_mail(server)

    def _prepare_letter(self, own: Claimed, view: DocumentView, sha256: bytes) -> Delivered:
        address = "\n".join((view.buyer.name, *view.buyer.lines))
        with writing(self.merchant_id) as session:
            letters.prepared(session, own, address, sha256, view.number)
        return Delivered(letters=1)

    def _not_sent(self, own: Claimed, refusal: NotSentError) -> Delivered:
        """A refusal that passes is tried again for a while; then a letter takes over."""
        wait = None if refusal.is_final else pause(own.attempts)
        if wait is None:
            return self._fall_back(own, refusal.reason)
        with writing(self.merchant_id) as session:
            messages.put_off(session, own, refusal.reason, self.room.clock() + wait)
        return Delivered(put_off=1)

    def _fall_back(self, own: Claimed, reason: str) -> Delivered:
        """Note that an e-mail cannot be delivered; what it said goes by letter."""
        now = self.room.clock()
        with writing(self.merchant_id) as session:
            is_ours = messages.end(session, own, "undeliverable", reason)
            people = messages.addressees(session, [own.subject_id], GROUP)
            to = people.get(own.subject_id)
            if is_ours and to is not None and to.has_street:
                letter = NewMessage(
                    *(own.customer_id, own.kind, "letter", own.language, "waiting"),
                    own.subject_id,
                    fallback_of=own.id,
                    due_at=now,
                )
                messages.add(
                    session, [letter], self.sender.by_its_clock(own.created_at, self.sender.now)
                )
        return Delivered(undeliverable=1)

    def _no_document(self, own: Claimed, trouble: Exception) -> Delivered:
        """A document that cannot be made: tried again a few times, then for a person."""
        wait = pause(own.attempts)
        if wait is None or isinstance(trouble, Refused):
            return self._end(own, "failed", "no_document")
        with writing(self.merchant_id) as session:
            messages.put_off(session, own, "no_document", self.room.clock() + wait)
        return Delivered(put_off=1)

    def _give_back(self, own: Claimed, reason: str) -> Delivered:
        wait = SETTING_PAUSE if reason == NO_SERVER else SERVER_PAUSE
        with writing(self.merchant_id) as session:
            messages.give_back(session, own, reason, self.room.clock() + wait)
        return Delivered(put_off=1)

    def _end(self, own: Claimed, state: str, reason: str) -> Delivered:
        with writing(self.merchant_id) as session:
            messages.end(session, own, state, reason)
        return Delivered(failed=1)
