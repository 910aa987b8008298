"""A subscription is changed in the office: seen before, done once, refused beside a field."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kesto.core.changes import Cancel, ChangePlan
from kesto.verify.proof import verify
from tests.contracts.office_visits import landed, member, text_of
from tests.town import Citizen, Town

QUOTE = re.compile(r'name="quote" value="(quo_[0-9a-f]{32})"')


@pytest.fixture
def aino(town: Town) -> Citizen:
    return town.customer("Aino")


@pytest.fixture
def plus(town: Town, aino: Citizen) -> UUID:
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    return own


@pytest.fixture
def service(town: Town, plus: UUID) -> Client:
    assert plus
    return member(town, "service")


def at(own: UUID, rest: str = "") -> str:
    return f"/office/subscriptions/{own}/{rest}"


def seen(client: Client, own: UUID, action: str, **asked: str) -> str:
    """The page that shows what a change comes to."""
    answer = client.post(at(own, f"{action}/"), asked)
    assert answer.status_code == 200
    page = text_of(answer)
    assert QUOTE.search(page), page
    return page


def confirms(client: Client, own: UUID, page: str) -> Any:
    found = QUOTE.search(page)
    assert found is not None
    return client.post(at(own, "confirm/"), {"quote": found[1], "action": "plan"})


def does(client: Client, own: UUID, action: str, **asked: str) -> str:
    """Ask, see, confirm; the page after it."""
    page = landed(client, confirms(client, own, seen(client, own, action, **asked)))
    assert "The change is made." in page
    return page


def test_the_page_says_what_it_is_and_costs(service: Client, plus: UUID, aino: Citizen) -> None:
    page = text_of(service.get(at(plus)))
    assert "<h1>Plus</h1>" in page
    assert "€29.90" in page
    assert "Next invoice, 1 November 2026" in page
    assert "given today it ends on 25 October 2026" in page
    assert "Begins: Plus" in page
    customer = text_of(service.get(f"/office/customers/{aino.customer.id}/"))
    assert at(plus) in customer
    found = service.get(f"/office/customers/?q={plus.hex}")
    assert found.headers["Location"] == at(plus)


def test_an_upgrade_is_seen_then_done_once(service: Client, plus: UUID, town: Town) -> None:
    page = seen(service, plus, "plan", plan="max")
    assert "Plan: Max" in page
    assert "€13.55" in page  # 33.80 less 20.25
    assert "The invoice after that, 1 November 2026" in page
    assert "€49.90" in page
    assert "Without it: €29.90 on 1 November 2026." in page
    assert len(town.history(plus)) == 1
    after = landed(service, confirms(service, plus, page))
    assert "The change is made." in after
    assert "<h1>Max</h1>" in after
    assert "Service" in after  # the name of who did it
    twice = landed(service, confirms(service, plus, page))
    assert "This was done already." in twice
    assert len(town.history(plus)) == 2
    (invoice,) = town.bill(on="2026-10-11")
    assert invoice.invoice.total_minor == 1355
    assert verify(town.merchant_id) == []


def test_a_quote_that_no_longer_holds_shows_the_new_one(
    service: Client, plus: UUID, aino: Citizen, town: Town
) -> None:
    page = seen(service, plus, "cancel")
    aino.changes(plus, ChangePlan("max"))
    answer = confirms(service, plus, page)
    again = text_of(answer)
    assert answer.status_code == 200
    assert "Something changed meanwhile." in again
    assert [kind for _, kind in town.history(plus)] == ["subscribed", "plan_changed"]
    assert "The change is made." in landed(service, confirms(service, plus, again))
    assert [kind for _, kind in town.history(plus)][-1] == "cancelled"


def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(
    service: Client, plus: UUID, town: Town
) -> None:
    page = text_of(service.post(at(plus, "plan/"), {"plan": "plus", "on": "2026-10-20"}))
    assert "This plan runs on that day already." in page
    assert 'id="id_plan-error"' in page
    assert 'value="2026-10-20"' in page
    early = text_of(service.post(at(plus, "pause/"), {"on": "2026-09-01"}))
    assert 'id="id_on-error"' in early
    nobody = text_of(service.post(at(plus, "payer/"), {"payer": "nobody", "when": "now"}))
    assert "There is no such customer." in nobody
    assert 'value="nobody"' in nobody
    bad = text_of(service.post(at(plus, "quantity/"), {"quantity": "-1"}))
    assert "Give a quantity above zero" in bad
    assert len(town.history(plus)) == 1
    assert service.get(at(plus, "nonsense/")).status_code == 404


def test_a_notice_shows_the_last_day_and_is_taken_back(
    service: Client, plus: UUID, town: Town
) -> None:
    form = text_of(service.get(at(plus, "cancel/")))
    assert "Given today, the last day is 25 October 2026." in form
    page = does(service, plus, "cancel", reason="moving")
    assert "Ends on 25 October 2026" in page
    assert "Cancelled, last day 25 October 2026" in page
    early = text_of(service.post(at(plus, "cancel/"), {"last_day": "2026-10-12"}))
    assert "The contract binds longer than this day." in early
    kept = does(service, plus, "keep")
    assert "Active" in kept
    waived = seen(service, plus, "cancel", last_day="2026-10-12", how="waives_notice")
    assert "The customer gets it back by a credit note." in waived
    assert "The notice period was waived." in waived
    page = landed(service, confirms(service, plus, waived))
    assert "Credit note on 11 October 2026" in page
    assert verify(town.merchant_id) == []


def test_what_lies_ahead_is_called_off(service: Client, plus: UUID, town: Town) -> None:
    page = does(service, plus, "add-on", add_on="safety", quantity="1", on="2026-11-01")
    event = re.search(r'name="event" value="(\d+)"', page)
    assert event is not None
    assert "Add-on Safety begins" in page
    preview = text_of(service.post(at(plus, "call-off/"), {"event": event[1]}))
    assert "Called off: Add-on Safety begins" in preview
    after = landed(service, confirms(service, plus, preview))
    assert "No change lies ahead." in after
    again = landed(service, service.post(at(plus, "call-off/"), {"event": event[1]}))
    assert "This change does not lie ahead any more." in again
    assert "This change does not lie" in landed(service, service.post(at(plus, "call-off/")))
    assert len(town.history(plus)) == 3


@pytest.mark.parametrize(
    ("action", "asked", "said"),
    [
        ("quantity", {"quantity": "3", "when": "now"}, "Quantity: 3"),
        ("pause", {"on": "2026-11-01", "until": "2026-12-01"}, "Paused, goes on 1 December 2026"),
        ("extra", {"product": "line", "unit_amount": "15", "quantity": "1"}, "Once: Line, €15.00"),
        (
            "billing-day",
            {"alignment": "billing_day", "billing_day": "15", "when": "period_end"},
            "Billing periods begin on day 15 of the month",
        ),
        ("renew", {"months": "12"}, "Renewed for 12 months"),
        ("withdraw", {"pays_for_use": "on"}, "Withdrawn from; days used are paid"),
    ],
)
def test_each_change_is_seen_in_words_and_done(
    service: Client, plus: UUID, town: Town, action: str, asked: dict[str, str], said: str
) -> None:
    assert text_of(service.get(at(plus, f"{action}/"))).count("<form") >= 1
    assert said in seen(service, plus, action, **asked)
    assert said in does(service, plus, action, **asked)
    assert verify(town.merchant_id) == []


def test_another_payer_is_named_and_sees_their_bill(
    service: Client, plus: UUID, town: Town
) -> None:
    town.customer("Veikko")
    page = seen(service, plus, "payer", payer="veikko", when="period_end")
    assert "Another payer: Veikko" in page
    assert "Paid by Veikko" in page
    after = landed(service, confirms(service, plus, page))
    assert "Another payer: Veikko" in after


def test_a_coupon_that_is_not_there_is_refused(service: Client, plus: UUID) -> None:
    page = text_of(service.post(at(plus, "coupon/"), {"coupon": "NOPE"}))
    assert "There is no such coupon here." in page
    assert 'value="NOPE"' in page


def test_a_change_far_ahead_shows_the_bill_in_which_it_shows(service: Client, plus: UUID) -> None:
    page = seen(service, plus, "plan", plan="max", on="2027-03-11")
    assert "The invoice after that, 1 December 2026" in page
    assert "A later invoice, 11 March 2027" in page
    assert page.count("A later invoice") == 2  # in its heading and its caption


def test_a_price_below_zero_is_no_price(service: Client, plus: UUID) -> None:
    asked = {"product": "line", "unit_amount": "-500", "quantity": "1"}
    page = text_of(service.post(at(plus, "extra/"), asked))
    assert 'id="id_unit_amount-error"' in page


def test_a_quote_of_another_subscription_or_merchant_is_not_confirmed(
    service: Client, plus: UUID, aino: Citizen, town: Town
) -> None:
    other = aino.subscribes("plus", on="2026-10-11")
    page = seen(service, other, "cancel")
    assert "is not there" in landed(service, confirms(service, plus, page))
    foreign = Town.founded()
    own = foreign.customer("Vieras").subscribes("plus", on="2026-10-01")
    assert service.get(at(own)).status_code == 404
    assert service.get(at(own, "plan/")).status_code == 404
    assert service.post(at(own, "plan/"), {"plan": "max"}).status_code == 404
    stranger = member(foreign, "owner")
    theirs = seen(stranger, own, "plan", plan="max")
    assert "is not there" in landed(service, confirms(service, plus, theirs))
    assert len(foreign.history(own)) == 1
    assert len(town.history(other)) == 1


def test_what_is_over_is_only_looked_at(
    service: Client, plus: UUID, aino: Citizen, town: Town
) -> None:
    aino.changes(plus, Cancel())
    town.clock("2026-12-01")
    page = text_of(service.get(at(plus)))
    assert "Ended" in page
    assert 'id="actions"' not in page
    late = text_of(service.post(at(plus, "plan/"), {"plan": "max"}))
    assert "has ended by then" in late


def test_a_customer_is_added_and_subscribes_after_a_preview(service: Client, town: Town) -> None:
    asked = {
        "kind": "consumer",
        "name": "Uuno Uusi",
        "external_id": "1007",
        "language": "fi",
        "country": "fi",
        "payment_method": "transfer",
        "channel": "email",
    }
    wrong = text_of(service.post("/office/customers/new/", {**asked, "vat_id": "12"}))
    assert 'id="id_vat_id-error"' in wrong
    assert 'value="Uuno Uusi"' in wrong
    answer = service.post("/office/customers/new/", asked)
    place = answer.headers["Location"]
    assert "Uuno Uusi is a customer now." in landed(service, answer)
    taken = text_of(service.post("/office/customers/new/", asked))
    assert "This number is taken." in taken
    begin = text_of(service.get(f"{place}subscribe/"))
    assert "Plus · €29.90 every month" in begin
    form = text_of(service.get(f"{place}subscribe/?plan=plus"))
    order = dict(re.findall(r'name="(id|minimum_months|notice_days)" value="([^"]+)"', form))
    assert order["notice_days"] == "14"
    order |= {"plan": "plus", "quantity": "1", "start_on": "2026-10-11", "add_ons": "safety"}
    order |= {"alignment": "calendar"}
    nobody = text_of(service.post(f"{place}subscribe/", {**order, "payer": "nobody"}))
    assert 'id="id_payer-error"' in nobody
    page = text_of(service.post(f"{place}subscribe/", order))
    assert "Nothing has happened yet." in page
    assert "Next invoice, 11 October 2026" in page
    assert "Plus, Safety" in page
    own = UUID(order["id"])
    seal = re.search(r'name="seal" value="([0-9a-f]{64})"', page)
    assert seal is not None
    stale = text_of(service.post(f"{place}subscribe/", {**order, "seal": "0"}))
    assert "Something changed meanwhile." in stale
    back = text_of(service.post(f"{place}subscribe/", {**order, "back": "1"}))
    assert "See what it comes to" in back
    assert service.get(at(own)).status_code == 404
    made = landed(service, service.post(f"{place}subscribe/", {**order, "seal": seal[1]}))
    assert "The subscription is made." in made
    assert "Safety" in made
    twice = landed(service, service.post(f"{place}subscribe/", {**order, "seal": seal[1]}))
    assert "This was done already." in twice
    other = {**order, "id": str(UUID(int=1)), "external_id": own.hex}
    assert "This number is taken." in text_of(service.post(f"{place}subscribe/", other))
    (invoice,) = town.bill(on="2026-10-11")
    assert str(invoice.invoice.total_minor)[:-2] in page
