"""Credit by grants as people and programs meet it: office, portal and API."""

import re
from datetime import date

import pytest

from kesto.core.ids import shown
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.flows.pay_out import pay_out
from kesto.store.ids import new_id
from tests.contracts import portal_visits
from tests.contracts.api_visits import Program, key_for, refused
from tests.contracts.office_visits import landed, member, text_of
from tests.town import ACTOR, Citizen, Town

IBAN = "FI2112345600000785"


@pytest.fixture
def aino(town: Town) -> Citizen:
    citizen = town.customer("Aino")
    citizen.subscribes("basic", on="2026-10-01")
    return citizen


def test_credit_is_given_after_its_preview_and_once(town: Town, aino: Citizen) -> None:
    owner = member(town, "owner")
    customer = f"/office/customers/{aino.customer.id}/"
    path = f"{customer}credit/"
    assert path in text_of(owner.get(customer))
    form = {
        "amount": "4,00",
        "kind": "given",
        "reason": "slow line",
        "priority": "100",
        "expires_on": "2026-12-31",
    }
    unseen = text_of(owner.post(path, form))
    assert "Look at what happens, then confirm." in unseen
    preview = text_of(owner.post(path, {**form, "preview": "1"}))
    assert "Until 31 December 2026" in preview
    hidden = dict(re.findall(r'name="(seen|once)" value="([^"]+)"', preview))
    done = landed(owner, owner.post(path, {**form, **hidden}))
    assert "Aino has €4.00 more credit." in done
    assert "slow line" in done
    again = text_of(owner.post(path, {**form, **hidden}))
    assert "This credit is given already." in again
    paid = text_of(owner.post(path, {**form, "kind": "paid", "preview": "1"}))
    assert "What a customer has paid for never expires." in paid
    (invoice,) = town.bill(on="2026-11-01")
    assert invoice.number in text_of(owner.get(customer))


def test_a_discount_is_given_and_comes_back_with_a_credit_note(town: Town, aino: Citizen) -> None:
    owner = member(town, "owner")
    customer = f"/office/customers/{aino.customer.id}/"
    form = {"amount": "4,00", "kind": "before_tax", "reason": "sorry", "priority": "100"}
    preview = text_of(owner.post(f"{customer}credit/", {**form, "preview": "1"}))
    assert "Credit before VAT" in preview
    assert "what is sold is less when it is used" in preview
    hidden = dict(re.findall(r'name="(seen|once)" value="([^"]+)"', preview))
    done = landed(owner, owner.post(f"{customer}credit/", {**form, **hidden}))
    assert "It comes off the next invoices before VAT." in done
    assert "Never expires · Comes off before VAT" in done
    (invoice,) = town.bill(on="2026-11-01")
    assert invoice.invoice.total_minor == 600
    shown_on = text_of(owner.get(f"/office/invoices/{invoice.number}/?language=en"))
    assert "Credit of €4.00 given on 1 October 2026, nothing left." in shown_on
    path = f"/office/invoices/{invoice.number}/credit/"
    page = text_of(owner.get(path))
    assert "line_1" in page
    assert "line_2" not in page
    back = text_of(owner.post(path, {"part": "lines", "line_1": "5,00", "preview": "1"}))
    assert "Comes back as credit before VAT" in back
    hidden = dict(re.findall(r'name="(seen)" value="([^"]+)"', back))
    made = {"part": "lines", "line_1": "5,00", "reason": "late", **hidden}
    landed(owner, owner.post(path, made))
    assert "From a credit note" in text_of(owner.get(customer))


def test_the_portal_shows_a_discount_in_what_comes_next(town: Town, aino: Citizen) -> None:
    gift = NewCredit(kind="given", amount_minor=400, reason="sorry", before_tax=True)
    give_credit(town.merchant_id, aino.customer.id, gift, town.now, ACTOR)
    page = portal_visits.text_of(portal_visits.visit_of(aino).get("/portal/"))
    assert "Comes off before VAT" in page
    assert "€6.00" in page
    town.bill(on="2026-11-01")
    (invoice,) = aino.invoices()
    said = portal_visits.text_of(
        portal_visits.visit_of(aino, "fi").get(f"/portal/invoices/{invoice.number}/")
    )
    assert "Hyvitys 4,00 €, annettu 1.10.2026, käytetty kokonaan." in said


