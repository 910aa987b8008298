"""Usage that staff enter by hand, and a meter's page that tells programs how to send theirs."""

import json
import re

import pytest
from django.test import Client

from kesto.store.session import reading
from tests.contracts.office_visits import landed, member, text_of
from tests.contracts.usage_visits import metered
from tests.town import Town

TALK = {"meter": "talk", "time": "2026-10-25T12:30", "value": "2,5", "id": "note-1"}


@pytest.fixture
def path(town: Town) -> str:
    return f"/office/subscriptions/{metered(town, town.customer('Aino'))}/"


@pytest.fixture
def clerk(town: Town) -> Client:
    return member(town, "service")


def test_what_is_entered_counts_as_what_programs_send(town: Town, clerk: Client, path: str) -> None:
    assert f"{path}events/new/" in text_of(clerk.get(path))
    form = text_of(clerk.get(f"{path}events/new/"))
    assert "By the clock of Europe/Helsinki." in form
    assert re.search(r'name="id" value="[0-9a-f]{32}"', form)
    shown = landed(clerk, clerk.post(f"{path}events/new/", TALK))
    assert "The event is taken in and counts." in shown
    assert "25 October 2026, 12:30" in shown
    assert "127 min" in text_of(clerk.get(path))
    again = landed(clerk, clerk.post(f"{path}events/new/", TALK))
    assert "It is counted once." in again
    with reading(town.merchant_id) as session:
        rows = session.rows("select data from audit where action = 'enter_usage'")
        kept = session.rows("select source, event_id from usage_event where event_id = 'note-1'")
    assert [json.loads(data)["id"] for (data,) in rows] == ["note-1"]
    assert kept == [("office", "note-1")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"time": "2025-01-01T12:00"}, "When it happened: This is more than thirteen months ago."),
        ({"time": "2026-12-24T12:00"}, "When it happened: This lies more than a day ahead."),
        ({"time": "yesterday"}, "When it happened: Enter a valid date/time."),
        ({"properties": "zone"}, "Properties: Write a name, = and a value on each line"),
        ({"id": ""}, "Id of the event: This field is required."),
        ({"meter": "steps"}, "Meter: Select a valid choice."),
        ({"value": "much"}, "How much: This meter counts an amount."),
        ({"value": ""}, "How much: This meter counts an amount."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    clerk: Client, path: str, typed: dict[str, str], sentence: str
) -> None:
    assert sentence in text_of(clerk.post(f"{path}events/new/", TALK | typed))


def test_another_event_with_the_id_is_refused(clerk: Client, path: str) -> None:
    landed(clerk, clerk.post(f"{path}events/new/", TALK))
    page = text_of(clerk.post(f"{path}events/new/", TALK | {"value": "3"}))
    assert "Id of the event: Another event has this id." in page


def test_what_could_not_be_counted_leaves_no_trace(clerk: Client, path: str) -> None:
    clerk.post(f"{path}events/new/", TALK | {"value": "much"})
    assert "much" not in text_of(clerk.get(f"{path}events/"))


@pytest.mark.usefixtures("path")
def test_a_meters_page_has_what_a_program_needs(clerk: Client) -> None:
    assert 'href="/office/catalogue/meters/talk/"' in text_of(clerk.get("/office/catalogue/"))
    page = text_of(clerk.get("/office/catalogue/meters/talk/"))
    assert "curl http://localhost/v1/events" in page
    assert page.count("&quot;meter&quot;: &quot;talk&quot;") == 2
    assert clerk.get("/office/catalogue/meters/steps/").status_code == 404
