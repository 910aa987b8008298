"""A subscriber's box in the portal: seen, skipped until the cut-off, sent elsewhere."""

import re
from uuid import UUID

import pytest
from django.test import Client

from kesto.core.changes import SkipDelivery
from kesto.flows.quote_change import quote_change
from kesto.flows.record_fulfilment import Report, record_fulfilment
from kesto.verify.proof import verify
from tests import boxes
from tests.contracts.portal_visits import text_of, visit_of
from tests.town import ACTOR, Citizen, Town, day

QUOTE = re.compile(r'name="quote" value="(quo_[0-9a-f]{32})"')


@pytest.fixture
def shop(town: Town) -> Town:
    return boxes.opened(town)


@pytest.fixture
def aino(shop: Town) -> Citizen:
    return shop.customer("Aino")


@pytest.fixture
def box(shop: Town, aino: Citizen) -> UUID:
    own = aino.subscribes("box", on="2026-10-01")
    shop.bill(on="2026-10-01")
    return own


def at(own: UUID, rest: str = "") -> str:
    return f"/portal/subscriptions/{own}/{rest}"


def does(client: Client, own: UUID, action: str, **asked: str) -> str:
    page = text_of(client.post(at(own, f"{action}/"), asked))
    found = QUOTE.search(page)
    assert found is not None, page
    answer = client.post(at(own, "confirm/"), {"quote": found[1], "action": action})
    assert answer.status_code == 302
    return text_of(client.get(at(own)))


def test_a_subscriber_skips_until_the_cut_off(shop: Town, aino: Citizen, box: UUID) -> None:
    client = visit_of(aino)
    page = text_of(client.get(at(box)))
    assert "Coming deliveries" in page
    assert "You can change it until 5 October 2026." in page
    assert "A delivery that you skip is taken off your bill." in page
    page = text_of(client.post(at(box, "skip/"), {"on": "2026-10-15"}))
    assert "No delivery on 15 October 2026" in page
    assert "1 of 4 deliveries was skipped." in page
    page = does(client, box, "skip", on="2026-10-15")
    assert "Deliver after all" in page
    page = does(client, box, "unskip", on="2026-10-15")
    assert "Deliver after all" not in page
    shop.clock("2026-10-13")
    page = text_of(client.post(at(box, "skip/"), {"on": "2026-10-15"}))
    assert "It is too late to change this delivery." in page
    assert 'value="2026-10-15"' not in text_of(client.get(at(box)))
    page = text_of(client.post(at(box, "skip/"), {"on": "2026-10-16"}))
    assert "Nothing is delivered on this day." in page
    assert 'value="2026-10-22"' in text_of(client.get(at(box, "skip/?on=2026-10-22")))
    assert verify(shop.merchant_id) == []


def test_a_subscriber_has_it_sent_elsewhere_and_back(aino: Citizen, box: UUID) -> None:
    client = visit_of(aino)
    page = text_of(client.post(at(box, "address/"), {"name": "Aino", "street": "Rantatie 1"}))
    assert "Please fill this in." in page
    there = {"name": "Aino", "street": "Rantatie 1", "postal_code": "39100", "city": "Kyrö"}
    page = does(client, box, "address", **there, on="2026-10-20")
    assert "Deliveries go to another address" in page
    assert page.count("Rantatie 1, 39100 Kyrö") >= 2
    page = does(client, box, "address", is_own="on", on="2026-10-20")
    assert "Rantatie" not in page
    page = text_of(client.post(at(box, "address/"), {"is_own": "on", "on": "2026-10-01"}))
    assert "Deliveries go to this address already." in page


def test_a_subscriber_sees_what_was_sent(shop: Town, aino: Citizen, box: UUID) -> None:
    shop.clock("2026-10-08")
    for report in (
        Report(day("2026-10-08"), "sent", carrier="Posti", tracking="JJ1"),
        Report(day("2026-10-08"), "delivered", carrier="Posti", tracking="JJ1"),
    ):
        record_fulfilment(shop.merchant_id, box.hex, report, shop.now, ACTOR)
    shop.clock("2026-10-09")
    page = text_of(visit_of(aino).get(at(box)))
    assert "Deliveries that were sent" in page
    assert "Posti · JJ1" in page
    for language, words in (("fi", "Tulevat toimitukset"), ("sv", "Kommande leveranser")):
        assert words in text_of(visit_of(aino, language).get(at(box)))


def test_what_staff_waives_is_not_confirmed_in_the_portal(
    shop: Town, aino: Citizen, box: UUID
) -> None:
    shop.clock("2026-10-07")
    command = SkipDelivery(day("2026-10-08"), waives_terms=True)
    quoted = quote_change(shop.merchant_id, box.hex, command, shop.now)
    client = visit_of(aino)
    quote = f"quo_{quoted.quote.id.hex}"
    client.post(at(box, "confirm/"), {"quote": quote, "action": "skip"})
    assert "delivery_skipped" not in [kind for _, kind in shop.history(box)]
    assert visit_of(shop.customer("Veikko")).get(at(box)).status_code == 404


def test_a_plan_without_deliveries_says_nothing_of_them(aino: Citizen, shop: Town) -> None:
    own = aino.subscribes("basic", on="2026-10-01")
    page = text_of(visit_of(aino).get(at(own)))
    assert "deliveries" not in page.lower()
    assert shop
