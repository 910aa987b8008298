"""Rejected events: kept, mended, sent again, and counted exactly once."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from kesto.flows import mend_events
from kesto.flows.accept_usage import accept_together
from kesto.flows.mend_events import replay, replay_all
from kesto.store.session import reading
from kesto.store.usage import letters
from tests.contracts.api_doors_test import at_the_door
from tests.contracts.api_visits import Program, key_for, refused
from tests.contracts.office_visits import landed, member, text_of
from tests.town import ACTOR, Town

ONE = {"meter": "talk", "time": "2026-10-09T12:00:00Z", "value": "2.5"}


class Shop:
    """A town whose Aino pays for what she uses, and a program that sends it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.own = town.customer("Aino").subscribes("metered", on="2026-10-01")
        town.clock("2026-10-20")
        self.program = Program(key_for(town))

    def sends(self, *events: Mapping[str, object]) -> list[str]:
        answer = self.program.send("POST", "/v1/events", [{**ONE, **one} for one in events])
        return [one.get("code", one["status"]) for one in answer.json()["events"]]

    def waiting(self, query: str = "") -> list[Any]:
        found: list[Any] = self.program.get(f"/v1/rejected_events{query}").json()["items"]
        return found

    def counted(self) -> list[tuple[str, str]]:
        path = f"/v1/events?subscription={self.own.hex}&limit=100"
        return [(one["id"], one["quantity"]) for one in self.program.get(path).json()["items"]]

    def ids(self) -> list[UUID]:
        with reading(self.town.merchant_id) as session:
            return [one.id for one in letters.letters(session)]

    def veikko_comes(self) -> UUID:
        return self.town.customer("Veikko").subscribes("metered", on="2026-10-01")


@pytest.fixture
def shop(town: Town) -> Shop:
    return Shop(town)


def test_what_is_rejected_is_kept_once_with_its_reason(shop: Shop) -> None:
    assert shop.sends({"id": "a", "customer": "veikko"}, {"id": "b", "customer": "aino"}) == [
        *("unknown_customer", "accepted")
    ]
    assert shop.sends({"id": "a", "customer": "veikko"}) == ["unknown_customer"]
    (kept,) = shop.waiting()
    assert kept["event"] == {**ONE, "id": "a", "customer": "veikko"}
    assert (kept["code"], kept["field"], kept["source"]) == ("unknown_customer", "customer", "api")
    shop.sends({"id": "c", "customer": "aino", "meter": "none"})
    assert [one["event_id"] for one in shop.waiting("?code=unknown_meter")] == ["c"]
    page = shop.program.get("/v1/rejected_events?limit=1").json()
    more = shop.program.get(f"/v1/rejected_events?limit=1&cursor={page['next_cursor']}").json()
    assert [one["event_id"] for one in page["items"] + more["items"]] == ["a", "c"]


def test_the_reason_is_that_of_the_last_time(shop: Shop) -> None:
    event = {"id": "a", "customer": "veikko", "meter": "none"}
    shop.sends(event)
    shop.sends({**event, "meter": "talk"})
    assert [one["code"] for one in shop.waiting()] == ["unknown_meter", "unknown_customer"]
    shop.town.customer("Veikko")
    shop.sends({**event, "meter": "talk"})
    assert [one["code"] for one in shop.waiting()] == ["unknown_meter", "no_subscription"]


@pytest.mark.parametrize(
    "event",
    [
        {"customer": "veikko"},
        {"id": "a\x00", "customer": "veikko"},
        {"id": "", "customer": "veikko"},
        {"id": "a", "source": 5, "customer": "veikko"},
        {"id": "a", "customer": "aino", "properties": {"a": "\x00"}},
        {"id": "a", "customer": "aino", "properties": {"a": "x" * 20_000}},
    ],
)
def test_what_nobody_could_mend_is_not_kept(shop: Shop, event: dict[str, object]) -> None:
    shop.sends(event)
    assert shop.waiting() == []


def test_what_its_sender_mends_leaves_the_list(shop: Shop) -> None:
    shop.sends({"id": "a", "customer": "veikko"}, {"id": "b", "customer": "veikko"})
    assert shop.sends({"id": "a", "customer": "aino"}) == ["accepted"]
    assert [one["event_id"] for one in shop.waiting()] == ["b"]


