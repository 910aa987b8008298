"""E-mail by SMTP: many messages over one connection, and what each answer of a server means.

An answer of 4xx passes, one of 5xx is final. What happens before the data is known: the message
was not taken. When the connection ends between the data and the answer, nobody knows.
"""

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from http import HTTPStatus

from kesto.adapters.channels.port import (
    Mail,
    MailServer,
    NotSentError,
    ServerAwayError,
    UncertainError,
)

SECONDS = 30
ACCEPTED = 250
FIRST_FINAL = 500
AWAY = 421
TROUBLE = (smtplib.SMTPServerDisconnected, OSError)
LONGEST_DETAIL = 200


class SmtpChannel:
    """A server's client; it connects at the first message."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._client: smtplib.SMTP | None = None

    def send(self, sender: str, recipient: str, compose: Callable[[], Mail | None]) -> bool:
        """Hand an e-mail to the server; see the port."""
        client = self._addressed(sender, recipient)
        try:
            mail = compose()
            data = written(mail) if mail else b""
        except BaseException:
            self._forget()
            raise
        if mail is None:
            _reset(client)
            return False
        try:
            code, answer = client.data(data)
        except smtplib.SMTPDataError as error:  # before the data: refused
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPResponseException, *TROUBLE) as error:
            self._forget()
            raise UncertainError(str(error)) from error
        if code != ACCEPTED:
            if code < HTTPStatus.BAD_REQUEST:  # no answer that means anything
                self._forget()
                raise UncertainError(_words(answer))
            raise _refused(code, answer)
        return True

    def close(self) -> None:
        """Leave the server."""
        if self._client is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._client.quit()
            self._forget()

    def _addressed(self, sender: str, recipient: str) -> smtplib.SMTP:
        """Say who writes to whom; a connection that has ended meanwhile is opened once more."""
        is_fresh = self._client is None
        client = self._client or self._connect()
        try:
            code, answer = client.mail(sender)
            if code == AWAY:
                raise smtplib.SMTPServerDisconnected(_words(answer))
            if code == ACCEPTED:
                code, answer = client.rcpt(recipient)
        except UnicodeEncodeError:
            _reset(client)
            raise NotSentError("bad_address", recipient, is_final=True) from None
        except (smtplib.SMTPResponseException, *TROUBLE) as error:
            self._forget()
            if is_fresh:
                raise ServerAwayError(str(error)) from error
            return self._addressed(sender, recipient)
        if code not in {ACCEPTED, ACCEPTED + 1}:
            _reset(client)
            raise _refused(code, answer)
        return client

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        try:
            if server.security == "tls":
                client: smtplib.SMTP = smtplib.SMTP_SSL(
                    *(server.host, server.port),
                    timeout=SECONDS,
                    context=ssl.create_default_context(),
                )
            else:
                client = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
            if server.security == "starttls":
                client.starttls(context=ssl.create_default_context())
            client.ehlo_or_helo_if_needed()
            if server.username:
                client.login(server.username, server.password)
        except (smtplib.SMTPException, OSError) as error:
            raise ServerAwayError(f"{server.host}:{server.port}: {error}") from error
        self._client = client
        return client

    def _forget(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def written(mail: Mail) -> bytes:
    """The e-mail as it travels."""
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(one_line(mail.sender_name), addr_spec=mail.sender)
    made["To"] = mail.recipient
    made["Subject"] = one_line(mail.subject)
    made["Message-ID"] = f"<{mail.message_id}>"
    if mail.reply_to:
        made["Reply-To"] = mail.reply_to
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text, cte="quoted-printable")
    made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    if mail.attachment:
        made.add_attachment(
            mail.attachment, maintype="application", subtype="pdf", filename=mail.attachment_name
        )
    made["Content-Language"] = mail.language  # at last: adding parts moves such headers into one
    return made.as_bytes()


def one_line(text: str) -> str:
    """A text for a header: nothing in it can begin another one."""
    return " ".join(text.split())


def _reset(client: smtplib.SMTP) -> None:
    with contextlib.suppress(smtplib.SMTPException, OSError):
        client.rset()


def _refused(code: int, answer: bytes | str) -> NotSentError:
    return NotSentError(f"smtp_{code}", _words(answer), is_final=code >= FIRST_FINAL)


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(text)[:LONGEST_DETAIL]
