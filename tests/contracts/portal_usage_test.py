"""Usage in the portal: what is used so far, the lines of it on an invoice, and its events."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kesto.store import arrays
from kesto.store.ids import new_id
from kesto.store.session import Session
from kesto.web.ui import usage_lists
from kesto.words.spreadsheet import safe
from tests.contracts.portal_visits import text_of, visit_of
from tests.contracts.usage_visits import calls, line_of, metered, sends, table_of
from tests.town import Citizen, Town


@pytest.fixture
def aino(town: Town) -> Citizen:
    return town.customer("Aino")


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return text_of(answer)


def href_of(page: str, beginning: str) -> str:
    """The first address of a page that begins so."""
    start = page.index(f'href="{beginning}') + len('href="')
    return page[start : page.index('"', start)]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "Usage so far",
                "124.5 min",
                "comes to €2.45 so far",
                "All of the included 100 min is used, and 24.5 min above it.",
                "Talk by day; the most, 100 min, on 5 October 2026.",
            ],
        ),
        ("fi", ["Käyttö tähän mennessä", "124,5 min", "2,45 €", "100 min"]),
        ("sv", ["Användning hittills", "124,5 min", "2,45 €", "100 min"]),
    ],
)
def test_the_subscription_says_what_is_used_so_far(
    town: Town, aino: Citizen, language: str, words: list[str]
) -> None:
    own = metered(town, aino)
    page = page_of(visit_of(aino, language), f"/portal/subscriptions/{own}/")
    for said in words:
        assert said in page
    assert page.count('class="meter"') == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["What it costs", "Line, Talk", "100 min a month included, then €0.10/min"]),
        ("fi", ["Mitä se maksaa", "100 min kuukaudessa sisältyy hintaan, sitten 0,10 €/min"]),
        ("sv", ["Vad det kostar", "100 min per månad ingår, sedan 0,10 €/min"]),
    ],
)
def test_what_usage_costs_is_told_where_plans_are_chosen_and_on_the_page(
    town: Town, aino: Citizen, language: str, words: list[str]
) -> None:
    own = metered(town, aino)
    client = visit_of(aino, language)
    title, *prices = words
    page = page_of(client, f"/portal/subscriptions/{own}/").replace("\u00a0", " ")
    plans = page_of(client, f"/portal/subscriptions/{own}/plan/").replace("\u00a0", " ")
    assert title in page
    for said in prices:
        assert said in page
        assert said in plans


def test_a_part_of_what_is_included_is_told(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("metered", on="2026-10-01")
    town.clock("2026-10-10")
    sends(town, calls("2026-10-05T09:30:00", 40))
    page = page_of(visit_of(aino), f"/portal/subscriptions/{own}/")
    assert "40 min of the included 100 min is used." in page
    assert "comes to €0.00 so far" in page


def test_what_has_no_meter_says_nothing_of_usage(aino: Citizen) -> None:
    own = aino.subscribes("basic", on="2026-10-01")
    assert "Usage so far" not in page_of(visit_of(aino), f"/portal/subscriptions/{own}/")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Line, Talk", "100 min is included in the price.", "Above it: 24.5 min × €0.10"]),
        (
            "fi",
            ["Liittymä, Talk", "100 min sisältyy hintaan.", "Sen ylittävä osa: 24,5 min × 0,10 €"],
        ),
        ("sv", ["Abonnemang, Talk", "100 min ingår i priset.", "Därutöver: 24,5 min × 0,10 €"]),
    ],
)
def test_a_line_of_usage_explains_itself(
    town: Town, aino: Citizen, language: str, words: list[str]
) -> None:
    metered(town, aino)
    (invoice,) = town.bill(on="2026-11-01")
    page = page_of(visit_of(aino, language), f"/portal/invoices/{invoice.number}/")
    for said in words:
        assert said in page


def test_the_events_behind_a_line_and_what_came_late(town: Town, aino: Citizen) -> None:
    metered(town, aino)
    (first,) = town.bill(on="2026-11-01")
    client = visit_of(aino)
    sends(town, calls("2026-10-31T12:00:00", 10))
    page = page_of(client, f"/portal/invoices/{first.number}/")
    events = page_of(client, href_of(page, f"/portal/invoices/{first.number}/lines/"))
    assert "5 October 2026, 9:30" in events
    assert "24.5 min" in events
    assert "2 events" in events
    assert "Came late" not in events
    assert "Times are those of Europe/Helsinki." in events
    (second,) = town.bill(on="2026-12-01")
    page = page_of(client, f"/portal/invoices/{second.number}/")
    assert "Usage came late: it was 124.5 min, and now it is 134.5 min." in page
    late = line_of(second, revision=2)
    events = page_of(client, f"/portal/invoices/{second.number}/lines/{late}/")
    assert "3 events" in events
    assert events.count("Came late") == 1


def test_the_difference_to_the_invoice_before_is_told_in_usage(town: Town, aino: Citizen) -> None:
    metered(town, aino)
    town.bill(on="2026-11-01")
    town.clock("2026-11-20")
    sends(town, {"time": "2026-11-10T12:00:00Z", "value": "150"})
    (second,) = town.bill(on="2026-12-01")
    page = page_of(visit_of(aino), f"/portal/invoices/{second.number}/")
    assert "Line, Talk: 25.5 min more" in page
    assert "+€2.55" in page
    town.clock("2026-12-20")
    sends(town, calls("2026-11-20T12:00:00", 1))
    (third,) = town.bill(on="2027-01-01")
    page = page_of(visit_of(aino), f"/portal/invoices/{third.number}/")
    assert "Line, Talk: 150 min less" in page
    assert "Earlier usage: Line, Talk" in page


def test_the_running_period_has_a_list_and_a_file(town: Town, aino: Citizen) -> None:
    own = metered(town, aino)
    client = visit_of(aino)
    page = page_of(client, f"/portal/subscriptions/{own}/")
    address = href_of(page, f"/portal/subscriptions/{own}/usage/")
    assert "24 October 2026, 23:15" in page_of(client, address)
    answer = client.get(f"{address}csv")
    assert answer["Content-Disposition"] == 'attachment; filename="talk-2026-10-01.csv"'
    assert table_of(answer)[1] == {
        "time": "2026-10-24T23:15:00+03:00",
        "time_utc": "2026-10-24T20:15:00Z",
        "meter": "talk",
        "quantity": "24.5",
        "unit": "min",
        "came_late": "",
    }


def test_a_long_list_goes_on(town: Town, aino: Citizen, monkeypatch: pytest.MonkeyPatch) -> None:
    own = metered(town, aino)
    monkeypatch.setattr(usage_lists, "ROWS", 1)
    client = visit_of(aino)
    page = page_of(client, f"/portal/subscriptions/{own}/")
    address = href_of(page, f"/portal/subscriptions/{own}/usage/")
    first = page_of(client, address)
    assert "100 min" in first
    assert "24.5 min" not in first
    second = page_of(client, address + href_of(first, "?after="))
    assert "24.5 min" in second
    assert 'href="?after=' not in second
    assert "100 min" in page_of(client, f"{address}?after=nonsense")


def test_the_events_behind_a_line_are_a_file(town: Town, aino: Citizen) -> None:
    metered(town, aino)
    (invoice,) = town.bill(on="2026-11-01")
    path = f"/portal/invoices/{invoice.number}/lines/{line_of(invoice)}/csv"
    rows = table_of(visit_of(aino).get(path))
    assert [row["quantity"] for row in rows] == ["100", "24.5"]


@pytest.mark.parametrize(
    ("text", "written"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("\tx", "'\tx"), ("a=b", "a=b")]
)
def test_no_cell_becomes_a_formula(text: str, written: str) -> None:
    assert safe(text) == written


def test_the_payer_sees_it_and_a_stranger_does_not(town: Town, aino: Citizen) -> None:
    eino, stranger = town.customer("Eino"), town.customer("Stranger")
    own = metered(town, aino, payer="eino", user="aino")
    (invoice,) = town.bill(on="2026-11-01")
    sends(town, {"time": "2026-11-01T01:00:00Z", "value": 3})
    price = price_of(page_of(visit_of(eino), f"/portal/subscriptions/{own}/"), own)
    of_subscription = [
        f"/portal/subscriptions/{own}/",
        f"/portal/subscriptions/{own}/usage/{price}/",
        f"/portal/subscriptions/{own}/usage/{price}/csv",
    ]
    line = f"/portal/invoices/{invoice.number}/lines/{line_of(invoice)}/"
    for path in (*of_subscription, line, f"{line}csv"):
        assert visit_of(eino).get(path).status_code == 200
        assert visit_of(stranger).get(path).status_code == 404
        assert Client(headers={"host": "localhost"}).get(path).status_code == 403
    for path in of_subscription:
        assert visit_of(aino).get(path).status_code == 200
    assert visit_of(aino).get(line).status_code == 404
    elsewhere = f"/portal/subscriptions/{own}/usage/{new_id()}/"
    assert visit_of(aino).get(elsewhere).status_code == 404
    assert visit_of(eino).get(f"/portal/invoices/{invoice.number}/lines/99/").status_code == 404


def price_of(page: str, own: UUID) -> UUID:
    address = href_of(page, f"/portal/subscriptions/{own}/usage/")
    return UUID(address.rstrip("/").rpartition("/")[2])


def test_the_next_invoice_says_that_usage_will_grow(town: Town, aino: Citizen) -> None:
    metered(town, aino)
    page = page_of(visit_of(aino), "/portal/")
    assert "Your usage so far is in the sum. It grows with what you use until 31 October" in page
    assert "No estimates" not in page
    assert "€7.45" in page


def test_the_first_page_says_what_is_used_so_far(town: Town, aino: Citizen) -> None:
    own = metered(town, aino)
    page = page_of(visit_of(aino), "/portal/")
    assert "124.5 min" in page
    assert "comes to €2.45 so far" in page
    assert "All of the included 100 min is used, and 24.5 min above it." in page
    assert page.count('class="meter"') == 1
    assert "Talk by day" not in page  # the days stand on the page of the subscription
    events = page_of(visit_of(aino), href_of(page, f"/portal/subscriptions/{own}/usage/"))
    assert "2 events" in events


def test_the_first_page_asks_for_the_usage_of_all_subscriptions_at_once(
    town: Town, aino: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    metered(town, aino)
    asked: list[str] = []
    rows, named = Session.rows, Session.named

    def seen(ask: Any) -> Any:
        def asks(session: Session, query: str, *more: object) -> object:
            asked.append(query)
            return ask(session, query, *more)

        return asks

    monkeypatch.setattr(Session, "rows", seen(rows))
    monkeypatch.setattr(Session, "named", seen(named))
    monkeypatch.setattr(arrays, "rows", seen(arrays.rows))

    def queries() -> int:
        asked.clear()
        page_of(visit_of(aino), "/portal/")
        return len(asked)

    aino.subscribes("metered", on="2026-10-01")
    two = queries()
    for _ in range(4):
        aino.subscribes("metered", on="2026-10-01")
    assert queries() == two


def test_what_is_over_or_without_a_meter_shows_no_usage(town: Town, aino: Citizen) -> None:
    aino.subscribes("basic", on="2026-10-01")
    aino.subscribes("metered", on="2026-10-01", ends="2026-10-20")
    town.clock("2026-10-31")
    assert "so far" not in page_of(visit_of(aino), "/portal/")