def test_after_the_catalogue_is_mended_all_of_a_reason_are_sent_again(shop: Shop) -> None:
    shop.sends(*({"id": f"v{n}", "customer": "veikko"} for n in range(3)))
    shop.sends({"id": "m", "customer": "aino", "meter": "none"})
    other = shop.veikko_comes()
    path = "/v1/rejected_events/replay?code=unknown_customer"
    assert shop.program.send("POST", path).json() == {"sent": 3, "taken": 3}
    assert shop.program.send("POST", path).json() == {"sent": 0, "taken": 0}
    assert [one["event_id"] for one in shop.waiting()] == ["m"]
    assert shop.program.send("POST", "/v1/rejected_events/replay").json() == {"sent": 1, "taken": 0}
    found = shop.program.get(f"/v1/events?subscription={other.hex}").json()["items"]
    assert sorted(one["id"] for one in found) == ["v0", "v1", "v2"]
    with reading(shop.town.merchant_id) as session:
        rows = session.rows("select action, data from audit order by seq desc limit 1")
    assert rows == [("replay_events", '{"sent":"3","taken":"3"}')]


def test_many_at_once_send_again_and_it_counts_once(shop: Shop) -> None:
    shop.sends(*({"id": f"v{n}", "customer": "veikko"} for n in range(40)))
    other = shop.veikko_comes()
    ids = shop.ids()

    def sends_again(_: int) -> int:
        try:
            return len(replay(shop.town.merchant_id, ids, shop.town.now, ACTOR))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as crew:
        assert sum(crew.map(sends_again, range(4))) == 40
    found = shop.program.get(f"/v1/events?subscription={other.hex}&limit=100").json()["items"]
    assert len(found) == 40
    assert shop.waiting() == []


def test_one_is_mended_and_sent_again(shop: Shop) -> None:
    shop.sends({"id": "a", "customer": "veikko"})
    (one,) = shop.waiting()
    path = f"/v1/rejected_events/{one['id']}"
    still = shop.program.send("PUT", path, {**one["event"], "meter": "none"}).json()
    assert (still["status"], still["code"], still["field"]) == (
        *("rejected", "unknown_meter", "meter"),
    )
    assert shop.program.get(path).json()["event"]["meter"] == "none"
    assert shop.program.send("PUT", path, {**one["event"], "customer": "aino"}).json() == {
        "status": "accepted",
        "code": None,
        "field": None,
        "detail": None,
        "note": None,
    }
    assert (shop.waiting(), shop.counted()) == ([], [("a", "2.5")])
    assert refused(shop.program.send("PUT", path, one["event"])) == (404, "unknown_event")
    assert refused(shop.program.get("/v1/rejected_events/none")) == (404, "unknown_event")


def test_what_could_not_be_kept_is_refused_and_the_event_stays(shop: Shop) -> None:
    shop.sends({"id": "a", "customer": "veikko"})
    (one,) = shop.waiting()
    path = f"/v1/rejected_events/{one['id']}"
    assert refused(shop.program.send("PUT", path, {})) == (400, "missing")
    assert shop.waiting() == [one]


def test_an_event_with_a_taken_id_gets_another(shop: Shop) -> None:
    shop.sends({"id": "a", "customer": "aino"})
    assert shop.sends({"id": "a", "customer": "aino", "value": "7"}) == ["conflict"]
    (one,) = shop.waiting()
    path = f"/v1/rejected_events/{one['id']}"
    mended = shop.program.send("PUT", path, {**one["event"], "id": "a-2"}).json()
    assert mended["status"] == "accepted"
    assert sorted(shop.counted()) == [("a", "2.5"), ("a-2", "7")]
    assert shop.waiting() == []


