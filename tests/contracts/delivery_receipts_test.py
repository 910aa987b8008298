"""Receipts: a payment is told of once where the merchant wishes it, and seen by its payer only."""

import re
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.flows import match_payment
from kesto.flows.archive_documents import archive_views
from kesto.flows.change_delivery import change_delivery
from kesto.flows.mailroom import Delivered
from kesto.flows.show_receipt import receipt_number, show_receipt
from kesto.store.delivery import DeliverySetting
from kesto.store.session import writing
from kesto.verify.proof import verify
from tests.contracts.delivery_office import (
    Desk,
    Server,
    person,
    received,
    rows,
)
from tests.contracts.office_visits import member
from tests.contracts.portal_visits import browser, link_of, text_of, visit_of
from tests.town import ACTOR, Town

OF_RECEIPTS = "select channel, language, state from message where kind = 'payment.received'"


def sends_receipts(desk: Desk, *, wanted: bool = True, is_attached: bool = True) -> None:
    """Let the merchant send receipts."""
    assert desk.server is not None
    setting = DeliverySetting("127.0.0.1", desk.server.port, "bills@valo.example", security="none")
    setting = replace(setting, sends_receipts=wanted, is_attached=is_attached)
    change_delivery(desk.town.merchant_id, setting, desk.town.now, ACTOR, due_at=desk.now)


def payment(town: Town) -> UUID:
    """The town's one payment."""
    ((own,),) = rows(town.merchant_id, "select id from payment")
    assert isinstance(own, UUID)
    return own


def headers(answer: Any) -> dict[str, str]:
    """The headers of an answer but for what is its own document's."""
    own = ("Content-Disposition", "Content-Length")
    return {name: value for name, value in answer.headers.items() if name not in own}


def told(town: Town) -> list[tuple[object, ...]]:
    return rows(town.merchant_id, "select topic from outbox where topic = 'payment.received'")


def test_a_payment_that_matches_is_told_of_once(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    sends_receipts(desk)
    (invoice,) = town.bill(on="2026-11-01")
    desk.deliver()
    server.mails.clear()
    town.pays(invoice)
    assert desk.deliver() == Delivered(sent=1)
    assert desk.deliver() == Delivered()
    (mail,) = received(server).values()
    own = payment(town)
    assert "kuitti" in mail["Subject"].lower()
    assert "10,00 €" in mail["Subject"]
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == f"kuitti-{receipt_number(own)}.pdf"
    shown = {own: show_receipt(town.merchant_id, own, "fi")}
    (kept,) = archive_views(
        *(town.merchant_id, shown, desk.maker, desk.room().blobs, town.now)
    ).values()
    assert attached.get_content() == desk.room().blobs.get(town.merchant_id, kept.sha256)
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert f"Lasku {invoice.number}" in text.get_content()
    assert sorted(rows(town.merchant_id, OF_RECEIPTS)) == [
        ("email", "fi", "sent"),
        ("portal", "fi", "sent"),
    ]
    assert verify(town.merchant_id) == []


def test_told_of_again_it_is_not_sent_again(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino")
    sends_receipts(desk)
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)
    desk.deliver()
    with writing(town.merchant_id) as session:
        session.execute(
            "insert into outbox (merchant_id, topic, subject_id, created_at)"
            " select merchant_id, 'payment.received', id, now() from payment"
        )
    assert desk.deliver() == Delivered()
    assert len(server.mails) == 2


@pytest.mark.parametrize("is_said", [True, False])
def test_without_the_wish_none_is_sent(
    town: Town, desk: Desk, server: Server, *, is_said: bool
) -> None:
    person(town, "Aino")
    if is_said:
        sends_receipts(desk, wanted=False)
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)
    assert told(town) == []
    assert desk.deliver() == Delivered(sent=1)
    assert len(server.mails) == 1
    assert rows(town.merchant_id, OF_RECEIPTS) == []


def test_money_kept_as_credit_has_no_receipt(town: Town, desk: Desk) -> None:
    person(town, "Aino")
    sends_receipts(desk)
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)
    assert len(told(town)) == 1
    town.pays(invoice)
    assert len(told(town)) == 1
    page = text_of(member(town, "owner").get("/office/payments/"))
    assert page.count("/receipt/") == 1


def test_a_person_who_settles_sends_one_too(town: Town, desk: Desk) -> None:
    person(town, "Aino")
    sends_receipts(desk)
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(amount_minor=1000, payer_name="AINO")
    assert told(town) == []
    ((waits,),) = rows(town.merchant_id, "select id from bank_transaction")
    assert isinstance(waits, UUID)
    match_payment.settle(town.merchant_id, waits, invoice.number, town.now, ACTOR)
    assert len(told(town)) == 1
    assert desk.deliver() == Delivered(sent=2)


