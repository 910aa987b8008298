"""A subscription that is sold in another currency, and customers who have one of their own."""

from decimal import Decimal
from typing import Any

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes import (
    AddAddOn,
    AddExtra,
    CallOff,
    ChangeCurrency,
    ChangePlan,
    EndDiscount,
    GiveCoupon,
    Transfer,
)
from kesto.core.refusals import Conflict, Invalid, NotAllowed, Refused
from kesto.flows.accept_usage import accept_usage
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.quote_change import confirm_quote, quote_change
from kesto.store.ids import new_id
from kesto.store.invoices import Stored
from kesto.verify.proof import verify
from tests.contracts.api_visits import Program, key_for, problem_of
from tests.contracts.office_visits import member, text_of
from tests.town import ACTOR, PRICES, Town, day

ABROAD = """
[[plans]]
code = "abroad"
name.en = "Abroad"
[[plans.prices]]
code = "monthly"
product = "line"
interval = "month"
charged = "advance"
model = "flat"
amount = "30.00"
[[plans.prices]]
code = "monthly"
product = "line"
currency = "SEK"
interval = "month"
charged = "advance"
model = "flat"
amount = "339.00"

[[plans]]
code = "talks"
name.en = "Talks"
[[plans.prices]]
code = "talk"
product = "line"
interval = "month"
meter = "talk"
model = "per_unit"
unit_amount = "0.10"
[[plans.prices]]
code = "talk"
product = "line"
currency = "SEK"
interval = "month"
meter = "talk"
model = "per_unit"
unit_amount = "1.00"

[[coupons]]
code = "five"
name.en = "Five"
amount = "5.00"

[[coupons]]
code = "tenth"
name.en = "A tenth"
percent = "10"
"""


@pytest.fixture
def town(town: Town) -> Town:
    text = (PRICES + ABROAD).encode()
    publish_catalogue(town.merchant_id, read_catalogue(text, "abroad.toml", new_id), town.now)
    return town


ONCE = {"Idempotency_Key": "one"}


def seen(invoices: list[Stored]) -> list[tuple[str, list[int]]]:
    return [
        (one.invoice.currency, [line.rated.amount_minor for line in one.lines]) for one in invoices
    ]


