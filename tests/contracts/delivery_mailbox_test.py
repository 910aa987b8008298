"""The mailbox of the demo keeps what it takes, and the jobs of delivery come by themselves."""

import contextlib
import email
import email.policy
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kesto.adapters.channels.port import Mail, MailServer
from kesto.adapters.channels.smtp import SmtpChannel, written
from kesto.demo import mailbox as boxes
from kesto.jobs import timetable
from kesto.jobs.timetable import DELIVER, SIDE_BY_SIDE
from kesto.store import letters, messages
from kesto.store.session import writing
from tests.contracts.delivery_office import Desk, PlainMaker
from tests.faults import postman
from tests.town import Town

REAL = datetime(2026, 11, 26, 9, tzinfo=UTC)
TEXT = "Hei,\n\n.piste rivin alussa\nöljyä = 5 €\n" + "pitkä rivi " * 40 + "\n"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    with postman.mailbox(tmp_path / "mailbox") as port:
        yield tmp_path / "mailbox", port


def mail(**fields: object) -> Mail:
    usual: dict[str, object] = {
        "message_id": "1@valo.example",
        "sender": "bills@valo.example",
        "sender_name": "Välo, Oy",
        "reply_to": "",
        "recipient": "aino@example.com",
        "subject": "Lasku 1: 5 €\r\nBcc: all@example.com",
        "text": TEXT,
        "html": f"<p>{TEXT}</p>",
        "language": "fi",
        "sent_at": datetime(2026, 11, 1, 6, tzinfo=UTC),
        "attachment_name": "lasku 1.pdf",
        "attachment": bytes(range(256)) * 50,
    }
    return Mail(**{**usual, **fields})  # type: ignore[arg-type]  # as listed above


def parsed(data: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def test_what_is_written_is_what_is_read() -> None:
    read = parsed(written(mail()))
    assert read["From"].addresses[0].display_name == "Välo, Oy"
    assert read["Subject"] == "Lasku 1: 5 € Bcc: all@example.com"
    assert read["Bcc"] is None
    assert read["Date"].datetime == datetime(2026, 11, 1, 6, tzinfo=UTC)
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == TEXT
    assert html.get_content().replace("\r\n", "\n") == f"<p>{TEXT}</p>"
    (attached,) = read.iter_attachments()
    assert attached.get_filename() == "lasku_1.pdf"
    assert attached.get_content() == bytes(range(256)) * 50
    assert read.defects == []
    assert max(map(len, written(mail()).split(b"\r\n"))) < 998
    assert b"\n" not in written(mail()).replace(b"\r\n", b"")


def test_without_a_document_there_are_two_parts() -> None:
    read = parsed(written(mail(attachment=b"")))
    assert read.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


def test_the_mailbox_keeps_mails_and_counts_doubles(box: tuple[Path, int]) -> None:
    folder, port = box
    channel = SmtpChannel(MailServer("127.0.0.1", port))
    for own in ("1@valo.example", "2@valo.example", "1@valo.example"):
        assert channel.send("a@valo.example", "b@example.com", lambda own=own: mail(message_id=own))  # type: ignore[misc]  # bound now
    assert not channel.send("a@valo.example", "b@example.com", lambda: None)
    channel.close()
    assert boxes.count(folder) == boxes.Count(2, 1)
    kept = parsed((folder / "new" / "1@valo.example.eml").read_bytes())
    plain = kept.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == TEXT


def test_the_mailbox_takes_no_data_for_nobody(box: tuple[Path, int]) -> None:
    folder, port = box
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.mail("a@valo.example")
        with contextlib.suppress(smtplib.SMTPDataError):
            client.data(b"Message-ID: <1@valo.example>\r\n\r\nhello")
    assert boxes.count(folder) == boxes.Count(0, 0)


def waiting(town: Town) -> int:
    return messages.jobs_waiting(DELIVER).get(town.merchant_id, 0)


def finish(town: Town) -> None:
    with writing(town.merchant_id) as session:
        session.execute("update job set state = 'done'")


def test_deliveries_are_planned_while_something_waits(
    town: Town, tmp_path: Path, box: tuple[Path, int]
) -> None:
    assert box
    town.customer("Aino", channel="letter").subscribes("basic", on="2026-10-01")
    timetable.plan(REAL)
    assert waiting(town) == 0
    town.bill(on="2026-11-01")
    timetable.plan(REAL)
    timetable.plan(REAL + timedelta(seconds=1))
    assert waiting(town) == SIDE_BY_SIDE
    desk = Desk(town, tmp_path, PlainMaker(), None, now=REAL)
    desk.deliver()
    finish(town)
    timetable.plan(REAL + timedelta(seconds=2))
    assert waiting(town) == 0


def test_letters_that_are_ready_are_planned_from_the_hour_on(town: Town, tmp_path: Path) -> None:
    town.customer("Aino", channel="letter").subscribes("basic", on="2026-10-01")
    town.bill(on="2026-11-01")
    with writing(town.merchant_id) as session:
        # 2 in the morning in Helsinki.
        session.execute("update merchant set clock_at = '2026-11-01T00:00Z'")
    desk = Desk(town, tmp_path, PlainMaker(), None, now=REAL)
    assert desk.deliver().letters == 1
    finish(town)
    assert town.merchant_id not in letters.to_print(("invoice.issued",), REAL)
    town.clock("2026-11-02")
    timetable.plan(REAL + timedelta(seconds=3))
    assert waiting(town) == 1
    assert desk.deliver().printed == 1
    assert town.merchant_id not in letters.to_print(("invoice.issued",), REAL)
