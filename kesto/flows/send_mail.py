"""Send mail: an e-mail about a document, with a link of its own into the portal.

The texts are kept with `/p/…` in the link's place: whoever reads them later cannot enter by it.
"""

from datetime import datetime

from msgspec import Struct

from kesto.adapters.channels.port import Mail
from kesto.flows.mailroom import LINK_TOPIC, Mailroom, Sender, message_id
from kesto.flows.portal_link import PATH, new_link
from kesto.store import messages
from kesto.store.messages import Claimed, Written
from kesto.store.session import writing
from kesto.words.mail import MailText, document_mail, link_mail
from kesto.words.messages import say
from kesto.words.notice_mail import notice_mail
from kesto.words.views import DocumentView, NoticeView

HIDDEN = f"{PATH}…"


class Outgoing(Struct, frozen=True):
    """A message, as whom it is sent, and the document that it is about, if any."""

    own: Claimed
    sender: Sender
    room: Mailroom
    view: DocumentView | None = None
    document_sha256: bytes | None = None

    @property
    def is_attached(self) -> bool:
        """Whether the document travels with it."""
        return self.sender.is_attached and self.document_sha256 is not None


def compose(outgoing: Outgoing, attachment: bytes, lease_end: datetime) -> Mail | None:
    """Write the message and note that it is being sent, with its link, which counts from now on.

    None when the message is not this worker's any longer.
    """
    own, sender = outgoing.own, outgoing.sender
    text = _text(outgoing)
    with writing(sender.merchant.id) as session:
        if not messages.begin_sending(session, own, _kept(outgoing, text), lease_end):
            return None
        subject_id = None if own.kind == LINK_TOPIC else own.subject_id
        link = new_link(session, own.customer_id, "view", subject_id, sender.now)
    return Mail(
        message_id=message_id(own.id, sender.domain),
        sender=sender.address,
        sender_name=sender.name,
        reply_to=sender.reply_to,
        recipient=own.address,
        subject=text.subject,
        text=text.text.replace(HIDDEN, link),
        html=text.html.replace(HIDDEN, link),
        language=own.language,
        sent_at=sender.by_its_clock(own.created_at, outgoing.room.clock()),
        attachment_name=_attachment_name(outgoing),
        attachment=attachment,
    )


def attachment_of(outgoing: Outgoing) -> bytes:
    """The bytes of the document, where it travels with the message. Raises Refused."""
    if outgoing.document_sha256 is None or not outgoing.is_attached:
        return b""
    return outgoing.room.blobs.get(outgoing.sender.merchant.id, outgoing.document_sha256)


def _text(outgoing: Outgoing) -> MailText:
    hidden = f"{outgoing.room.public_url}{HIDDEN}"
    if outgoing.view is None:
        return link_mail(outgoing.own.language, outgoing.sender.name, hidden)
    if isinstance(outgoing.view, NoticeView):
        return notice_mail(outgoing.view, hidden)
    return document_mail(outgoing.view, hidden, is_attached=outgoing.is_attached)


def _kept(outgoing: Outgoing, text: MailText) -> Written:
    sha256, is_attached = outgoing.document_sha256, outgoing.is_attached
    return Written(text.subject, text.text, text.html, sha256, is_attached)


def _attachment_name(outgoing: Outgoing) -> str:
    if outgoing.view is None or isinstance(outgoing.view, NoticeView):
        return ""
    name = say(outgoing.own.language, outgoing.view.kind).lower().replace(" ", "-")
    return f"{name}-{outgoing.view.number}.pdf"