def test_the_next_period_is_in_the_other_currency(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("abroad", on="2026-10-01")
    assert seen(town.bill(on="2026-10-01")) == [("EUR", [3000])]
    town.clock("2026-10-20")
    preview = aino.previews(own, ChangeCurrency("SEK"))
    assert [(one.currency, len(one.bills)) for one in preview.groups] == [("EUR", 0), ("SEK", 2)]
    assert preview.on == day("2026-11-01")
    quote = quote_change(town.merchant_id, own.hex, ChangeCurrency("SEK"), town.now).quote
    done = confirm_quote(town.merchant_id, f"quo_{quote.id.hex}", town.now, ACTOR)
    assert done.changed is not None
    made = town.bill(on="2026-11-01")
    assert seen(made) == [("SEK", [33900])]
    sek = preview.groups[1].bills[0]
    assert [line.rated.amount_minor for line in sek.draft.lines] == [33900]
    assert sek.total_minor == made[0].invoice.total_minor
    assert seen(town.bill(on="2026-12-01")) == [("SEK", [33900])]
    aino.changes(own, ChangeCurrency("EUR"))  # and back
    assert seen(town.bill(on="2027-01-01")) == [("EUR", [3000])]
    assert verify(town.merchant_id) == []


def test_in_the_middle_of_a_period_each_currency_has_its_days(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("abroad", on="2026-10-01")
    (first,) = town.bill(on="2026-10-01")
    town.pays(first)
    town.clock("2026-10-11")
    aino.changes(own, ChangeCurrency("SEK", when="now"))
    made = town.bill(on="2026-10-11")
    kinds = sorted((one.invoice.kind, *seen([one])[0]) for one in made)
    assert kinds == [("credit_note", "EUR", [2032]), ("invoice", "SEK", [22965])]  # 21 of 31 days
    assert seen(town.bill(on="2026-11-01")) == [("SEK", [33900])]
    assert verify(town.merchant_id) == []


def test_a_discount_in_percent_goes_on_and_one_in_money_must_end_first(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("abroad", on="2026-10-01")
    aino.changes(own, GiveCoupon("tenth"))
    aino.changes(own, GiveCoupon("five"))
    assert seen(town.bill(on="2026-10-01")) == [("EUR", [3000, -300, -500])]
    with pytest.raises(Conflict, match="end it first") as refusal:
        aino.changes(own, ChangeCurrency("SEK"))
    assert refusal.value.code == "discount_binds"
    aino.changes(own, EndDiscount("five", day("2026-11-01")))
    aino.changes(own, ChangeCurrency("SEK"))
    with pytest.raises(Conflict) as refusal:
        aino.changes(own, GiveCoupon("five"))
    assert refusal.value.code == "coupon_currency"
    assert seen(town.bill(on="2026-11-01")) == [("SEK", [33900, -3390])]
    assert verify(town.merchant_id) == []


def refused(town: Town, own: Any, command: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        town.customer(new_id().hex).changes(own, command)
    return refusal.value.code, refusal.value.field


def test_what_can_not_be_is_refused(town: Town) -> None:
    aino, _ = town.customer("Aino"), town.customer("Veikko")
    own = aino.subscribes("abroad", on="2026-10-01")
    plus = aino.subscribes("plus", on="2026-10-01")
    town.clock("2026-10-10")
    assert refused(town, own, ChangeCurrency("EUR")) == ("same_currency", "currency")
    assert refused(town, own, ChangeCurrency("NOK")) == ("no_price_list", "currency")
    assert refused(town, own, ChangeCurrency("crowns")) == ("unknown_currency", "currency")
    assert refused(town, plus, ChangeCurrency("SEK")) == ("no_price_list", "currency")
    assert refused(town, own, ChangeCurrency("SEK", day("2026-10-09"))) == ("past", "on")
    aino.changes(own, AddExtra("line", Decimal(5), on=day("2026-11-05")))
    assert refused(town, own, ChangeCurrency("SEK")) == ("extra_binds", "on")


def test_until_then_it_goes_on_as_it_was(town: Town) -> None:
    aino, veikko = town.customer("Aino"), town.customer("Veikko")
    own = aino.subscribes("abroad", on="2026-10-01")
    town.bill(on="2026-10-01")
    changed = aino.changes(own, ChangeCurrency("SEK"))
    assert changed.on == day("2026-11-01")
    # What is taken meanwhile must have prices in both.
    with pytest.raises(Invalid, match="no prices in SEK"):
        aino.changes(own, ChangePlan("plus", when="now"))
    with pytest.raises(Invalid, match="no prices in SEK"):
        aino.changes(own, AddAddOn("safety"))
    with pytest.raises(NotAllowed) as refusal:
        aino.changes(own, CallOff(town.history(own)[-1][0]))
    assert refusal.value.code == "currency_changed"
    # Another payer from before that day would have to know of it.
    assert refused(town, own, Transfer("veikko")) == ("moves_later", "on")
    aino.changes(own, Transfer("veikko", on=day("2026-12-01")))
    assert refused(town, own, ChangeCurrency("EUR")) == ("moves_later", "on")
    aino.changes(own, AddExtra("line", Decimal("7.00")))
    assert seen(town.bill(on="2026-10-02")) == [("EUR", [700])]
    assert seen(town.bill(on="2026-11-01")) == [("SEK", [33900])]
    (last,) = town.bill(on="2026-12-01")
    assert (last.invoice.customer_id, last.invoice.currency) == (veikko.customer.id, "SEK")
    assert verify(town.merchant_id) == []


def test_a_new_subscription_is_in_the_payers_currency_where_it_can_be(town: Town) -> None:
    sven, aino = town.customer("Sven", currency="SEK"), town.customer("Aino")
    sven.subscribes("abroad", on="2026-10-01")
    sven.subscribes("plus", on="2026-10-01")
    sven.subscribes("abroad", on="2026-10-01", currency="EUR")
    aino.subscribes("abroad", on="2026-10-01", payer="sven")
    aino.subscribes("abroad", on="2026-10-01")
    found = sorted(
        (one.invoice.currency, one.invoice.customer_id) for one in town.bill("2026-10-01")
    )
    own, other = sven.customer.id, aino.customer.id
    assert found == sorted([("SEK", own), ("EUR", own), ("EUR", other)])
    assert verify(town.merchant_id) == []


def test_the_office_offers_the_currencies_that_there_are_prices_in(town: Town) -> None:
    aino = town.customer("Aino")
    own, plus = (aino.subscribes(plan, on="2026-10-01") for plan in ("abroad", "plus"))
    town.clock("2026-10-10")
    client = member(town, "service")
    address = f"/office/subscriptions/{own}/currency/"
    assert address in text_of(client.get(f"/office/subscriptions/{own}/"))
    assert f"{plus}/currency/" not in text_of(client.get(f"/office/subscriptions/{plus}/"))
    preview = text_of(client.post(address, {"currency": "SEK"}))
    assert "Another currency: SEK in place of EUR" in preview
    assert "SEK" in preview
    aino.changes(own, ChangeCurrency("SEK"))
    page = text_of(client.get(f"/office/subscriptions/{own}/"))
    assert "€30.00" in page  # what runs is still sold in euros
    assert "Another currency: SEK in place of EUR" in page


def test_the_api_changes_the_currency_of_a_subscription_and_of_a_customer(town: Town) -> None:
    own = town.customer("Aino").subscribes("abroad", on="2026-10-01")
    program = Program(key_for(town))
    asked = {"action": "change_currency", "currency": "SEK"}
    answer = program.send("POST", f"/v1/subscriptions/{own.hex}/changes", asked, **ONCE)
    assert answer.status_code == 201, answer.content
    found = program.get(f"/v1/subscriptions/{own.hex}").json()
    assert [(one["kind"], one["effective_on"]) for one in found["ahead"]] == [
        ("currency_changed", "2026-11-01")
    ]
    changed = program.send("PATCH", "/v1/customers/aino", {"currency": "SEK"})
    assert (changed.status_code, changed.json()["currency"]) == (200, "SEK")
    order = {"external_id": "two", "holder": "aino", "plan": "abroad", "start_on": "2026-11-01"}
    made = program.send("POST", "/v1/subscriptions", order, Idempotency_Key="two")
    assert (made.status_code, made.json()["currency"]) == (201, "SEK")
    refusal = program.send("PATCH", "/v1/customers/aino", {"currency": "crowns"})
    assert problem_of(refusal)["field"] == "currency"


def test_credit_pays_invoices_of_its_own_currency(town: Town) -> None:
    sven = town.customer("Sven", currency="SEK")
    sven.subscribes("abroad", on="2026-10-01")
    for currency, minor in (("SEK", 10000), ("EUR", 900)):
        wanted = NewCredit(kind="given", amount_minor=minor, reason="sorry", currency=currency)
        give_credit(town.merchant_id, sven.customer.id, wanted, town.now, ACTOR)
    (invoice,) = town.bill(on="2026-10-01")
    assert town.open_minor(invoice) == 33900 - 10000
    other = NewCredit(kind="given", amount_minor=1, reason="sorry", currency="NOK")
    with pytest.raises(Invalid, match="in EUR or SEK"):
        give_credit(town.merchant_id, sven.customer.id, other, town.now, ACTOR)
    assert verify(town.merchant_id) == []


def test_what_was_used_is_priced_in_the_currency_of_its_day(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("talks", on="2026-10-01")
    usual = {"customer": "aino", "meter": "talk"}
    events = [
        {**usual, "id": time, "time": f"{time}T12:00:00Z", "value": value}
        for time, value in (("2026-10-05", 70), ("2026-10-25", 30), ("2026-11-05", 8))
    ]
    town.clock("2026-10-20")
    aino.changes(own, ChangeCurrency("SEK"))
    town.clock("2026-11-01")
    accept_usage(town.merchant_id, events[:2], town.now, town.now)
    assert seen(town.bill(on="2026-11-01")) == [("EUR", [1000])]
    town.clock("2026-11-30")
    accept_usage(town.merchant_id, events[2:], town.now, town.now)
    assert seen(town.bill(on="2026-12-01")) == [("SEK", [800])]
    assert verify(town.merchant_id) == []
