"""Deliveries in the office: the list of a day, its marks and its CSV, and a box being changed."""

import re
from uuid import UUID

import pytest
from django.test import Client

from kesto.verify.proof import verify
from tests import boxes
from tests.contracts.office_visits import landed, member, text_of
from tests.town import Citizen, Town

QUOTE = re.compile(r'name="quote" value="(quo_[0-9a-f]{32})"')
DAY = "/office/deliveries/?on=2026-10-15"


@pytest.fixture
def shop(town: Town) -> Town:
    return boxes.opened(town)


@pytest.fixture
def aino(shop: Town) -> Citizen:
    return shop.customer("Aino =cmd")


@pytest.fixture
def box(shop: Town, aino: Citizen) -> UUID:
    own = aino.subscribes("box", on="2026-10-01", add_ons=["coffee"])
    shop.customer("Veikko").subscribes("box", on="2026-10-01", quantity="3")
    shop.bill(on="2026-10-01")
    return own


@pytest.fixture
def service(shop: Town, box: UUID) -> Client:
    assert box
    return member(shop, "service")


def does(client: Client, own: UUID, action: str, **asked: str) -> str:
    """Ask for a change, see what it comes to, confirm; the page after it."""
    page = text_of(client.post(f"/office/subscriptions/{own}/{action}/", asked))
    found = QUOTE.search(page)
    assert found is not None, page
    data = {"quote": found[1], "action": action}
    return landed(client, client.post(f"/office/subscriptions/{own}/confirm/", data))


def test_a_day_is_listed_with_its_sums(service: Client) -> None:
    page = text_of(service.get(DAY))
    assert "15 October 2026: 2 deliveries." in page
    assert re.search(r"Vegetable box</th><td[^>]*>4</td><td[^>]*>2</td>", page)
    assert "3 × Vegetable box" in page
    assert "Vegetable box, Coffee" in page
    assert "Kuja 2, 00200 Helsinki" in page
    assert "8 October 2026: 2 deliveries." in text_of(service.get("/office/deliveries/"))
    for nonsense in ("x", "0001-01-01", "9999-12-31", "2026-02-30"):
        assert service.get(f"/office/deliveries/?on={nonsense}").status_code == 200
    assert "Nothing is delivered" in text_of(service.get("/office/deliveries/?on=2026-10-16"))


def test_the_packing_list_is_a_file_without_formulas(service: Client, shop: Town) -> None:
    shop.customer("=cmd()").subscribes("box", on="2026-10-01")
    answer = service.get("/office/deliveries/csv/?on=2026-10-15")
    assert answer["Content-Type"].startswith("text/csv")
    text = answer.content.decode("utf-8-sig")
    head, *rows = text.splitlines()
    assert head.startswith("day;subscription;name;street")
    assert len(rows) == 4
    assert any(";'=cmd();" in row for row in rows)
    assert any(";coffee;Coffee;1;planned;;" in row for row in rows)


def test_deliveries_are_marked_one_by_one_and_together(
    service: Client, shop: Town, box: UUID
) -> None:
    shop.clock("2026-10-15")
    mark = {"on": "2026-10-15", "state": "sent", "carrier": "Posti"}
    path = "/office/deliveries/mark/"
    page = landed(service, service.post(path, {**mark, "do": "chosen", "chosen": [str(box), "x"]}))
    assert "1 delivery is marked." in page
    page = landed(service, service.post(path, {**mark, "do": "all"}))
    assert "1 delivery is marked." in page
    assert "0 deliveries are marked." in landed(service, service.post(path, {**mark, "do": "all"}))
    assert "Say what happened" in landed(service, service.post(path, {"on": "2026-10-15"}))
    one = f"/office/deliveries/{box}/2026-10-15/"
    told = {"state": "failed", "carrier": "Posti", "tracking": "JJ1", "note": "nobody at home"}
    page = landed(service, service.post(one, told))
    assert "It is written down." in page
    assert "Delivery of 15 October 2026: did not arrive" in page
    assert "JJ1 · nobody at home" in page
    page = text_of(service.post(one, {"state": "failed"}))
    assert "happened after what is written down already" in page
    history = text_of(service.get(f"/office/subscriptions/{box}/"))
    assert history.index("did not arrive") < history.index("15 October 2026: sent")
    assert service.get(f"/office/deliveries/{box}/2026-10-16/").status_code == 404
    assert service.get(f"/office/deliveries/{box}/x/").status_code == 404
    # What did not get there may be skipped afterwards, against its part of the price.
    page = does(service, box, "skip", on="2026-10-15", waives_terms="on")
    assert "The change is made." in page
    assert verify(shop.merchant_id) == []


