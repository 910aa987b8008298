"""A mailroom for tests: a mail server that answers as told, and a clock that is moved."""

import asyncio
import email
import email.policy
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from kesto.adapters.blobs.folder import FolderBlobs
from kesto.adapters.channels.letter import LetterFolder
from kesto.adapters.channels.port import MailServer
from kesto.adapters.channels.smtp import SmtpChannel
from kesto.adapters.documents.port import DocumentMaker
from kesto.flows.deliver import deliver
from kesto.flows.mailroom import Delivered, Mailroom
from kesto.store.session import reading, writing
from tests.town import Citizen, Town

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.MULTILINE)


@dataclass
class Server:
    """An SMTP server; `answers` says what it replies to an address, else it takes the mail."""

    port: int = 0
    mails: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    data_answer: str = ""
    connections: int = 0
    drops_after_data: bool = False

    async def handle_EHLO(  # noqa: N802 - the library's own name
        self, _server: SMTP, session: Session, _envelope: Envelope, host: str, replies: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = host
        return replies

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(  # noqa: N802 - the library's own name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.data_answer:
            return self.data_answer
        self.mails.append(envelope)
        if self.drops_after_data:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 taken"

    def ids(self) -> list[str]:
        """The Message-IDs of what was taken."""
        found = [MESSAGE_ID.search(content(mail)) for mail in self.mails]
        return [one[1].decode() for one in found if one]


def content(mail: Envelope) -> bytes:
    """A mail as it came."""
    assert isinstance(mail.content, bytes)
    return mail.content


@contextmanager
def serving() -> Iterator[Server]:
    """A server that listens on a free port of this machine."""
    server = Server(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Desk:
    """A town's mailroom."""

    town: Town
    folder: Path
    maker: DocumentMaker
    server: Server | None
    now: datetime = NOW
    channels: list[SmtpChannel] = field(default_factory=list)

    def room(self) -> Mailroom:
        port = self.server.port if self.server else 1
        return Mailroom(
            maker=self.maker,
            blobs=FolderBlobs(self.folder / "documents"),
            letters=LetterFolder(self.folder / "letters"),
            open_mail=self._open,
            clock=lambda: self.now,
            public_url="https://bills.example",
            test_server=MailServer("127.0.0.1", port),
            secret=lambda _code: "",
        )

    def _open(self, server: MailServer) -> SmtpChannel:
        if not self.channels:
            self.channels.append(SmtpChannel(server))
        return self.channels[0]

    def close(self) -> None:
        for channel in self.channels:
            channel.close()

    def deliver(self, rounds: int = 0) -> Delivered:
        """Deliver all that is due."""
        return deliver(self.town.merchant_id, self.room(), rounds)

    def later(self, **much: float) -> None:
        """Let real time pass."""
        self.now += timedelta(**much)

    def messages(self, columns: str = "channel, state, reason") -> list[tuple[object, ...]]:
        """What is known of the messages, in order."""
        return rows(self.town.merchant_id, f"select {columns} from message order by 1, 2")  # noqa: S608 - a test's own words

    @property
    def batch(self) -> Path:
        """Where the letters lie."""
        return self.folder / "letters" / self.town.code


def rows(merchant_id: UUID, query: str) -> list[tuple[object, ...]]:
    with reading(merchant_id) as session:
        return session.rows(query)


def person(town: Town, name: str, **details: object) -> Citizen:
    """A customer with an e-mail address and a subscription."""
    citizen = town.customer(name, **details)
    citizen.subscribes("basic", on="2026-10-01")
    address = f"{name.lower()}@example.com"
    with writing(town.merchant_id) as session:
        session.execute("update person set email = %s where name = %s", address, name)
    return citizen


def received(server: Server) -> dict[str, email.message.EmailMessage]:
    """The mails by whom they were for."""
    parse = email.message_from_bytes
    return {
        mail.rcpt_tos[0]: parse(content(mail), policy=email.policy.default) for mail in server.mails
    }


class PlainMaker:
    """Makes documents quickly: a page of one line, of the form that ours have."""

    template_version = "plain"

    def __init__(self, spoil: Callable[[str], bool] = lambda _number: False) -> None:
        self.spoil = spoil

    def pdf(self, paper: object) -> bytes:
        number = str(getattr(paper, "number", ""))
        if self.spoil(number):
            raise RuntimeError("the form has a flaw")
        return plain_pdf(number)


def plain_pdf(text: str) -> bytes:
    """A page that shows a text."""
    stream = b"BT /F 12 Tf 50 700 Td (%s) Tj ET" % text.encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Resources 6 0 R/MediaBox[0 0 9 9]/Parent 2 0 R/Contents 5 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<</Font<</F 4 0 R>>>>",
    ]
    made, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n\r\n" % at for at in offsets)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f\r\n%s" % (len(objects) + 1, table)
    return made + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (7, start)
