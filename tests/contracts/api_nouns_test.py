"""The API's nouns: what a merchant's own systems read and write about a small town's autumn."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from psycopg import errors

from kesto.api import customers
from kesto.core.ids import shown
from kesto.flows.move_clock import move_clock
from kesto.store.session import reading
from tests.contracts.api_visits import Program, key_for, refused
from tests.town import Town


class Shop:
    """A town with an invoice paid and one overdue, and a program that looks at it."""

    def __init__(self) -> None:
        self.town = town = Town.founded()
        aino, ilta = town.customer("Aino"), town.customer("Ilta", language="sv")
        self.basic = aino.subscribes("basic", on="2026-10-01", add_ons=["magazine"])
        self.plus = ilta.subscribes("plus", on="2026-10-15", payer="aino", ends="2026-11-10")
        town.customer("Onni", language="en").subscribes("seats", on="2026-10-01", quantity="2.5")
        first, self.open = town.bill(on="2026-11-01")
        if first.invoice.customer_id != aino.customer.id:
            first, self.open = self.open, first
        town.pays(first, 7000)
        self.paid = first
        town.clock("2026-11-16")
        self.program = Program(key_for(town))

    def json(self, path: str) -> Any:
        """What is read at a path below `/v1/`."""
        answer = self.program.get(f"/v1/{path}")
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture(scope="module")
def shop(booted: object) -> Shop:
    assert booted
    return Shop()


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch: Any) -> None:
    monkeypatch.setattr("kesto.api.limits.BURST", 10**9)


def test_a_customer_is_found_by_either_name(shop: Shop) -> None:
    aino = shop.json("customers/aino")
    assert aino["id"].startswith("cus_")
    assert (aino["name"], aino["country"], aino["payment_method"]) == ("Aino", "FI", "transfer")
    assert shop.json(f"customers/{aino['id']}") == aino
    assert shop.json("customers?external_id=aino")["items"] == [aino]
    assert refused(shop.program.get("/v1/customers/nobody")) == (404, "unknown_customer")


@pytest.mark.usefixtures("booted")
def test_customers_come_in_pages_that_stand_still() -> None:
    town = Town.founded()
    program = Program(key_for(town))
    for number in range(7):
        town.customer(f"Nimi {number}")
    seen: list[str] = []
    cursor: Any = ""
    for _ in range(4):
        page = program.get(f"/v1/customers?limit=2&cursor={cursor}").json()
        seen += [one["name"] for one in page["items"]]
        town.customer(f"Uusi {len(seen)}")  # one more at the front moves nothing
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == [f"Nimi {number}" for number in reversed(range(7))]


def test_customers_are_filtered(shop: Shop) -> None:
    def names(query: str) -> list[str]:
        return [one["external_id"] for one in shop.json(f"customers?{query}")["items"]]

    assert names("kind=consumer") == ["onni", "ilta", "aino"]
    assert names("kind=company") == []
    assert len(names("created_from=2026-10-01T06:00:00Z&created_until=2026-10-02")) == 3
    assert names("created_from=2026-10-02") == []


def test_a_customer_is_added_and_changed(shop: Shop) -> None:
    program = shop.program
    body = {
        "external_id": "c-1",
        "kind": "company",
        "name": "Yritys Oy",
        "business_id": "29150467",
        "language": "sv",
        "email": "oy@example.com",
    }
    made = program.send("POST", "/v1/customers", body, Idempotency_Key="c-1")
    assert (made.status_code, made.json()["business_id"]) == (201, "2915046-7")
    assert shop.json("customers/c-1") == made.json()
    with reading(shop.town.merchant_id) as session:
        rows = session.rows("select action, actor from audit order by seq desc limit 1")
    assert [(action, actor[:4]) for action, actor in rows] == [("add_customers", "key_")]
    changed = program.send("PATCH", "/v1/customers/c-1", {"email": "", "city": "Turku"})
    assert changed.status_code == 200
    assert changed.json() == made.json() | {"email": "", "city": "Turku"}
    assert shop.json("customers/c-1") == changed.json()
    wrong = program.send("PATCH", "/v1/customers/c-1", {"vat_id": "FI1"})
    assert (refused(wrong), wrong.json()["field"]) == ((400, "bad_value"), "vat_id")
    fixed = program.send("PATCH", "/v1/customers/c-1", {"kind": "consumer"})
    assert (refused(fixed), fixed.json()["field"]) == ((400, "unknown_field"), "kind")


def test_what_was_answered_at_first_is_what_is_read_later(town: Town) -> None:
    move_clock(town.merchant_id, datetime(2026, 10, 2, 6, 0, 0, 123456, UTC))
    program = Program(key_for(town))
    body = {"external_id": "exact", "kind": "consumer", "name": "Tarkka"}
    made = program.send("POST", "/v1/customers", body, Idempotency_Key="exact")
    read = program.get("/v1/customers/exact")
    assert (made.content, made["Content-Type"]) == (read.content, read["Content-Type"])
    assert made.json()["created_at"] == "2026-10-02T06:00:00.123456Z"


def test_what_is_sold_is_shown_with_its_prices(shop: Shop) -> None:
    line = shop.json("products/line")
    assert line["names"] == {"fi": "Liittymä", "sv": "Abonnemang", "en": "Line"}
    assert {one["code"] for one in shop.json("products")["items"]} == {"reading", "line"}
    plan = shop.json("plans/plus")
    (version,) = plan["versions"]
    assert [price["spec"]["amount"] for price in version["prices"]] == ["29.9", "15"]
    assert [price["interval"] for price in version["prices"]] == [
        {"unit": "month", "count": 1},
        None,
    ]
    assert shop.json(f"plans/{plan['id']}") == plan
    add_on = shop.json("add_ons/magazine")
    assert shop.json(f"add_ons/{add_on['id']}") == add_on
    assert [one["code"] for one in shop.json("add_ons?code=safety")["items"]] == ["safety"]


def test_a_subscription_says_who_has_what(shop: Shop) -> None:
    plus = shop.json(f"subscriptions/{shown('subscription', shop.plus)}")
    assert (plus["state"], plus["end_on"]) == ("ended", "2026-11-10")
    assert plus["holder"] != plus["payer"]
    full = shop.json(f"subscriptions/{shop.plus.hex}?expand=holder,payer")
    assert (full["holder"]["name"], full["payer"]["name"]) == ("Ilta", "Aino")
    assert full["user"] == plus["user"]
    mine = shop.json("subscriptions?customer=aino")["items"]
    assert [one["id"] for one in mine] == [plus["id"], shown("subscription", shop.basic)]
    assert [item["code"] for item in mine[1]["items"]] == ["basic", "magazine"]
    assert [one["id"] for one in shop.json("subscriptions?state=ended")["items"]] == [plus["id"]]


def test_a_customer_is_shown_with_its_subscriptions(shop: Shop) -> None:
    alone = shop.json("customers/aino")
    assert "subscriptions" not in alone
    full = shop.json("customers/aino?expand=subscriptions")
    assert full == alone | {"subscriptions": shop.json("subscriptions?customer=aino")}
    assert len(full["subscriptions"]["items"]) == 2
    assert shop.json(f"customers/{full['id']}?expand=subscriptions") == full
    body = {"external_id": "none", "kind": "consumer", "name": "Eeva"}
    shop.program.send("POST", "/v1/customers", body, Idempotency_Key="none")
    none = shop.json("customers/none?expand=subscriptions")
    assert none["subscriptions"] == {"items": [], "next_cursor": None}
    for unknown in ("customers/no?expand=subscriptions", "subscriptions?customer=no"):
        assert refused(shop.program.get(f"/v1/{unknown}")) == (404, "unknown_customer")


def test_the_subscriptions_of_a_customer_go_on_in_their_list(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "MOST", 1)
    page = shop.json("customers/aino?expand=subscriptions")["subscriptions"]
    rest = shop.json(f"subscriptions?customer=aino&cursor={page['next_cursor']}")
    assert page["items"] + rest["items"] == shop.json("subscriptions?customer=aino")["items"]
    assert (len(page["items"]), rest["next_cursor"]) == (1, None)


def test_a_subscription_begins_and_tells_its_events(shop: Shop) -> None:
    body = {
        "external_id": "s-1",
        "holder": shop.json("customers/onni")["id"],
        "payer": "aino",
        "plan": "seats",
        "add_ons": ["safety"],
        "quantity": "3.5",
        "start_on": "2027-01-01",
        "minimum_months": 12,
    }
    made = shop.program.send("POST", "/v1/subscriptions", body, Idempotency_Key="s-1")
    assert made.status_code == 201, made.content
    begun = made.json()
    assert (begun["state"], begun["minimum_until"]) == ("upcoming", "2028-01-01")
    assert [item["quantity"] for item in begun["items"]] == ["3.5", "1"]
    assert shop.json("subscriptions/s-1") == begun
    (event,) = shop.json("subscriptions/s-1/events")["items"]
    assert (event["kind"], event["effective_on"]) == ("subscribed", "2027-01-01")
    started = [(item["item_id"], item["owner_id"][:4]) for item in event["data"]["items"]]
    assert started == [(begun["items"][0]["id"], "plv_"), (begun["items"][1]["id"], "add_")]
    again = shop.program.send("POST", "/v1/subscriptions", body, Idempotency_Key="s-2")
    assert refused(again) == (409, "external_id_taken")


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"plan": "no"}, 404, "unknown_plan", "plan"),
        ({"holder": "no"}, 404, "unknown_customer", "holder"),
        ({"payer": "no"}, 404, "unknown_customer", "payer"),
        ({"add_ons": ["no"]}, 404, "unknown_add_on", "add_ons"),
        ({"quantity": "0"}, 400, "bad_quantity", "quantity"),
        ({"quantity": 1.5}, 400, "bad_value", "quantity"),
        ({"end_on": "2026-12-31"}, 400, "bad_end", "end_on"),
        ({"start_on": "2027-02-30"}, 400, "bad_value", "start_on"),
        ({"zone": "Mars"}, 400, "unknown_zone", "zone"),
        ({"anchor": "2027-01-01"}, 400, "bad_value", "anchor"),
        ({"colour": "red"}, 400, "unknown_field", "colour"),
    ],
)
def test_an_order_is_refused_by_field(
    shop: Shop, change: dict[str, Any], status: int, code: str, field: str
) -> None:
    body = {"external_id": "w", "holder": "aino", "plan": "basic", "start_on": "2027-01-01"}
    answer = shop.program.send(
        "POST", "/v1/subscriptions", body | change, Idempotency_Key=f"{code}-{field}"
    )
    assert (*refused(answer), answer.json()["field"]) == (status, code, field)


def test_an_invoice_explains_itself_in_three_languages(shop: Shop) -> None:
    number = shop.paid.number
    invoice = shop.json(f"invoices/{number}?language=en")
    assert (invoice["state"], invoice["total"], invoice["open"]) == ("paid", "57.43", "0.00")
    line = invoice["lines"][0]
    assert (line["amount"], line["explanation"]["exact"]) == ("10.00", "10")
    assert line["subscription"] == shown("subscription", shop.basic)
    words = {
        language: shop.json(f"invoices/{number}?language={language}")["lines"][0]
        for language in ("fi", "sv", "en")
    }
    assert [words[language]["name"] for language in words] == ["Liittymä", "Abonnemang", "Line"]
    assert len({words[language]["words"][0] for language in words}) == 3
    assert sum(Decimal(tax["tax"]) for tax in invoice["taxes"]) == Decimal(invoice["tax"])
    assert shop.json(f"invoices/{invoice['id']}?language=en") == invoice


def test_invoices_are_listed_bare_and_in_full(shop: Shop) -> None:
    listed = shop.json("invoices?customer=aino&issued_until=2026-11-02")["items"]
    assert [one["number"] for one in listed] == [shop.paid.number]
    assert listed[0]["lines"] is None
    full = shop.json(f"invoices?number={shop.paid.number}&expand=customer,lines")["items"][0]
    assert (full["customer"]["external_id"], len(full["lines"])) == ("aino", 4)
    assert shop.json("invoices?state=paid")["items"][-1]["number"] == shop.paid.number
    overdue = [one["number"] for one in shop.json("invoices?state=overdue")["items"]]
    assert shop.open.number in overdue
    assert shop.json("invoices?issued_from=2027-01-01")["items"] == []


def test_a_filter_that_finds_nothing_says_so(shop: Shop) -> None:
    for query in ("customers?external_id=no", "invoices?number=2020-1", "plans?code=no"):
        assert shop.json(query) == {"items": [], "next_cursor": None}
    for path in ("subscriptions", "invoices", "credit_notes", "payments"):
        answer = shop.program.get(f"/v1/{path}?customer=no")
        assert refused(answer) == (404, "unknown_customer")


def test_what_is_made_at_the_same_moment_is_a_conflict(shop: Shop, monkeypatch: Any) -> None:
    body = {"external_id": "aino", "kind": "consumer", "name": "Aino"}
    monkeypatch.setattr("kesto.store.customers.known_customers", lambda *_: {})
    answer = shop.program.send("POST", "/v1/customers", body, Idempotency_Key="same")
    assert refused(answer) == (409, "made_meanwhile")


def test_who_crosses_another_is_told_to_come_back(shop: Shop, monkeypatch: Any) -> None:
    def crosses(*_given: object) -> None:
        raise errors.DeadlockDetected

    monkeypatch.setattr("kesto.store.customers.add_customers", crosses)
    body = {"external_id": "new", "kind": "consumer", "name": "Uusi"}
    answer = shop.program.send("POST", "/v1/customers", body, Idempotency_Key="crossed")
    assert refused(answer) == (409, "crossed")
    assert answer["Retry-After"] == "1"
    monkeypatch.undo()
    answer = shop.program.send("POST", "/v1/customers", body, Idempotency_Key="crossed")
    assert answer.status_code == 201


def test_a_payment_says_what_it_settled(shop: Shop) -> None:
    (payment,) = shop.json("payments?customer=aino&expand=customer")["items"]
    assert (payment["amount"], payment["settled"], payment["kept"]) == ("70.00", "57.43", "12.57")
    assert payment["invoices"][0]["number"] == shop.paid.number
    assert shop.json(f"payments/{payment['id']}?expand=customer") == payment
    assert refused(shop.program.get("/v1/payments/pay_1")) == (404, "unknown_payment")


@pytest.mark.usefixtures("booted")
def test_the_next_invoices_are_those_that_will_be_billed() -> None:
    town = Town.founded()
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    program = Program(key_for(town))
    (following,) = program.get("/v1/customers/aino/next_invoices?language=sv").json()["items"]
    assert (following["bill_on"], following["total"]) == ("2026-11-01", "10.00")
    assert following["lines"][0]["name"] == "Abonnemang"
    (billed,) = town.bill(on="2026-11-01")
    invoice = program.get(f"/v1/invoices/{billed.number}?language=sv").json()
    for name in ("total", "net", "tax", "due_on", "taxes"):
        assert invoice[name] == following[name]
    own = dict.fromkeys(("product", "price"))
    assert [line | own for line in invoice["lines"]] == following["lines"]
    number = town.credits(billed)
    note = program.get(f"/v1/credit_notes/{number}").json()
    assert (note["credits"], note["total"]) == (invoice["id"], "10.00")
    assert program.get("/v1/credit_notes").json()["items"][0]["number"] == number
    assert refused(program.get(f"/v1/invoices/{number}")) == (404, "unknown_invoice")
    assert refused(program.get(f"/v1/credit_notes/{billed.number}")) == (
        *(404, "unknown_credit_note"),
    )
    assert program.get(f"/v1/invoices/{billed.number}").json()["state"] == "credited"


def test_an_invoice_is_given_out_as_pdf(shop: Shop) -> None:
    answer = shop.program.get(f"/v1/invoices/{shop.paid.number}/pdf?language=fi")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert shop.paid.number in answer["Content-Disposition"]
    assert refused(shop.program.get("/v1/invoices/2020-000001/pdf")) == (404, "unknown_invoice")
