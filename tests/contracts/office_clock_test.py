"""The test clock in the office: shown, moved on, and every month on the way is billed."""

import pytest
from django.test import Client

from tests.contracts.api_clock_test import work
from tests.contracts.office_visits import landed, member, text_of
from tests.town import Town

PATH = "/office/settings/clock/"


@pytest.fixture
def owner(town: Town) -> Client:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    return member(town, "owner")


def test_a_year_passes_at_a_button(town: Town, owner: Client) -> None:
    assert "Let time pass" in text_of(owner.get("/office/settings/"))
    page = landed(owner, owner.post(PATH, {"to": "", "by": "year"}))
    assert "Time passes." in page
    assert "On its way to" in page
    assert "on its way already" in text_of(owner.post(PATH, {"to": "2027-01-01"}))
    work()
    assert "On its way to" not in text_of(owner.get(PATH))
    assert len(town.invoices()) == 12


def test_a_day_is_chosen(town: Town, owner: Client) -> None:
    landed(owner, owner.post(PATH, {"to": "2026-11-01"}))
    work()
    (invoice,) = town.invoices()
    assert str(invoice.invoice.invoice_on) == "2026-11-01"
    assert "never runs backwards. Choose" in text_of(owner.post(PATH, {"to": "2026-10-31"}))
    assert "At most 400 days" in text_of(owner.post(PATH, {"to": "2028-10-31"}))
