"""Delivery: each customer gets each message once, by the channel and in the language chosen."""

import csv
import re
from pathlib import Path

import pikepdf
import pytest

from kesto.core.refusals import Conflict, RefusedTogether
from kesto.flows.change_delivery import change_delivery
from kesto.flows.mailroom import PAUSES, Delivered
from kesto.flows.resolve_message import resolve_message
from kesto.store import messages
from kesto.store.delivery import DeliverySetting
from kesto.store.session import reading, writing
from tests.contracts.delivery_office import (
    Desk,
    PlainMaker,
    Server,
    content,
    person,
    received,
    rows,
)
from tests.town import Town


def test_each_gets_the_invoice_as_wished(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    person(town, "Bo", language="sv", channel="letter")
    person(town, "Eve", language="en", channel="portal")
    town.bill(on="2026-11-01")
    done = desk.deliver()
    assert done == Delivered(sent=1, letters=1, printed=1)
    assert list(received(server)) == ["aino@example.com"]
    assert desk.messages("channel, language, state") == [
        ("email", "fi", "sent"),
        ("letter", "sv", "sent"),
        ("portal", "en", "sent"),
        ("portal", "fi", "sent"),
        ("portal", "sv", "sent"),
    ]
    assert rows(town.merchant_id, "select topic from outbox") == []
    assert desk.deliver() == Delivered()
    assert len(server.mails) == 1


def test_an_email_carries_what_it_should(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    (invoice,) = town.bill(on="2026-11-01")
    desk.deliver()
    (mail,) = received(server).values()
    ((own, kept_text, sha256),) = rows(
        town.merchant_id,
        "select id, text, document_sha256 from message where channel = 'email'",
    )
    assert mail["Message-ID"] == f"<{own.hex}@example.com>"  # type: ignore[attr-defined]  # a UUID
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Reply-To"] == "clerk@example.com"
    assert mail["Content-Language"] == "fi"
    assert invoice.number in mail["Subject"]
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == f"lasku-{invoice.number}.pdf"
    assert desk.room().blobs.get(town.merchant_id, bytes(sha256)) == attached.get_content()  # type: ignore[call-overload]  # bytea
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    (link,) = re.findall(r"https://bills\.example/p/[\w-]{43}", text.get_content())
    assert link in html.get_content()
    # What is kept shows everything but the key.
    plain = text.get_content().replace("\r\n", "\n")
    assert str(kept_text) == plain.replace(link, "https://bills.example/p/…")


def test_many_mails_take_one_connection(town: Town, desk: Desk, server: Server) -> None:
    for name in ("Aino", "Bo", "Eve"):
        person(town, name)
    town.bill(on="2026-11-01")
    desk.deliver()
    assert (len(server.mails), server.connections) == (3, 1)


def test_a_linked_invoice_is_not_attached(town: Town, desk: Desk, server: Server) -> None:
    assert server.port
    person(town, "Aino")
    setting = DeliverySetting(
        *("127.0.0.1", server.port, "bills@valo.example"), security="none", is_attached=False
    )
    change_delivery(town.merchant_id, setting, town.now, "test", due_at=desk.now)
    town.bill(on="2026-11-01")
    desk.deliver()
    (mail,) = received(server).values()
    assert [*mail.iter_attachments()] == []
    assert mail["From"] == "Town Oy <bills@valo.example>"
    assert mail["Message-ID"].endswith("@valo.example>")
    assert desk.messages("document_sha256 is null, is_attached")[0] == (False, False)


def test_a_refusal_that_passes_is_tried_again(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    town.bill(on="2026-11-01")
    server.answers["aino@example.com"] = "451 come again"
    assert desk.deliver() == Delivered(put_off=1)
    assert desk.messages()[0] == ("email", "waiting", "smtp_451")
    assert desk.deliver() == Delivered()
    server.answers.clear()
    desk.later(minutes=2)
    assert desk.deliver() == Delivered(sent=1)
    assert desk.messages()[0] == ("email", "sent", "")


def test_a_final_refusal_becomes_a_letter(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    town.bill(on="2026-11-01")
    server.answers["aino@example.com"] = "550 nobody here"
    assert desk.deliver() == Delivered(undeliverable=1, letters=1, printed=1)
    assert desk.messages() == [
        ("email", "undeliverable", "smtp_550"),
        ("letter", "sent", ""),
        ("portal", "sent", ""),
    ]
    assert rows(
        town.merchant_id,
        "select b.channel from message a join message b on b.id = a.fallback_of_id",
    ) == [("email",)]


def test_what_is_refused_too_often_becomes_a_letter(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    town.bill(on="2026-11-01")
    server.data_answer = "452 full"
    for pause in PAUSES:
        assert desk.deliver() == Delivered(put_off=1)
        desk.later(seconds=pause.total_seconds())
    assert desk.deliver() == Delivered(undeliverable=1, letters=1, printed=1)


def test_a_server_that_is_away_costs_no_message_a_try(town: Town, tmp_path: Path) -> None:
    desk = Desk(town, tmp_path, PlainMaker(), None)
    person(town, "Aino")
    person(town, "Bo", channel="letter")
    town.bill(on="2026-11-01")
    for _ in range(12):
        desk.deliver()
        desk.later(minutes=2)
    assert rows(
        town.merchant_id,
        "select state, reason, attempts from message where channel = 'email'",
    ) == [("waiting", "mail_server_away", 0)]
    # Letters do not wait for it.
    assert ("letter", "sent", "") in desk.messages()


def test_a_live_merchant_without_a_server_has_its_mail_wait(
    town: Town, desk: Desk, server: Server
) -> None:
    person(town, "Aino")
    town.bill(on="2026-11-01")
    room = desk.room()
    desk.room = lambda: type(room)(  # type: ignore[method-assign]  # as for a live merchant
        **{name: getattr(room, name) for name in room.__struct_fields__} | {"test_server": None}
    )
    assert desk.deliver() == Delivered(put_off=1)
    assert desk.messages()[0] == ("email", "waiting", "no_mail_server")
    with reading(town.merchant_id) as session:
        assert messages.held_up(session) == {"no_mail_server": 1}
    setting = DeliverySetting("127.0.0.1", server.port, "bills@valo.example", security="none")
    change_delivery(town.merchant_id, setting, town.now, "test", due_at=desk.now)
    assert desk.deliver() == Delivered(sent=1)


def test_a_connection_that_ends_after_the_data_leaves_it_unknown(
    town: Town, desk: Desk, server: Server
) -> None:
    person(town, "Aino")
    town.bill(on="2026-11-01")
    server.drops_after_data = True
    assert desk.deliver() == Delivered(unknown=1)
    assert desk.messages()[0] == ("email", "unknown", "connection_lost")
    desk.later(days=2)
    assert desk.deliver() == Delivered()
    assert len(server.mails) == 1


@pytest.mark.parametrize("has_arrived", [True, False])
def test_a_person_settles_what_is_unknown(
    town: Town, desk: Desk, server: Server, *, has_arrived: bool
) -> None:
    person(town, "Aino")
    town.bill(on="2026-11-01")
    server.drops_after_data = True
    desk.deliver()
    ((own,),) = rows(town.merchant_id, "select id from message where state = 'unknown'")
    server.drops_after_data = False
    words = {"has_arrived": has_arrived, "due_at": desk.now}
    resolve_message(town.merchant_id, own, town.now, "test", **words)  # type: ignore[arg-type]  # a UUID
    desk.deliver()
    assert desk.messages()[0][:2] == ("email", "sent")
    # Sent again, it is the same message to whoever compares.
    assert len(server.mails) == (1 if has_arrived else 2)
    assert len(set(server.ids())) == 1
    with pytest.raises(Conflict):
        resolve_message(town.merchant_id, own, town.now, "test", **words)  # type: ignore[arg-type]  # a UUID


def test_a_broken_document_stops_only_its_own_message(
    town: Town, server: Server, tmp_path: Path
) -> None:
    for name in ("Aino", "Bo", "Eve"):
        person(town, name)
    _, bad, _ = town.bill(on="2026-11-01")
    desk = Desk(town, tmp_path, PlainMaker(lambda number: number == bad.number), server)
    assert desk.deliver() == Delivered(sent=2, put_off=1)
    assert ("email", "waiting", "no_document") in desk.messages()
    desk.close()


def test_without_any_address_the_portal_has_it_and_somebody_hears(
    town: Town, desk: Desk, server: Server
) -> None:
    person(town, "Aino")
    with writing(town.merchant_id) as session:
        session.execute("update person set email = '', street = ''")
    town.bill(on="2026-11-01")
    assert desk.deliver() == Delivered()
    assert server.mails == []
    assert desk.messages() == [
        ("email", "undeliverable", "no_address"),
        ("portal", "sent", ""),
    ]


def test_without_an_email_address_a_letter_goes(town: Town, desk: Desk) -> None:
    person(town, "Aino")
    with writing(town.merchant_id) as session:
        session.execute("update person set email = ''")
    town.bill(on="2026-11-01")
    assert desk.deliver() == Delivered(letters=1, printed=1)


def test_a_credit_note_is_delivered_too(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    (invoice,) = town.bill(on="2026-11-01")
    desk.deliver()
    number = town.credits(invoice)
    desk.deliver()
    assert number.encode() in content(server.mails[1]).replace(b"=\r\n", b"")
    assert rows(
        town.merchant_id, "select kind from message where channel = 'email' order by id"
    ) == [("invoice.issued",), ("credit_note.issued",)]


def test_the_batch_holds_every_letter_in_the_order_of_its_list(town: Town, desk: Desk) -> None:
    for name in ("Aino", "Bo", "Eve"):
        person(town, name, channel="letter")
    with writing(town.merchant_id) as session:
        session.execute("update person set postal_code = '00100' where name = 'Eve'")
    invoices = town.bill(on="2026-11-01")
    desk.deliver()
    text = (desk.batch / "2026-11-01.csv").read_text("utf-8-sig")
    listed = [*csv.DictReader(text.splitlines(), delimiter=";")]
    assert {one["document"] for one in listed} == {one.number for one in invoices}
    with pikepdf.open(desk.batch / "2026-11-01.pdf") as pdf:
        pages = [page.Contents.read_bytes().decode("latin-1") for page in pdf.pages]
    assert len(pages) == 4
    for one, page in zip(listed, pages[1:], strict=True):
        assert one["document"] in page
    assert sorted(one["line_3"] for one in listed) == [one["line_3"] for one in listed]


def test_a_day_has_one_batch(town: Town, desk: Desk) -> None:
    person(town, "Aino", channel="letter")
    (invoice,) = town.bill(on="2026-11-01")
    desk.deliver()
    town.credits(invoice)
    assert desk.deliver() == Delivered(letters=1)
    town.clock("2026-11-02")
    assert desk.deliver() == Delivered(printed=1)
    assert sorted(path.name for path in desk.batch.glob("*.pdf")) == [
        "2026-11-01.pdf",
        "2026-11-02.pdf",
    ]


def test_another_merchants_outbox_stays(town: Town, desk: Desk) -> None:
    other = Town.founded()
    person(other, "Aino")
    other.bill(on="2026-11-01")
    assert desk.deliver() == Delivered()
    assert rows(other.merchant_id, "select topic from outbox") == [("invoice.issued",)]
    assert town.merchant_id != other.merchant_id


def test_a_link_that_was_asked_for_is_sent(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino", language="en")
    for count in (1, 2):
        with writing(town.merchant_id) as session:
            session.execute(
                "insert into outbox (merchant_id, topic, subject_id, created_at)"
                " select merchant_id, 'portal.link', id, now() from customer"
            )
        assert desk.deliver() == Delivered(sent=1)
        assert len(server.mails) == count


def test_wrong_settings_are_refused_field_by_field(town: Town, desk: Desk) -> None:
    wrong = DeliverySetting("", 0, "nobody", security="maybe", letters_from_hour=24)
    with pytest.raises(RefusedTogether) as refused:
        change_delivery(town.merchant_id, wrong, town.now, "test", due_at=desk.now)
    assert {one.field for one in refused.value.refusals} == {
        *("host", "port", "sender", "security", "letters_from_hour")
    }
