"""Deliveries over the API: the list, what may still be changed, and what happens on the way."""

from typing import Any
from uuid import UUID

import pytest

from kesto.core.changes import SkipDelivery
from kesto.core.ids import shown
from tests import boxes
from tests.contracts.api_visits import Program, key_for, refused
from tests.town import Town, day


class Box:
    """A town with a box that is delivered, and a program."""

    def __init__(self) -> None:
        self.town = boxes.opened(Town.founded())
        self.aino = self.town.customer("Aino")
        self.own: UUID = self.aino.subscribes("box", on="2026-10-01", add_ons=["coffee"])
        self.program = Program(key_for(self.town))
        self.count = 0

    def post(self, path: str, body: object) -> Any:
        self.count += 1
        key = {"Idempotency_Key": f"k-{self.count}"}
        return self.program.send("POST", f"/v1/subscriptions/{self.own.hex}{path}", body, **key)

    def listed(self, query: str) -> Any:
        return self.program.get(f"/v1/deliveries?{query}").json()


@pytest.fixture(scope="module")
def box(booted: object) -> Box:
    assert booted
    return Box()


def test_a_list_goes_by_days_and_in_pages(box: Box) -> None:
    second = box.town.customer("Veikko").subscribes("box", on="2026-10-01", quantity="2")
    page = box.listed("from=2026-10-01&until=2026-10-31&limit=3")
    seen = [(one["on"], one["subscription"]) for one in page["items"]]
    first = [shown("subscription", own) for own in sorted([box.own, second])]
    assert seen == [("2026-10-08", first[0]), ("2026-10-08", first[1]), ("2026-10-15", first[0])]
    rest = box.listed(f"from=2026-10-01&until=2026-10-31&cursor={page['next_cursor']}")
    assert len(rest["items"]) == 5
    assert rest["next_cursor"] is None
    only = box.listed(f"on=2026-10-15&subscription={box.own.hex}")["items"]
    assert [(one["code"], one["quantity"]) for one in only[0]["contents"]] == [
        ("box", "1"),
        ("coffee", "1"),
    ]
    assert only[0]["address"] == {
        "id": None,
        "name": "Aino",
        "street": "Kuja 2",
        "postal_code": "00200",
        "city": "Helsinki",
        "country": "FI",
        "phone": "",
    }
    assert (only[0]["last_change_on"], only[0]["may_change"]) == ("2026-10-12", True)
    assert box.listed("on=2027-01-01")["items"] == []


def test_what_is_asked_wrongly_is_refused(box: Box) -> None:
    for query, field in (
        ("from=2026-10-01&until=2026-12-31", "until"),
        ("from=2026-10-01&until=2026-10-01", "until"),
        ("on=2026-10-01&from=2026-10-01", "on"),
        ("on=0001-01-01", "on"),
        ("status=lost", "status"),
        ("cursor=AAAA", "cursor"),
        ("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor"),
    ):
        answer = box.program.get(f"/v1/deliveries?{query}")
        assert answer.status_code == 400, query
        assert answer.json()["field"] == field
    answer = box.program.get("/v1/deliveries?subscription=nobody")
    assert refused(answer) == (404, "unknown_subscription")
    answer = box.program.get(f"/v1/subscriptions/{box.own.hex}/deliveries/2026-10-09")
    assert refused(answer) == (404, "no_delivery")


