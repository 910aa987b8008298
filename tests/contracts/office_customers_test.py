"""Customers are added and changed in the office: what follows is shown, faults name fields."""

import json
import re

import pytest
from django.test import Client

from kesto.store.session import reading
from tests.contracts.office_visits import facts, landed, member, text_of
from tests.town import Town

AINO = {
    "name": "Aino Virtanen",
    "external_id": "aino",
    "language": "fi",
    "email": "aino@example.com",
    "country": "FI",
}


@pytest.fixture
def service(town: Town) -> Client:
    town.customer("Aino")
    return member(town, "service")


def path_of(town: Town) -> str:
    with reading(town.merchant_id) as session:
        row = session.row("select id from customer order by created_at limit 1")
    assert row is not None
    return f"/office/customers/{row[0]}/"


def typed(client: Client, path: str) -> dict[str, str]:
    """What stands in the form."""
    page = text_of(client.get(f"{path}change/"))
    found = dict(re.findall(r'<input type="(?:text|email)" name="([^"]+)" value="([^"]*)"', page))
    found["language"] = re.findall(r'<option value="([a-z]+)" selected', page)[0]
    return found


def confirmed(client: Client, path: str, page: str) -> str:
    values = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    del values["csrfmiddlewaretoken"]
    return landed(client, client.post(f"{path}change/", values))


def test_what_follows_is_shown_before_a_customer_is_changed(town: Town, service: Client) -> None:
    path = path_of(town)
    assert f"{path}change/" in text_of(service.get(path))
    wanted = typed(service, path) | {
        "name": "Aino Mäkelä",
        "language": "sv",
        "street": "Kuja 2",
        "postal_code": "00100",
        "city": "Helsinki",
        "currency": "sek",
        "zone": "Europe/Stockholm",
        "external_id": "c-17",
        "email": "aino@makela.example",
    }
    page = text_of(service.post(f"{path}change/", wanted))
    for sentence in (
        "Invoices say it from the next one on.",
        "Invoices and messages are in Swedish from now on.",
        "New subscriptions are sold in this currency",
        "The days of new subscriptions begin by this zone.",
        "go to the new address",
        "by the new number only",
    ):
        assert sentence in page
    with reading(town.merchant_id) as session:
        assert session.row("select 1 from person where name = 'Aino'") is not None
    shown = confirmed(service, path, page)
    assert "The customer is saved." in shown
    found = facts(shown)
    assert (found["Currency"], found["Time zone"]) == ("SEK", "Europe/Stockholm")
    assert "Customer c-17" in shown
    with reading(town.merchant_id) as session:
        row = session.row("select data from audit where action = 'change_customer'")
    assert row is not None
    assert "Mäkelä" not in str(row[0])
    assert set(json.loads(row[0])["fields"]) >= {
        "name",
        "currency",
        "zone",
        "external_id",
    }


def test_a_telephone_number_is_saved_at_once(town: Town, service: Client) -> None:
    path = path_of(town)
    wanted = typed(service, path) | {"phone": "+358 40 123 4567"}
    assert "The customer is saved." in landed(service, service.post(f"{path}change/", wanted))
    assert "Nothing was changed." in landed(service, service.post(f"{path}change/", wanted))


def test_what_another_changed_meanwhile_is_shown_again(town: Town, service: Client) -> None:
    path = path_of(town)
    wanted = typed(service, path)
    page = text_of(service.post(f"{path}change/", wanted | {"name": "Aino Mäkelä"}))
    landed(service, service.post(f"{path}change/", wanted | {"phone": "040 1"}))
    values = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    again = text_of(service.post(f"{path}change/", values))
    assert "Somebody changed this customer meanwhile." in again
    assert "040 1" in again


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Name: This field is required."),
        ("email", "aino@", "E-mail: "),
        ("country", "Finland", "Country: "),
        ("currency", "euro", "Currency: Give the currency by three letters"),
        ("zone", "Helsinki", "Time zone: Give a time zone by its name"),
        ("postal_code", "1", "Postal code: In Finland a postal code has five digits."),
        ("business_id", "2915046-7", "Business ID: Only companies have one."),
        ("external_id", "eino", "Customer number: This number is taken."),
    ],
)
def test_a_fault_is_said_beside_its_field(
    town: Town, service: Client, field: str, value: str, sentence: str
) -> None:
    path = path_of(town)
    town.customer("Eino")
    values = typed(service, path) | {field: value}
    page = text_of(service.post(f"{path}change/", values))
    seal = re.findall(r'name="seal" value="([^"]+)"', page)
    if seal:
        page = text_of(service.post(f"{path}change/", values | {"seal": seal[0]}))
    assert sentence in page
    assert f'<a href="#id_{field}">' in page


def test_a_new_customer_is_checked_as_those_of_files_are(service: Client) -> None:
    new = {"kind": "company", "payment_method": "transfer", "channel": "email"}
    firm = AINO | new | {"external_id": "firm", "business_id": "1234567-0"}
    page = text_of(service.post("/office/customers/new/", firm))
    assert "Business ID: This is not a valid business ID." in page
    firm |= {"business_id": "29150467", "zone": "Europe/Stockholm"}
    shown = landed(service, service.post("/office/customers/new/", firm))
    assert facts(shown)["Business ID"] == "2915046-7"


def test_a_developer_does_not_change_customers(town: Town) -> None:
    town.customer("Aino")
    developer = member(town, "developer")
    assert developer.get(f"{path_of(town)}change/").status_code == 403


def test_how_a_customer_pays_and_is_reached_is_changed_too(town: Town, service: Client) -> None:
    path = path_of(town)
    page = text_of(service.get(f"{path}change/"))
    assert "Invoices come by" in page
    unreached = typed(service, path) | {"email": "", "channel": "email", "street": "Kuja 2"}
    sent = unreached | {"channel": "letter", "payment_method": "direct_debit", "city": "Helsinki"}
    review = text_of(service.post(f"{path}change/", sent))
    assert "Invoices ask for payment in the new way from the next one on." in review
    assert "Invoices come the new way from the next one on." in review
    shown = confirmed(service, path, review)
    assert facts(shown)["Pays by"] == "Direct debit"
    assert facts(shown)["Invoices"] == "Letter"
    back = text_of(service.post(f"{path}change/", unreached))
    assert "The customer has no address for this." in confirmed_page(service, path, back)
    with reading(town.merchant_id) as session:
        kinds = session.rows("select kind, is_default from payment_method")
        told = session.rows("select data from audit where action = 'prefer_channel'")
    assert kinds == [("direct_debit", True)]
    assert len(told) == 1


def confirmed_page(client: Client, path: str, page: str) -> str:
    values = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    del values["csrfmiddlewaretoken"]
    return text_of(client.post(f"{path}change/", values))
