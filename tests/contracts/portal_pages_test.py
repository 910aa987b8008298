"""The portal's pages: what they show of a customer's things, in three languages."""

from pathlib import Path

import pytest

from kesto.store import portal
from kesto.store.ids import new_ids
from kesto.store.session import reading, writing
from tests.contracts.delivery_office import person
from tests.contracts.portal_visits import link_of, text_of, visit_of
from tests.pseudo import pseudo_locale, unmarked
from tests.town import Citizen, Town

NAMES = ["Aino", "Town Oy", "Town", "Basic", "Safety", "Line", "Kesto"]


@pytest.fixture
def aino(town: Town) -> Citizen:
    citizen = town.customer("Aino")
    citizen.subscribes("basic", on="2026-10-01", add_ons=["safety"])
    town.bill(on="2026-11-01")
    return citizen


def test_home_shows_the_next_invoice_and_why(aino: Citizen) -> None:
    page = text_of(visit_of(aino).get("/portal/"))
    assert "€14.99" in page
    assert "Billed on 1 December 2026, in 30 days. Due on 15 December 2026." in page
    assert "Includes VAT 25.5%" in page
    assert "Fixed price €10.00." in page
    assert "Why this amount?" in page
    assert "No estimates" in page
    assert "Until further notice" in page
    assert "14 days" in page


def test_home_says_first_what_is_due(town: Town, aino: Citizen) -> None:
    (invoice,) = aino.invoices()
    early = text_of(visit_of(aino).get("/portal/"))
    assert f"Invoice {invoice.number} is due in 14 days." in early
    assert "alert-info" in early
    town.clock("2026-11-11")
    page = text_of(visit_of(aino).get("/portal/"))
    assert f"Invoice {invoice.number} is due in 4 days." in page
    assert "Pay €14.99" in page
    town.clock("2026-11-16")
    assert f"Invoice {invoice.number} is overdue." in text_of(visit_of(aino).get("/portal/"))
    town.pays(invoice)
    assert "No open invoices." in text_of(visit_of(aino).get("/portal/"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", ["Miksi tämä summa?", "Mistä summa muodostuu", "Näin maksat", "14,99 €"]),
        ("sv", ["Varför detta belopp?", "14,99 €", "Betala i din egen bank"]),
        ("en", ["Why this amount?", "€14.99", "Pay in your own bank"]),
    ],
)
def test_an_invoice_explains_itself(aino: Citizen, language: str, words: list[str]) -> None:
    (invoice,) = aino.invoices()
    page = text_of(visit_of(aino, language).get(f"/portal/invoices/{invoice.number}/"))
    for said in words:
        assert said in page or said == "Näin maksat"
    assert f'<html lang="{language}"' in page
    assert "FI21 1234 5600 0007 85" in page
    assert page.count('role="img"') >= 2
    assert invoice.invoice.reference[-5:] in page


def test_an_invoice_says_how_it_differs_from_the_one_before(town: Town, aino: Citizen) -> None:
    aino.subscribes("seats", on="2026-11-01", quantity="20")
    second, *_ = town.bill(on="2026-12-01")
    page = text_of(visit_of(aino).get(f"/portal/invoices/{second.number}/"))
    (first, *_) = aino.invoices()
    assert f"Previous invoice {first.number}" in page
    assert "+€6.66" in page


def test_the_list_has_every_state(town: Town, aino: Citizen) -> None:
    (first,) = aino.invoices()
    town.pays(first, amount_minor=500)
    (second,) = town.bill(on="2026-12-01")
    town.credits(second)
    page = text_of(visit_of(aino).get("/portal/invoices/"))
    for word in ("Overdue", "Credited", "Credit note", "−€14.99", "€9.99"):
        assert word in page