def test_a_program_gives_a_discount_and_reads_its_line(town: Town, aino: Citizen) -> None:
    program = Program(key_for(town))
    body = {"customer": "aino", "amount": "4.00", "reason": "sorry", "before_tax": True}
    given = program.send("POST", "/v1/credit_grants", body, Idempotency_Key="one").json()
    assert given["before_tax"] is True
    coming = program.get("/v1/customers/aino/next_invoices").json()["items"][0]
    assert (coming["total"], coming["credit_used"], coming["to_pay"]) == ("6.00", "0.00", "6.00")
    (invoice,) = town.bill(on="2026-11-01")
    read = program.get(f"/v1/invoices/{invoice.number}").json()
    line = read["lines"][-1]
    assert (line["kind"], line["amount"], line["price"]) == ("credit", "-4.00", None)
    assert line["words"] == [
        "Hyvitys 4,00\N{NO-BREAK SPACE}€, annettu 1.10.2026, käytetty kokonaan."
    ]
    assert line["explanation"]["credit"]["grant_id"] == given["id"]
    (use,) = program.get(f"/v1/credit_grants/{given['id']}").json()["uses"]
    assert use == {"invoice": invoice.number, "issued_on": "2026-11-01", "amount": "4.00"}
    assert aino.customer.external_id == "aino"


def test_the_service_desk_gives_up_to_its_limit(town: Town, aino: Citizen) -> None:
    service = member(town, "service")
    path = f"/office/customers/{aino.customer.id}/credit/"
    form = {"kind": "given", "reason": "x", "priority": "100", "preview": "1"}
    much = text_of(service.post(path, {**form, "amount": "100.01"}))
    assert "This is more than you may give." in much
    assert "Give €100.00" in text_of(service.post(path, {**form, "amount": "100.00"}))


def test_credit_is_paid_back(town: Town, aino: Citizen) -> None:
    owner = member(town, "owner")
    customer = f"/office/customers/{aino.customer.id}/"
    package = NewCredit(kind="paid", amount_minor=900, reason="package")
    give_credit(town.merchant_id, aino.customer.id, package, town.now, ACTOR)
    path = f"{customer}pay-back/"
    assert path in text_of(owner.get(customer))
    assert 'value="9.00"' in text_of(owner.get(path))
    wrong = text_of(owner.post(path, {"amount": "9.01", "iban": "FI00", "reason": "x"}))
    assert "This is not a valid account number" in wrong
    much = text_of(owner.post(path, {"amount": "9.01", "iban": IBAN, "reason": "x"}))
    assert "This is more than is left" in much
    done = landed(owner, owner.post(path, {"amount": "9.00", "iban": IBAN, "reason": "moves"}))
    assert "€9.00 goes back to Aino." in done
    marked = re.search(r'action="(/office/payouts/[^"]+/paid/)"', done)
    assert marked is not None
    assert "Paid back" in landed(owner, owner.post(marked[1]))
    assert "This payout is paid already." in landed(owner, owner.post(marked[1]))


def test_who_has_left_is_listed(town: Town) -> None:
    eino = town.customer("Eino")
    eino.subscribes("basic", on="2026-09-01", ends="2026-10-01")
    package = NewCredit(kind="paid", amount_minor=900, reason="package")
    give_credit(town.merchant_id, eino.customer.id, package, town.now, ACTOR)
    assert f"/customers/{eino.customer.id}/pay-back/" in text_of(
        member(town, "owner").get("/office/payouts/")
    )