def test_letters_come_by_letter_and_nothing_to_who_looks_in_the_portal(
    town: Town, desk: Desk, server: Server
) -> None:
    person(town, "Bo", language="sv", channel="letter")
    person(town, "Eve", language="en", channel="portal")
    sends_receipts(desk)
    for invoice in town.bill(on="2026-11-01"):
        town.pays(invoice)
    assert desk.deliver() == Delivered(letters=2, printed=2)
    assert server.mails == []
    assert sorted(rows(town.merchant_id, OF_RECEIPTS)) == [
        ("letter", "sv", "sent"),
        ("portal", "en", "sent"),
        ("portal", "sv", "sent"),
    ]
    (own,) = (
        one
        for (one,) in rows(
            town.merchant_id,
            "select p.id from payment p join message m on m.subject_id = p.id"
            " where m.channel = 'letter'",
        )
    )
    assert isinstance(own, UUID)
    listed = (desk.batch / "2026-11-01.csv").read_text("utf-8-sig")
    assert receipt_number(own) in listed


def test_a_refused_receipt_becomes_a_letter(town: Town, desk: Desk, server: Server) -> None:
    person(town, "Aino", channel="portal")
    sends_receipts(desk)
    (invoice,) = town.bill(on="2026-11-01")
    desk.deliver()
    with writing(town.merchant_id) as session:
        session.execute("update channel_preference set channel = 'email'")
    town.pays(invoice)
    server.answers["aino@example.com"] = "550 nobody here"
    assert desk.deliver() == Delivered(undeliverable=1, letters=1, printed=1)


def test_a_linked_receipt_leads_to_the_invoice_that_was_paid(
    town: Town, desk: Desk, server: Server
) -> None:
    person(town, "Aino")
    sends_receipts(desk, is_attached=False)
    (invoice,) = town.bill(on="2026-11-01")
    desk.deliver()
    server.mails.clear()
    town.pays(invoice)
    desk.deliver()
    (mail,) = received(server).values()
    assert [*mail.iter_attachments()] == []
    text = mail.get_body(("plain",))
    assert text is not None
    (link,) = re.findall(r"https://bills\.example(/p/[\w-]{43})", text.get_content())
    answer = browser().post(link)
    assert answer.headers["Location"] == f"/portal/invoices/{invoice.number}/#life"


def test_the_portal_opens_a_customers_own_receipts_only(town: Town, desk: Desk) -> None:
    aino, eve = person(town, "Aino"), person(town, "Eve")
    sends_receipts(desk)
    (invoice, _) = town.bill(on="2026-11-01")
    town.pays(invoice)
    desk.deliver()
    path = f"/portal/receipts/{payment(town)}/pdf"
    visit = visit_of(aino)
    page = text_of(visit.get(f"/portal/invoices/{invoice.number}/"))
    assert f'<a href="{path}">Receipt (PDF)<span class="sr">: 1 November 2026, €10.00' in page
    assert page.count("Sent by e-mail") == 1
    document, paper = visit.get(path), visit.get(f"/portal/invoices/{invoice.number}/pdf")
    assert document.content.startswith(b"%PDF-")
    name = f"receipt-{receipt_number(payment(town))}.pdf"
    assert document.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert headers(document) == headers(paper)
    listed = text_of(visit.get("/portal/messages/"))
    (own,) = re.findall(
        rf'href="(/portal/messages/[^"]+)">Receipt {receipt_number(payment(town))}<', listed
    )
    assert f'href="{path}"' in text_of(visit.get(own))
    assert visit_of(eve).get(path).status_code == 404
    assert browser().get(path).status_code == 403
    stranger = Town.founded().customer("Mallory")
    assert visit_of(stranger).get(path).status_code == 404
    assert visit_of(aino).get(f"/portal/receipts/{invoice.invoice.id}/pdf").status_code == 404
    assert path not in text_of(visit_of(eve).get("/portal/messages/"))
    assert link_of(aino, payment(town)) != link_of(eve, payment(town))


def test_anothers_payment_leads_nobody_to_its_invoice(town: Town) -> None:
    person(town, "Aino")
    eve = town.customer("Eve")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)
    answer = browser().post(link_of(eve, payment(town)))
    assert answer.headers["Location"] == "/portal/"


def test_the_office_opens_receipts_where_payments_are_seen(town: Town, desk: Desk) -> None:
    aino = person(town, "Aino")
    sends_receipts(desk)
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)
    desk.deliver()
    path = f"/office/payments/{payment(town)}/receipt/"
    owner = member(town, "owner")
    for place in (
        "payments/",
        f"invoices/{invoice.number}/",
        f"customers/{aino.customer.id}/",
        "messages/",
    ):
        assert f'href="{path}"' in text_of(owner.get(f"/office/{place}")), place
    assert "Message about a payment" in text_of(owner.get("/office/messages/"))
    answer = member(town, "service").get(path)
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "kuitti-" in answer.headers["Content-Disposition"]
    assert member(Town.founded(), "owner").get(path).status_code == 404


def test_the_office_lets_receipts_be_sent(town: Town) -> None:
    owner = member(town, "owner")
    form = {"host": "mail.example", "port": "25", "security": "none", "sender": "a@valo.example"}
    form |= {"letters_from_hour": "6"}
    assert "Send a receipt for each payment" in text_of(owner.get("/office/settings/delivery/"))
    for wanted, said in (({"sends_receipts": "on"}, "sent for each payment"), ({}, "not sent")):
        answer = owner.post("/office/settings/delivery/", {**form, **wanted})
        assert answer.status_code == 302
        assert said in text_of(owner.get("/office/settings/"))
