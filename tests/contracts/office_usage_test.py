"""Usage in the office: so far, behind a line, all of a subscription's, and what does not count."""

from uuid import UUID

import pytest
from django.test import Client

from kesto.store.ids import new_id
from tests.contracts.office_visits import browser, member, text_of
from tests.contracts.usage_visits import calls, line_of, metered, sends, table_of
from tests.town import Citizen, Town


@pytest.fixture
def aino(town: Town) -> Citizen:
    return town.customer("Aino")


@pytest.fixture
def clerk(town: Town) -> Client:
    return member(town, "service")


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return text_of(answer)


def used(page: str, own: UUID) -> str:
    """The address of a running period's events on a subscription's page."""
    start = page.index(f'href="/office/subscriptions/{own}/usage/') + len('href="')
    return page[start : page.index('"', start)]


def test_the_subscription_says_what_is_used_so_far(
    town: Town, aino: Citizen, clerk: Client
) -> None:
    own = metered(town, aino)
    page = page_of(clerk, f"/office/subscriptions/{own}/")
    for said in ("Usage so far", "124.5 min", "comes to €2.45 so far", "All events of the"):
        assert said in page
    assert "Usage so far is in it, and grows with what is used until 31 October 2026." in page
    events = page_of(clerk, used(page, own))
    assert "24 October 2026, 23:15" in events
    assert "2 events" in events


def test_what_has_no_meter_says_nothing_of_usage(aino: Citizen, clerk: Client) -> None:
    own = aino.subscribes("basic", on="2026-10-01")
    page = page_of(clerk, f"/office/subscriptions/{own}/")
    assert "Usage so far" not in page
    assert "If nothing changes" in page
    assert "Nothing was used" in page_of(clerk, f"/office/subscriptions/{own}/events/")


def test_events_that_do_not_count_say_why(town: Town, aino: Citizen, clerk: Client) -> None:
    own = metered(town, aino)
    sends(
        town,
        calls("2026-10-09T12:00:00", "=much", id="=id"),
        calls("2026-10-09T12:00:00", None),
        {"meter": "visits", "time": "2026-10-10T12:00:00Z"},
    )
    page = page_of(clerk, f"/office/subscriptions/{own}/events/")
    assert page.count("Not counted") == 2
    assert "its value is missing" in page
    assert "its value cannot be counted" in page
    assert "=much" in page
    assert "Visits" in page
    assert "5 events" in page
    events = page_of(clerk, used(page_of(clerk, f"/office/subscriptions/{own}/"), own))
    assert "4 events" in events
    rows = {
        row["id"]: row for row in table_of(clerk.get(f"/office/subscriptions/{own}/events/csv/"))
    }
    bad = rows["'=id"]
    assert (bad["counted"], bad["problem"], bad["quantity"]) == ("", "bad_value", "")
    assert bad["sent"] == "'=much"
    assert len(rows) == 5
    assert {row["meter"] for row in rows.values()} == {"talk", "visits"}


def test_the_invoice_leads_to_what_is_behind_it(town: Town, aino: Citizen, clerk: Client) -> None:
    own = metered(town, aino)
    (first,) = town.bill(on="2026-11-01")
    sends(town, calls("2026-10-31T12:00:00", 10), {"time": "2026-11-01T00:30:00Z", "value": 1})
    line = f"/office/invoices/{first.number}/lines/{line_of(first)}/"
    assert f'href="{line}"' in page_of(clerk, f"/office/invoices/{first.number}/")
    page = page_of(clerk, line)
    assert "2 events" in page
    assert "Came late" not in page
    everything = page_of(clerk, f"/office/subscriptions/{own}/events/")
    assert everything.count("Came late") == 1
    assert "after its days were billed" in everything
    (second,) = town.bill(on="2026-12-01")
    line = f"/office/invoices/{second.number}/lines/{line_of(second, revision=2)}/"
    assert page_of(clerk, line).count("Came late") == 1
    rows = table_of(clerk.get(f"{line}csv/"))
    assert [(row["quantity"], row["came_late"], row["counted"]) for row in rows] == [
        ("100", "", "yes"),
        ("24.5", "", "yes"),
        ("10", "yes", "yes"),
    ]


def test_what_counts_when_it_comes_says_when_it_happened(
    town: Town, aino: Citizen, clerk: Client
) -> None:
    own = metered(town, aino)
    sends(town, {"meter": "visits", "time": "2026-10-10T12:00:00Z"})
    town.bill(on="2026-11-01")
    sends(town, {"meter": "visits", "time": "2026-10-11T12:00:00Z"})
    page = page_of(clerk, f"/office/subscriptions/{own}/events/")
    assert page.count("Came late") == 1
    assert "it happened on 11 October 2026, 15:00" in page
    rows = table_of(clerk.get(f"/office/subscriptions/{own}/events/csv/"))
    assert [row["happened_utc"] for row in rows if row["came_late"]] == ["2026-10-11T12:00:00Z"]


def test_a_line_that_is_not_of_usage_has_no_events(
    town: Town, aino: Citizen, clerk: Client
) -> None:
    own = metered(town, aino)
    (invoice,) = town.bill(on="2026-11-01")
    monthly = next(
        number for number, line in invoice.numbered.items() if line.rated.kind == "recurring"
    )
    for number in (monthly, 99):
        answer = clerk.get(f"/office/invoices/{invoice.number}/lines/{number}/")
        assert answer.status_code == 404
        assert "There is no such line of usage on the invoice." in text_of(answer)
    answer = clerk.get(f"/office/subscriptions/{own}/usage/{new_id()}/")
    assert answer.status_code == 404
    assert "This usage is not counted just now." in text_of(answer)


def test_who_is_not_in_is_sent_to_the_door(town: Town, aino: Citizen, clerk: Client) -> None:
    own = metered(town, aino)
    (invoice,) = town.bill(on="2026-11-01")
    line = f"/office/invoices/{invoice.number}/lines/{line_of(invoice)}/"
    paths = [f"/office/subscriptions/{own}/events/", line]
    elsewhere = member(Town.founded(), "owner")
    for path in (*paths, *(f"{path}csv/" for path in paths)):
        assert clerk.get(path).status_code == 200
        assert browser().get(path).headers["Location"].startswith("/office/sign-in/")
        assert elsewhere.get(path).status_code == 404
        assert clerk.post(path).status_code == 405


def test_the_catalogue_says_what_late_events_do(town: Town) -> None:
    page = page_of(member(town, "owner"), "/office/catalogue/")
    assert "correct the bill by a line" in page
    assert "count when they come" in page


def test_the_page_says_what_costs_what_and_lists_its_invoices(town: Town) -> None:
    aino = town.customer("Aino")
    own = metered(town, aino)
    other = aino.subscribes("basic", on="2026-10-31")
    (invoice,) = town.bill(on="2026-11-01")
    staff = member(town, "service")
    page = text_of(staff.get(f"/office/subscriptions/{own}/"))
    assert '<th role="rowheader" scope="row">Line, Talk</th>' in page
    assert "with lines of this subscription" in page
    first, second = (f"/office/invoices/{one.number}/" for one in aino.invoices())
    assert first in page
    assert second in page
    assert second == f"/office/invoices/{invoice.number}/"
    assert first not in text_of(staff.get(f"/office/subscriptions/{other}/"))