def test_the_portal_says_what_is_left_until_when_and_what_it_paid(
    town: Town, aino: Citizen
) -> None:
    assert "Your credit" not in portal_visits.text_of(portal_visits.visit_of(aino).get("/portal/"))
    wanted = NewCredit(
        kind="given", amount_minor=1200, reason="slow line", expires_on=date(2026, 12, 31)
    )
    give_credit(town.merchant_id, aino.customer.id, wanted, town.now, ACTOR)
    (invoice,) = town.bill(on="2026-11-01")
    page = portal_visits.text_of(portal_visits.visit_of(aino).get("/portal/"))
    for words in ("Your credit", "slow line", "Until 31 December 2026", "€2.00", invoice.number):
        assert words in page
    assert "Paid from your credit" in page
    assert "€8.00 is left to pay after your credit." in page
    page = portal_visits.text_of(portal_visits.visit_of(aino, "fi").get("/portal/"))
    assert "Hyvityksesi" in page
    assert "31.12.2026 asti" in page


def test_a_program_gives_credit_once_and_reads_what_became_of_it(town: Town, aino: Citizen) -> None:
    program = Program(key_for(town))
    body = {"customer": "aino", "amount": "4.00", "reason": "sorry", "expires_on": "2026-12-31"}
    given = program.send("POST", "/v1/credit_grants", body, Idempotency_Key="one")
    assert given.status_code == 201
    again = program.send("POST", "/v1/credit_grants", body, Idempotency_Key="one")
    assert again.content == given.content
    own = given.json()["id"]
    assert program.get("/v1/customers/aino").json()["credit"] == [
        {"currency": "EUR", "left": "4.00"}
    ]
    coming = program.get("/v1/customers/aino/next_invoices").json()["items"][0]
    assert (coming["total"], coming["credit_used"], coming["to_pay"]) == ("10.00", "4.00", "6.00")
    (invoice,) = town.bill(on="2026-11-01")
    read = program.get(f"/v1/credit_grants/{own}").json()
    assert (read["used"], read["left"]) == ("4.00", "0.00")
    assert read["uses"] == [
        {"invoice": invoice.number, "issued_on": "2026-11-01", "amount": "4.00"}
    ]
    assert program.get("/v1/customers/aino").json()["credit"] == []
    listed = program.get("/v1/credit_grants?customer=aino&is_left=false").json()["items"]
    assert [one["id"] for one in listed] == [own]
    assert program.get("/v1/credit_grants?is_left=true").json()["items"] == []
    unknown = shown("credit_grant", new_id())
    assert refused(program.get(f"/v1/credit_grants/{unknown}")) == (404, "unknown_credit_grant")
    assert aino.customer.external_id == "aino"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"kind": "paid", "expires_on": "2026-12-31"}, "paid_never_expires", "expires_on"),
        ({"kind": "paid", "before_tax": True}, "paid_is_no_discount", "before_tax"),
        ({"expires_on": "2026-01-01"}, "expires_too_early", "expires_on"),
        ({"amount": "0"}, "not_positive", "amount"),
        ({"amount": "0.001"}, "too_many_decimals", "amount"),
        ({"amount": "x"}, "bad_amount", "amount"),
        ({"currency": "SEK"}, "other_currency", "currency"),
        ({"reason": " "}, "missing", "reason"),
    ],
)
@pytest.mark.usefixtures("aino")
def test_a_program_is_told_what_is_wrong(
    town: Town, change: dict[str, object], code: str, field: str
) -> None:
    program = Program(key_for(town))
    body = {"customer": "aino", "amount": "4.00", "reason": "sorry", **change}
    answer = program.send("POST", "/v1/credit_grants", body, Idempotency_Key="one")
    problem = answer.json()
    assert answer.status_code == 400
    found = problem.get("errors") or [problem]
    assert (found[0]["code"], found[0]["field"]) == (code, field)


def test_money_asked_back_is_no_credit_any_more(town: Town, aino: Citizen) -> None:
    package = NewCredit(kind="paid", amount_minor=900, reason="package")
    give_credit(town.merchant_id, aino.customer.id, package, town.now, ACTOR)
    pay_out(town.merchant_id, aino.customer.id, 500, IBAN, "moves", town.now, ACTOR)
    program = Program(key_for(town))
    (grant,) = program.get("/v1/credit_grants").json()["items"]
    assert (grant["amount"], grant["left"]) == ("9.00", "4.00")