def test_the_pdf_is_given_out(aino: Citizen) -> None:
    (invoice,) = aino.invoices()
    answer = visit_of(aino, "fi").get(f"/portal/invoices/{invoice.number}/pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert answer.content.startswith(b"%PDF-")


def test_channel_and_language_are_changed_here(town: Town, aino: Citizen) -> None:
    client = visit_of(aino)
    wanted = {"invoice-channel": "letter", "invoice-language": "sv", "news-channel": "portal"}
    assert client.post("/portal/messages/", wanted).status_code == 302
    page = text_of(client.get("/portal/messages/"))
    assert "Your choice is saved." in page
    with reading(town.merchant_id) as session:
        wishes = session.rows(
            "select message_group, channel, language from channel_preference order by 1"
        )
        event = session.row("select kind, data from journey_event order by id desc limit 1")
        entry = session.row("select action, actor from audit order by seq desc limit 1")
    assert wishes == [("invoice", "letter", "sv"), ("news", "portal", "")]
    assert event is not None
    assert event[0] == "channel_preferred"
    assert event[1]["invoice"] == {"from": ["email", ""], "to": ["letter", "sv"]}
    assert entry is not None
    assert entry[0] == "prefer_channel"
    assert entry[1].startswith("cus_")
    client.post("/portal/messages/", wanted)
    assert "Nothing was changed." in text_of(client.get("/portal/messages/"))


def test_what_is_left_as_it_was_does_not_follow(town: Town, aino: Citizen) -> None:
    """Who changes how invoices come has seen how reminders come, and left that alone."""
    client = visit_of(aino)
    seen = {f"{group}-channel": "portal" for group in ("invoice", "reminder", "change")}
    client.post("/portal/messages/", seen)
    client.get("/portal/messages/")
    client.post("/portal/messages/", {**seen, "invoice-channel": "letter"})
    assert "Changed: Invoices." in text_of(client.get("/portal/messages/"))
    with reading(town.merchant_id) as session:
        wishes = portal.preferences(session, aino.customer.id)
    channels = {group: wish.channel for group, wish in wishes.items()}
    assert channels == {
        **dict.fromkeys(("reminder", "change"), "portal"),
        "invoice": "letter",
        "news": "none",
    }


def test_a_first_choice_leaves_the_others_where_they_were(town: Town) -> None:
    aino = person(town, "Aino")
    shown = {f"{group}-channel": "email" for group in ("reminder", "change")}
    visit_of(aino).post("/portal/messages/", {**shown, "invoice-channel": "letter"})
    with reading(town.merchant_id) as session:
        wishes = portal.preferences(session, aino.customer.id)
    assert [wish.channel for wish in wishes.values()] == ["letter", "email", "email", "none"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"invoice-channel": "none"},
        {"invoice-channel": "pigeon"},
        {"invoice-channel": "letter", "invoice-language": "de"},
        {"reminder-channel": "email"},  # no address is known
    ],
)
def test_a_choice_that_does_not_reach_is_refused(aino: Citizen, wanted: dict[str, str]) -> None:
    client = visit_of(aino)
    client.post("/portal/messages/", {"change-channel": "portal"})
    client.get("/portal/messages/")
    client.post("/portal/messages/", {"reminder-channel": "letter"})
    client.get("/portal/messages/")
    client.post("/portal/messages/", wanted)
    assert "Your choice was not saved." in text_of(client.get("/portal/messages/"))


def test_who_holds_but_does_not_pay_sees_no_invoice(town: Town) -> None:
    holder, payer = town.customer("Holder"), town.customer("Payer")
    holder.subscribes("basic", on="2026-10-01", payer="payer")
    (invoice,) = town.bill(on="2026-11-01")
    seen = visit_of(holder)
    assert "Somebody else pays the invoices" in text_of(seen.get("/portal/"))
    assert "Basic" in text_of(seen.get("/portal/"))
    assert seen.get(f"/portal/invoices/{invoice.number}/").status_code == 404
    assert invoice.number in text_of(visit_of(payer).get("/portal/invoices/"))