def test_the_list_has_an_end(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST_LETTERS", 3)
    shop.sends(*({"id": f"v{n}", "customer": "veikko"} for n in range(5)))
    assert len(shop.waiting()) == 3
    assert shop.sends({"id": "v9", "customer": "veikko"}) == ["unknown_customer"]
    assert len(shop.waiting()) == 3


def test_events_are_forgotten_after_ninety_days(shop: Shop) -> None:
    shop.sends({"id": "a", "customer": "veikko"})
    with reading(shop.town.merchant_id) as session:
        (letter,) = letters.letters(session)
    later = letter.received_at + mend_events.KEPT_FOR
    assert mend_events.forget_events(shop.town.merchant_id, later) == 0
    later += timedelta(seconds=1)
    assert shop.town.merchant_id in letters.merchants_with_past(later, mend_events.KEPT_FOR)
    assert mend_events.forget_events(shop.town.merchant_id, later) == 1


def test_an_event_without_a_time_happened_when_it_first_came(shop: Shop) -> None:
    body = {"specversion": "1.0", "id": "u", "source": "s", "type": "talk", "subject": "veikko"}
    key = key_for(shop.town)
    sent = json.dumps(body).encode()
    kind = "application/cloudevents+json"
    at_the_door("POST", "/v1/events", sent, kind, authorization=f"Bearer {key}")
    other = shop.veikko_comes()
    shop.town.clock("2026-10-25")
    replay_all(shop.town.merchant_id, "", shop.town.now, ACTOR)
    found = shop.program.get(f"/v1/events?subscription={other.hex}").json()["items"]
    assert [one["id"] for one in found] == ["u"]
    _, _, again = at_the_door("POST", "/v1/events", sent, kind, authorization=f"Bearer {key}")
    assert json.loads(again)["duplicate"] == 1


def test_accepted_is_stored_and_rejected_is_kept(shop: Shop) -> None:
    batches = [
        [{**ONE, "id": f"{batch}-{n}", "customer": "aino" if n % 3 else "veikko"} for n in range(9)]
        for batch in range(3)
    ]
    told_each = accept_together(shop.town.merchant_id, batches, shop.town.now)
    statuses = [one.status for told_one in told_each for one in told_one]
    assert len(shop.counted()) == statuses.count("accepted") == 18
    assert len(shop.waiting("?limit=100")) == statuses.count("rejected") == 9


def test_the_office_shows_mends_and_sends_again(shop: Shop) -> None:
    staff = member(shop.town, "owner")
    assert "Nothing was rejected" in text_of(staff.get("/office/usage/rejected/"))
    shop.sends(
        {"id": "a", "customer": "veikko"},
        {"id": "b", "customer": "veikko"},
        {"id": "c", "customer": "aino", "meter": "none"},
    )
    assert "3 usage events were rejected" in text_of(staff.get("/office/"))
    listed = text_of(staff.get("/office/usage/rejected/?reason=unknown_meter"))
    assert "Make the meter in the catalogue" in listed
    assert "Send 1 again" in listed
    (own,) = [one["id"] for one in shop.waiting() if one["event_id"] == "a"]
    address = f"/office/usage/rejected/{UUID(own.removeprefix('rej_'))}/"
    shown = text_of(staff.get(address))
    assert 'value="veikko"' in shown
    asked = {**ONE, "id": "a", "source": "api", "customer": "nobody", "properties": ""}
    assert "Unknown customer. Add the customer" in text_of(staff.post(address, asked))
    assert "Write JSON in braces" in text_of(staff.post(address, {**asked, "properties": "["}))
    asked["customer"] = "aino"
    assert "The event is taken in." in landed(staff, staff.post(address, asked))
    assert shop.counted() == [("a", "2.5")]
    shop.veikko_comes()
    again = staff.post("/office/usage/rejected/again/", {"reason": ""})
    assert "1 event is taken in." in landed(staff, again)
    (left,) = shop.waiting()
    gone = staff.post(f"/office/usage/rejected/{UUID(left['id'].removeprefix('rej_'))}/let-go/")
    assert "It is never counted" in landed(staff, gone)
    assert shop.waiting() == []


def test_who_may_only_look_mends_nothing(shop: Shop) -> None:
    shop.sends({"id": "a", "customer": "veikko"})
    reader = member(shop.town, "developer")
    assert "Send 1 again" not in text_of(reader.get("/office/usage/rejected/"))
    assert reader.post("/office/usage/rejected/again/", {"reason": ""}).status_code == 403
