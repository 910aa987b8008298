"""Usage over the API: events in, what they come to, and the very events behind a line."""

from typing import Any

import pytest

from tests.contracts.api_visits import Program, key_for, refused
from tests.town import Town, day

ONE = {"id": "e1", "customer": "aino", "meter": "talk", "time": "2026-10-09T12:00:00Z"}


class Shop:
    """A town whose Aino pays for what she uses, and a program that sends it."""

    def __init__(self) -> None:
        self.town = Town.founded()
        self.own = self.town.customer("Aino").subscribes("metered", on="2026-10-01")
        self.town.bill(on="2026-10-01")
        self.town.clock("2026-10-20")
        self.program = Program(key_for(self.town))

    def sends(self, body: object) -> Any:
        return self.program.send("POST", "/v1/events", body)


@pytest.fixture
def shop(booted: object) -> Shop:
    assert booted
    return Shop()


def test_events_are_taken_in_once_and_listed(shop: Shop) -> None:
    events = [{**ONE, "id": f"e{n}", "value": f"{n}.5"} for n in range(5)]
    answer = shop.sends([*events, {**ONE, "id": "other", "meter": "none"}, events[0]]).json()
    assert [one["status"] for one in answer["events"]] == [
        *(["accepted"] * 5),
        "rejected",
        "duplicate",
    ]
    assert (answer["accepted"], answer["duplicate"], answer["rejected"]) == (5, 1, 1)
    assert answer["events"][5] == {
        "id": "other",
        "status": "rejected",
        "code": "unknown_meter",
        "field": "meter",
        "detail": "there is no meter 'none'; known: level, talk, visits",
    }
    assert shop.sends(events[3]).json()["duplicate"] == 1
    path = f"/v1/events?subscription={shop.own.hex}&meter=talk&limit=2"
    page = shop.program.get(path).json()
    found = list(page["items"])
    while page["next_cursor"]:
        page = shop.program.get(f"{path}&cursor={page['next_cursor']}").json()
        found += page["items"]
    assert sorted(one["id"] for one in found) == ["e0", "e1", "e2", "e3", "e4"]
    assert {one["quantity"] for one in found} == {"0.5", "1.5", "2.5", "3.5", "4.5"}


def test_an_event_that_does_not_count_says_so(shop: Shop) -> None:
    answer = shop.sends({**ONE, "value": "plenty"}).json()
    assert answer["events"][0]["note"].startswith("value is not a finite number")
    (kept,) = shop.program.get(f"/v1/events?subscription={shop.own.hex}").json()["items"]
    assert (kept["problem"], kept["value"], kept["quantity"]) == ("bad_value", "plenty", "0")


def test_what_was_used_so_far_and_what_it_costs(shop: Shop) -> None:
    shop.sends([{**ONE, "value": "90"}, {**ONE, "id": "e2", "value": "20"}])
    used = shop.program.get(f"/v1/subscriptions/{shop.own.hex}/usage").json()
    by_meter = {one["meter"]: one for one in used["items"]}
    assert set(by_meter) == {"talk", "level", "visits"}
    talk = by_meter["talk"]
    assert (talk["quantity"], talk["included"], talk["amount"]) == ("110", "100", "1.00")
    assert (talk["period_start"], talk["period_end"], talk["unit"]) == (
        *("2026-10-01", "2026-11-01"),
        "min",
    )
    assert talk["days"] == [{"on": "2026-10-09", "quantity": "110"}]


def test_the_very_events_stand_behind_a_line(shop: Shop) -> None:
    shop.sends([{**ONE, "value": "150"}])
    (first,) = shop.town.bill(on="2026-11-01")
    shop.sends([{**ONE, "id": "late", "value": "10", "time": "2026-10-30T12:00:00Z"}])
    (second,) = shop.town.bill(on="2026-12-01")
    ids = []
    for stored in (first, second):
        rated = [line.rated for line in stored.lines]
        place = next(
            place
            for place, one in enumerate(rated, 1)
            if (one.kind, one.period_start) == ("usage", day("2026-10-01")) and one.amount_minor
        )
        path = f"/v1/invoices/{stored.number}/lines/{place}/events"
        ids.append([(one["id"], one["is_late"]) for one in shop.program.get(path).json()["items"]])
    assert ids == [[("e1", False)], [("e1", False), ("late", True)]]
    place = next(place for place, line in enumerate(first.lines, 1) if line.rated.kind != "usage")
    path = f"/v1/invoices/{first.number}/lines/{place}/events"
    assert refused(shop.program.get(path)) == (404, "no_usage_line")


def test_a_key_may_be_for_usage_alone(shop: Shop) -> None:
    program = Program(key_for(shop.town, "usage"))
    assert program.send("POST", "/v1/events", {**ONE, "value": 1}).json()["accepted"] == 1
    assert refused(program.get("/v1/customers")) == (403, "scope_missing")
    reader = Program(key_for(shop.town, "read"))
    assert refused(reader.send("POST", "/v1/events", ONE)) == (403, "scope_missing")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ([], 400, "not_a_list"),
        ("one", 400, "not_a_list"),
        ([ONE] * 1001, 400, "too_many"),
    ],
)
def test_what_is_no_list_of_events_is_refused_whole(
    shop: Shop, body: object, status: int, code: str
) -> None:
    assert refused(shop.sends(body)) == (status, code)


@pytest.mark.parametrize(
    "event",
    [
        *(None, 17, "text", [], {}, {**ONE, "id": 5}, {**ONE, "time": "yesterday"}),
        *({**ONE, "id": "a\x00b"}, {**ONE, "id": "a" * 201}, {**ONE, "value": {"a": 1}}),
        *({**ONE, "properties": {"a": "\x00"}}, {**ONE, "properties": {"a": "x" * 20_000}}),
        *({**ONE, "properties": []}, {**ONE, "time": "9999-12-31T23:59:59-14:00"}),
        *({**ONE, "time": "0001-01-01T00:00:00+14:00"}, {**ONE, "customer": "\ud800"}),
        *({**ONE, "subscription": "x"}, {**ONE, "source": ""}, {**ONE, "value": "\x07"}),
    ],
)
def test_nonsense_is_rejected_and_stops_nothing_else(shop: Shop, event: object) -> None:
    answer = shop.sends([event, {**ONE, "id": "good", "value": "1e2"}])
    if answer.status_code == 400:  # half a character is no JSON at all
        assert refused(answer) == (400, "bad_json")
        return
    told = answer.json()["events"]
    assert [one["status"] for one in told] == ["rejected", "accepted"]
    assert told[0]["code"]
    assert told[0]["detail"]