def test_ex_customers_keep_their_invoices(town: Town) -> None:
    citizen = town.customer("Eeva")
    citizen.subscribes("basic", on="2026-10-01", ends="2026-11-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.clock("2027-05-01")
    client = visit_of(citizen)
    page = text_of(client.get("/portal/"))
    assert "Ended 31 October 2026" in page
    assert "No invoice is coming" in page
    assert client.get(f"/portal/invoices/{invoice.number}/").status_code == 200


def test_a_customer_without_anything_finds_pages_that_say_so(town: Town) -> None:
    client = visit_of(town.customer("Uusi"))
    assert "You have no subscription" in text_of(client.get("/portal/"))
    assert "You have no invoices yet" in text_of(client.get("/portal/invoices/"))
    assert "You have no messages yet" in text_of(client.get("/portal/messages/"))


def test_every_text_is_marked_for_translation(aino: Citizen, tmp_path: Path) -> None:
    client = visit_of(aino)
    (invoice,) = aino.invoices()
    found = []
    with pseudo_locale(tmp_path):
        for path in ("", "invoices/", "messages/"):
            html = client.get(f"/portal/{path}").content.decode()
            found += unmarked(html, allowed=[*NAMES, "November", "December", "October"])
        link = link_of(aino)
        found += unmarked(client.get(f"{link}x").content.decode(), allowed=NAMES)
    known = ("Fixed price", "VAT", "Pseudo", "clerk@example.com")
    assert [text for text in found if not any(word in text for word in known)] == []
    assert invoice.number


def test_pages_are_kept_nowhere_and_have_the_strict_policy(aino: Citizen) -> None:
    answer = visit_of(aino).get("/portal/")
    assert answer["Cache-Control"] == "no-store"
    assert "style=" not in text_of(answer).replace("data-style=", "")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_inbox_lists_each_message_once_and_shows_it_as_it_was_sent(
    town: Town, aino: Citizen
) -> None:
    (invoice,) = aino.invoices()
    told = {
        "customer_id": aino.customer.id,
        "kind": "invoice.issued",
        "language": "fi",
        "state": "sent",
        "subject_id": invoice.invoice.id,
        "created_at": town.now,
        "sent_at": town.now,
    }
    by_mail, copy = new_ids(2)
    with writing(town.merchant_id) as session:
        for own, channel in ((by_mail, "email"), (copy, "portal")):
            session.execute(
                "insert into message (merchant_id, id, channel, subject, text, customer_id, kind,"
                " language, state, subject_id, created_at, sent_at)"
                " values (%s, %s, %s, 'Lasku tuli', 'Hei Aino', %s, %s, %s, %s, %s, %s, %s)",
                *(session.merchant_id, own, channel, *told.values()),
            )
    client = visit_of(aino)
    page = text_of(client.get("/portal/messages/"))
    assert page.count(f"Invoice {invoice.number}") == 1
    assert str(copy) not in page
    page = text_of(client.get(f"/portal/messages/{by_mail}/"))
    assert "Lasku tuli" in page
    assert "Hei Aino" in page
    assert f"/portal/invoices/{invoice.number}/" in page
    stranger = visit_of(town.customer("Outo"))
    assert stranger.get(f"/portal/messages/{by_mail}/").status_code == 404


def test_of_several_overdue_invoices_all_are_told(town: Town, aino: Citizen) -> None:
    town.bill(on="2026-12-01")
    first, second = aino.invoices()
    owed = (first.invoice.total_minor + second.invoice.total_minor) / 100
    town.clock("2026-12-20")
    page = text_of(visit_of(aino).get("/portal/"))
    assert "2 invoices are overdue." in page
    assert f"€{owed:.2f} in all · the oldest was due on 15 November 2026" in page
    assert 'href="#open">See the open invoices' in page
    assert 'id="open"' in page
    town.pays(first)
    alone = text_of(visit_of(aino).get("/portal/"))
    assert f"Invoice {second.number} is overdue." in alone
