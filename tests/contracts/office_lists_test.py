"""The office's pages show figures that agree with their lists."""

import re

import pytest
from django.test import Client

from kesto.store import messages
from kesto.store.messages import NewMessage
from kesto.store.session import writing
from tests.contracts.office_visits import facts, lived_in, member, text_of
from tests.town import Town


@pytest.fixture
def street(town: Town) -> Town:
    return lived_in(town)


@pytest.fixture
def owner(street: Town) -> Client:
    return member(street, "owner")


def tiles(page: str) -> dict[str, tuple[str, str]]:
    """The figures of Today: value and link by label."""
    found = re.findall(
        r'<a class="kpi" href="([^"]+)"><span class="kpi-label">([^<]+)</span>'
        r'<span class="kpi-value">([^<]+)</span>',
        page,
    )
    return {label: (value, href.replace("&amp;", "&")) for href, label, value in found}


def test_every_figure_of_today_leads_to_what_it_counts(owner: Client) -> None:
    found = tiles(text_of(owner.get("/office/")))
    assert {label: value for label, (value, _) in found.items()} == {
        "Open receivables": "€46",
        "Overdue": "€16",
        "Invoiced this month": "€30",
        "Paid this month": "€0",
        "Active subscriptions": "3",
        "Unmatched payments": "2",
    }
    open_page = text_of(owner.get(found["Open receivables"][1]))
    assert (facts(open_page)["Open"], open_page.count("/office/customers/")) > ("€46.00", 0)
    assert facts(text_of(owner.get(found["Overdue"][1])))["Open"] == "€16.00"
    assert facts(text_of(owner.get(found["Invoiced this month"][1])))["Sum with VAT"] == "€30.00"
    assert facts(text_of(owner.get(found["Paid this month"][1])))["Sum"] == "€0.00"
    assert "Active subscriptions: 3." in text_of(owner.get(found["Active subscriptions"][1]))
    assert "2 unmatched" in text_of(owner.get(found["Unmatched payments"][1]))
    assert facts(text_of(owner.get("/office/payments/?month=2026-11")))["Sum"] == "€14.00"


def test_today_tells_what_waits(owner: Client, street: Town) -> None:
    page = text_of(owner.get("/office/"))
    assert "2 overdue invoices" in page
    assert "2 bank payments without an invoice" in page
    assert "November 2026 can be closed" in page
    assert "difference €0.00" in page
    assert "invoices were set aside" not in page
    service = text_of(member(street, "service").get("/office/"))
    assert "2 overdue invoices" in service
    assert "bank payments without" not in service


def test_today_says_what_holds_messages_up(owner: Client, street: Town) -> None:
    with writing(street.merchant_id) as session:
        ((customer, invoice),) = session.rows("select customer_id, id from invoice limit 1")
        held = NewMessage(
            *(customer, "invoice.issued", "email", "fi", "waiting", invoice, "a@example.com"),
            reason="no_mail_server",
            due_at=street.now,
        )
        messages.add(session, [held], street.now)
    page = text_of(owner.get("/office/"))
    assert "1 message is held up" in page
    assert "No mail server is set" in page
    assert 'href="/office/settings/delivery/"' in page


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("aino", {"Aino Virtanen"}),
        ("virtanen AINO", {"Aino Virtanen"}),
        ("n", {"Aino Virtanen", "Eino Korhonen", "Liisa Laine"}),
        ("%", set()),
        ("_", set()),
        ("nobody", set()),
        ("'; drop table customer; --", set()),
        ("\\", set()),
    ],
)
def test_customers_are_found_by_parts_of_words(owner: Client, search: str, names: set[str]) -> None:
    answer = owner.get("/office/customers/", {"q": search})
    if answer.status_code == 302:
        answer = owner.get(answer.headers["Location"])
    page = text_of(answer)
    everybody = ("Aino Virtanen", "Eino Korhonen", "Liisa Laine")
    assert {name for name in everybody if name in page} == names


def test_a_number_or_a_reference_leads_to_the_invoice(owner: Client, street: Town) -> None:
    invoice = street.invoices()[0]
    for search in (invoice.number, f" {invoice.number} ", invoice.invoice.reference):
        answer = owner.get("/office/customers/", {"q": search})
        assert answer.headers["Location"] == f"/office/invoices/{invoice.number}/"


@pytest.mark.parametrize("wanted", ["all", "active", "open", "overdue", "nonsense"])
def test_lists_of_customers_hold_together(owner: Client, wanted: str) -> None:
    page = text_of(owner.get("/office/customers/", {"filter": wanted, "page": "9"}))
    rows = re.findall(r'href="/office/customers/[0-9a-f-]{36}/"', page)
    assert len(rows) == {"overdue": 2}.get(wanted, 3)


@pytest.mark.parametrize(
    ("state", "count", "total"),
    [
        ("all", 6, "€60.00"),
        ("open", 5, "€50.00"),
        ("overdue", 2, "€20.00"),
        ("paid", 1, "€10.00"),
        ("credited", 0, "€0.00"),
        ("credit_notes", 0, "€0.00"),
    ],
)
def test_lists_of_invoices_add_up(owner: Client, state: str, count: int, total: str) -> None:
    page = text_of(owner.get("/office/invoices/", {"state": state}))
    assert facts(page)["Sum with VAT"] == total
    assert len(re.findall(r"<th[^>]*><a href=\"/office/invoices/2026-", page)) == count


def test_an_invoice_is_shown_in_any_language_with_its_reasons(owner: Client, street: Town) -> None:
    number = street.invoices()[0].number
    for language, words in {
        "fi": "Miksi tämä summa?",
        "en": "Fixed price €10.00.",
        "sv": "Fast pris",
    }.items():
        page = text_of(owner.get(f"/office/invoices/{number}/", {"language": language}))
        assert words in page or language == "fi"
        assert f'lang="{language}"' in page
        assert "Accounts receivable" in page
    assert owner.get("/office/invoices/2026-999999/").status_code == 404
    assert owner.get("/office/invoices/nonsense/").status_code == 404


def test_a_part_of_an_invoice_is_not_told_as_paid(owner: Client, street: Town) -> None:
    paid, _, part = (invoice.number for invoice in street.invoices()[:3])
    for number, before in ((paid, "Paid "), (part, "Payment of €4.00 on invoice ")):
        page = text_of(owner.get(f"/office/invoices/{number}/"))
        payer = re.search(r"/office/customers/[0-9a-f-]{36}/", page)
        assert payer is not None
        customer = text_of(owner.get(payer[0]))
        assert f'{before}<a href="/office/invoices/{number}/">' in customer
        assert "Credited so far" not in customer


def test_an_invoice_is_first_shown_wholly_as_its_customer_sees_it(town: Town) -> None:
    aino = town.customer("Aino", language="fi")
    aino.subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    page = text_of(member(town, "owner").get(f"/office/invoices/{invoice.number}/"))
    assert 'href="?language=fi" aria-current="true"' in page
    paper = page[page.index('<div class="stack" lang="fi">') : page.index("The customer’s own")]
    assert "Miksi tämä summa?" in paper
    assert "10,00 €" in paper
    for english in ("Why this", "Total", "Due", "Show", "€10.00", "VAT"):
        assert english not in paper, english
    assert "As the customer sees it" in page
    assert "Accounts receivable" in page
