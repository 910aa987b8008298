"""E-mail by SMTP: many messages over one connection, and what each answer of a server means.

An answer of 4xx passes, one of 5xx is final. What happens before the data is known: the message
was not taken. When the connection ends between the data and the answer, nobody knows.
"""

import base64
import binascii
import contextlib
import re
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
UNSAFE_NAME = re.compile(r"[^A-Za-z0-9_.-]")


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
    """The e-mail as it travels: plain text and HTML, and the document beside them.

    The library writes the headers; the parts are put together here, ten times as fast.
    """
    boundary = f"=_{mail.message_id.partition('@')[0]}"
    body = _multipart(
        f"alternative{boundary}", [_text(mail.text, "plain"), _text(mail.html, "html")]
    )
    kind = f'multipart/alternative; boundary="alternative{boundary}"'
    if mail.attachment:
        inner = f"Content-Type: {kind}\r\n\r\n".encode() + body
        body = _multipart(f"mixed{boundary}", [inner, _document(mail)])
        kind = f'multipart/mixed; boundary="mixed{boundary}"'
    head = _headers(mail)
    return head + f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n".encode() + body


def _headers(mail: Mail) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(one_line(mail.sender_name), addr_spec=mail.sender)
    made["To"] = mail.recipient
    made["Subject"] = one_line(mail.subject)
    made["Date"] = mail.sent_at
    made["Message-ID"] = f"<{mail.message_id}>"
    if mail.reply_to:
        made["Reply-To"] = mail.reply_to
    made["Auto-Submitted"] = "auto-generated"
    made["Content-Language"] = mail.language
    return made.as_bytes().rstrip(b"\r\n") + b"\r\n"


def _multipart(boundary: str, parts: list[bytes]) -> bytes:
    """Parts between lines that occur in none of them: an encoded part holds no `=_`."""
    line = boundary.encode()
    between = b"".join(b"--%s\r\n%s\r\n" % (line, part) for part in parts)
    return between + b"--%s--\r\n" % line


def _text(text: str, kind: str) -> bytes:
    encoded = binascii.b2a_qp(text.encode(), istext=True).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\n"
    return head.encode() + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + encoded


def _document(mail: Mail) -> bytes:
    name = UNSAFE_NAME.sub("_", mail.attachment_name)
    head = (
        f'Content-Type: application/pdf; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(mail.attachment).replace(b"\n", b"\r\n")


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