def test_who_only_looks_marks_nothing(service: Client, shop: Town, box: UUID) -> None:
    assert service
    looker = member(shop, "developer")
    page = text_of(looker.get(DAY))
    assert "Mark all of the day" not in page
    mark = {"on": "2026-10-15", "state": "sent", "do": "all"}
    assert looker.post("/office/deliveries/mark/", mark).status_code == 403
    one = f"/office/deliveries/{box}/2026-10-15/"
    assert "Write it down" not in text_of(looker.get(one))
    assert "Nothing yet." in text_of(looker.post(one, {"state": "sent"}))


def test_a_box_is_skipped_moved_and_seen_on_its_page(service: Client, box: UUID) -> None:
    page = text_of(service.get(f"/office/subscriptions/{box}/"))
    assert "can be changed until 12 October 2026" in page
    assert f"/office/subscriptions/{box}/skip/?on=2026-10-22" in page
    form = text_of(service.get(f"/office/subscriptions/{box}/skip/?on=2026-10-22"))
    assert '<option value="2026-10-22" selected>' in form
    page = text_of(service.post(f"/office/subscriptions/{box}/skip/", {"on": "2026-10-22"}))
    assert "No delivery on 22 October 2026" in page
    assert "1 of 4 deliveries was skipped." in page
    page = does(service, box, "skip", on="2026-10-22")
    assert "Skipped" in page
    assert "Deliver after all" in page
    page = does(service, box, "unskip", on="2026-10-22")
    assert "Skipped</span>" not in page
    refused = text_of(service.post(f"/office/subscriptions/{box}/address/", {"where": "new"}))
    assert "Not saved yet" in refused
    new = {"where": "new", "name": "Aino", "street": "Rantatie 1", "postal_code": "39100"}
    page = does(service, box, "address", **new, city="Hämeenkyrö", country="fi", on="2026-10-10")
    assert "Rantatie 1, 39100 Hämeenkyrö" in page
    form = text_of(service.get(f"/office/subscriptions/{box}/address/"))
    known = re.search(r'<option value="(adr_[0-9a-f]{32})">Aino, Rantatie 1', form)
    assert known is not None
    page = does(service, box, "address", where="own", on="2026-10-20")
    assert "Deliveries go to the own address" in page
    page = does(service, box, "address", where=known[1], on="2026-12-01")


def test_a_schedule_is_made_in_the_editor(shop: Town, box: UUID) -> None:
    assert box
    owner = member(shop, "owner")
    page = text_of(owner.get("/office/catalogue/plans/box/"))
    assert "every week on Thursdays" in page
    assert "skipping gives its part of the price back" in page
    assert "counted for everybody from 1 October 2026" in text_of(
        owner.get("/office/catalogue/add-ons/coffee/")
    )
    editor = text_of(owner.get("/office/catalogue/plans/box/next/"))
    assert re.search(r'name="delivery_day" value="4"', editor)
    plan = {
        "name_en": "Juice",
        "row-0-model": "flat",
        "row-0-amount": "20",
        "row-0-charged": "advance",
        "row-0-interval": "month",
        "row-0-product": "food",
        "row-0-tax": "with",
        "delivery_interval": "month",
        "delivery_day": "32",
        "delivery_counted_from": "soon",
        "delivery_skipping": "credited",
    }
    page = text_of(owner.post("/office/catalogue/plans/new/", {**plan, "do": "review"}))
    assert "This does not go together with how often it is delivered." in page
    assert "Give a day, such as 2026-12-31." in page
    good = {**plan, "delivery_day": "31", "delivery_counted_from": "2026-12-31"}
    page = text_of(owner.post("/office/catalogue/plans/new/", {**good, "do": "review"}))
    assert "every month on day 31 of the month" in page
    page = landed(owner, owner.post("/office/catalogue/plans/new/", {**good, "do": "publish"}))
    assert "Juice, version 1, is published." in page
    assert "counted for everybody from 31 December 2026" in page