def test_a_skip_and_an_address_are_changes_like_others(box: Box) -> None:
    asked = {"action": "skip_delivery", "on": "2026-10-22"}
    previewed = box.program.post(f"/v1/subscriptions/{box.own.hex}/preview", asked)
    assert previewed.status_code == 200, previewed.content
    made = box.post("/changes", asked)
    assert made.status_code == 201, made.content
    assert refused(box.post("/changes", asked)) == (409, "skipped")
    found = box.program.get(f"/v1/subscriptions/{box.own.hex}/deliveries/2026-10-22").json()
    assert (found["status"], found["skipping"]) == ("skipped", "credited")
    moved = {
        "action": "change_address",
        "name": "Aino Lumme",
        "street": "Rantatie 1",
        "postal_code": "39100",
        "city": "Hämeenkyrö",
        "on": "2026-10-25",
    }
    quote = box.post("/quotes", moved).json()
    answer = box.program.send("POST", f"/v1/quotes/{quote['id']}/confirm", Idempotency_Key="c-1")
    assert answer.status_code == 200, answer.content
    (place,) = box.listed(f"on=2026-10-29&subscription={box.own.hex}")["items"]
    assert place["address"]["street"] == "Rantatie 1"
    events = box.program.get(f"/v1/subscriptions/{box.own.hex}/events?limit=100").json()["items"]
    data = next(one["data"] for one in events if one["kind"] == "address_changed")
    assert data["address_id"] == place["address"]["id"]
    assert refused(box.post("/changes", {**moved, "city": ""})) == (400, "missing")


def test_a_carrier_tells_what_happened_once(box: Box) -> None:
    box.town.clock("2026-10-08")
    sent = {"state": "sent", "carrier": "Posti", "tracking": "JJFI1", "external_id": "e-1"}
    path = "/deliveries/2026-10-08/events"
    first = box.post(path, sent)
    assert first.status_code == 201, first.content
    again = box.post(path, sent)
    assert [one["id"] for one in again.json()["events"]] == [first.json()["events"][0]["id"]]
    assert refused(box.post(path, {**sent, "tracking": "other"})) == (409, "external_id_taken")
    assert refused(box.post(path, {"state": "sent"})) == (409, "bad_step")
    early = {"state": "delivered", "at": "2026-10-07T10:00:00Z"}
    assert refused(box.post(path, early)) == (409, "out_of_order")
    late = {"state": "delivered", "at": "2026-10-09T10:00:00Z"}
    assert refused(box.post(path, late)) == (400, "bad_moment")
    done = box.post(path, {"state": "delivered"}).json()
    assert (done["status"], done["may_change"]) == ("delivered", False)
    assert [one["state"] for one in done["events"]] == ["sent", "delivered"]
    listed = box.listed(f"on=2026-10-08&status=delivered&subscription={box.own.hex}")
    assert len(listed["items"]) == 1
    assert refused(box.post("/deliveries/2026-10-09/events", {"state": "sent"})) == (
        *(404, "no_delivery"),
    )
    assert refused(box.post("/deliveries/2026-10-22/events", {"state": "sent"})) == (
        *(409, "skipped"),
    )


def test_a_schedule_is_published_and_shown(box: Box) -> None:
    body = {
        "code": "juice",
        "name": {"en": "Juice"},
        "prices_include_tax": True,
        "prices": [
            {
                "code": "monthly",
                "product": "food",
                "interval": "month",
                "model": "flat",
                "amount": "20.00",
            }
        ],
        "delivery": {"interval": "week", "interval_count": 2, "day": 2, "skipping": "credited"},
    }
    made = box.program.send("POST", "/v1/plans", body, Idempotency_Key="plan-1")
    assert made.status_code == 201, made.content
    assert made.json()["versions"][0]["delivery"] == {
        "interval": "week",
        "interval_count": 2,
        "day": 2,
        "counted_from": None,
        "cut_off_days": 2,
        "skipping": "credited",
        "most_skips": 0,
    }
    wrong = {**body, "code": "soup", "delivery": {"interval": "week", "day": 9}}
    answer = box.program.send("POST", "/v1/plans", wrong, Idempotency_Key="plan-2")
    assert answer.status_code == 400
    assert answer.json()["field"] == "delivery.day"
    coffee = box.program.get("/v1/add_ons/coffee").json()
    assert coffee["delivery"]["counted_from"] == "2026-10-01"
    assert box.program.get("/v1/plans/basic").json()["versions"][0]["delivery"] is None


def test_nobody_skips_what_left(box: Box) -> None:
    with pytest.raises(Exception, match="left already"):
        box.aino.changes(box.own, SkipDelivery(day("2026-10-08"), waives_terms=True))
