"""What Kesto needs of the channels that carry its messages."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class MailServer(Struct, frozen=True):
    """A server that takes e-mail; `security` is none, starttls or tls."""

    host: str
    port: int
    security: str = "none"
    username: str = ""
    password: str = ""


class Mail(Struct, frozen=True):
    """An e-mail; the same message has the same `message_id` each time it is sent."""

    message_id: str
    sender: str
    sender_name: str
    reply_to: str
    recipient: str
    subject: str
    text: str
    html: str
    language: str
    sent_at: datetime
    attachment_name: str = ""
    attachment: bytes = b""


class NotSentError(Exception):
    """The server has not taken the message; `is_final` when it never will."""

    def __init__(self, reason: str, detail: str = "", *, is_final: bool = False) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.is_final = is_final


class ServerAwayError(Exception):
    """The server cannot be reached, or does not let us in: no message is at fault."""


class UncertainError(Exception):
    """The message was on its way when the connection ended: it may have arrived or not."""


class MailChannel(Protocol):
    """Carries e-mail, many over one connection."""

    def send(self, sender: str, recipient: str, compose: Callable[[], Mail | None]) -> bool:
        """Hand an e-mail to the server; it is composed when the server has accepted both addresses.

        Answers whether one was sent: None is composed where there is nothing to send any longer.
        Raises NotSentError, ServerAwayError, and UncertainError when the connection ended after
        it was composed.
        """
        ...

    def close(self) -> None:
        """Leave the server."""
        ...


class PrintedLetter(Struct, frozen=True):
    """A letter for the printer; the address is line by line."""

    number: str
    address: tuple[str, ...]
    language: str
    pdf: Callable[[], bytes]


class Printed(Struct, frozen=True):
    """A batch as it lies ready: how many pages, and the SHA-256 of its two files."""

    pages: int
    pdf_sha256: bytes
    list_sha256: bytes


class LetterChannel(Protocol):
    """Makes the day's letters ready for the printer; making them again changes nothing."""

    def print_batch(
        self, folder: str, name: str, cover: Iterable[tuple[str, str]], letters: list[PrintedLetter]
    ) -> Printed:
        """Put a cover sheet and the letters into one file, and their addresses into a list."""
        ...
