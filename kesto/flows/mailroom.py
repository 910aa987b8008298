"""The mailroom: what messages are delivered with, and what a merchant's own are sent as."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from kesto.adapters.blobs.port import BlobStore
from kesto.adapters.channels.port import LetterChannel, MailChannel, MailServer
from kesto.adapters.documents.port import DocumentMaker
from kesto.core.merchant import Merchant
from kesto.core.refusals import NotFound
from kesto.store import delivery, merchants
from kesto.store.delivery import DeliverySetting
from kesto.store.letters import USUAL_HOUR
from kesto.store.session import Session

INVOICE_TOPICS = ("invoice.issued", "credit_note.issued")
RECEIPT_TOPIC = "payment.received"
LINK_TOPIC = "portal.link"
NOTICE_TOPIC = "subscription.notice"
TOPICS = (*INVOICE_TOPICS, RECEIPT_TOPIC, LINK_TOPIC, NOTICE_TOPIC)
GROUP = "invoice"
"""The group of messages that invoices, credit notes and receipts belong to."""

NOBODY = "no-reply@kesto.invalid"


class Mailroom(Struct, frozen=True):
    """What a process delivers with.

    `open_mail` gives the channel of a server, the same one each time. `test_server` takes the mail
    of test merchants that named none. `secret` reads a password by the merchant's code.
    """

    maker: DocumentMaker
    blobs: BlobStore
    letters: LetterChannel
    open_mail: Callable[[MailServer], MailChannel]
    clock: Callable[[], datetime]
    public_url: str
    test_server: MailServer | None
    secret: Callable[[str], str]


class Sender(Struct, frozen=True):
    """As whom a merchant writes, and by which server; None when it has named none yet."""

    merchant: Merchant
    now: datetime
    zone: str
    name: str
    address: str
    reply_to: str
    is_attached: bool
    letters_from_hour: int
    server: MailServer | None

    def by_its_clock(self, moment: datetime, now: datetime) -> datetime:
        """A moment that something is said to be of: now, but by a test clock when it was told.

        A test clock passes days in a second, and stands elsewhere by the time a worker comes.
        """
        return now if self.merchant.clock_at is None else moment

    @property
    def domain(self) -> str:
        """The domain that it writes from."""
        return self.address.rpartition("@")[2]


class Delivered(Struct, frozen=True):
    """What became of messages; `put_off` wait for another try, `letters` for the day's batch."""

    sent: int = 0
    letters: int = 0
    printed: int = 0
    put_off: int = 0
    undeliverable: int = 0
    failed: int = 0
    unknown: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )


def sender_of(session: Session, room: Mailroom) -> Sender:
    """As whom the session's merchant writes now."""
    merchant = merchants.merchant(session)
    first = next(iter(merchants.sellers(session).values()))
    wish = delivery.setting(session)
    own = first.seller.email
    address = wish.sender if wish else own or NOBODY
    return Sender(
        merchant=merchant,
        now=merchant.clock_at or room.clock(),
        zone=first.zone,
        name=first.seller.name,
        address=address,
        reply_to=(wish.reply_to if wish else "") or own,
        is_attached=wish.is_attached if wish else True,
        letters_from_hour=wish.letters_from_hour if wish else USUAL_HOUR,
        server=_server(merchant, wish, room),
    )


def _server(merchant: Merchant, wish: DeliverySetting | None, room: Mailroom) -> MailServer | None:
    if wish is None:
        return room.test_server if merchant.mode == "test" else None
    try:
        password = room.secret(merchant.code) if wish.username else ""
    except NotFound:  # its messages wait until there is one
        return None
    return MailServer(wish.host, wish.port, wish.security, wish.username, password)


def pause(attempts: int) -> timedelta | None:
    """How long a message waits after so many tries; None when it is given up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
"""Twenty hours in all: longer than a usual trouble, shorter than a term of payment."""

SERVER_PAUSE = timedelta(minutes=1)
SETTING_PAUSE = timedelta(minutes=10)


def message_id(own: UUID, domain: str) -> str:
    """The Message-ID of a message: the same each time it is sent, and found again in answers."""
    return f"{own.hex}@{domain}"
