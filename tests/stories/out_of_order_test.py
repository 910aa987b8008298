"""What is told late, for an earlier day, or taken back, as the invoices and the proof show it."""

from decimal import Decimal

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes import AddExtra, Cancel, GiveCoupon, Keep, Renew, Transfer
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from kesto.verify.proof import verify
from tests.stories.changes_test import amounts
from tests.town import PRICES, Town, day

COUPONS = """
[[coupons]]
code = "tenth"
name.en = "A tenth"
percent = 10

[[coupons]]
code = "euro"
name.en = "A euro"
amount = "1.00"
"""


def test_a_credit_that_is_added_by_hand_comes_with_the_next_invoice(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    aino.changes(own, AddExtra("reading", Decimal(-3)))
    (invoice,) = town.bill(on="2026-10-01")
    assert sum(line.rated.amount_minor for line in invoice.lines) == 2990 + 1500 - 300
    assert verify(town.merchant_id) == []


def test_what_was_sold_once_stays_with_who_paid_it(town: Town) -> None:
    aino, veikko = town.customer("Aino"), town.customer("Veikko")
    own = aino.subscribes("plus", on="2026-10-01")
    aino.changes(own, AddExtra("reading", Decimal(5)))
    town.bill(on="2026-10-01")
    town.clock("2026-11-01")
    aino.changes(own, Transfer("veikko"))
    (invoice,) = town.bill(on="2026-11-01")
    assert invoice.invoice.customer_id == veikko.customer.id
    assert amounts([invoice]) == [[2990]]
    assert verify(town.merchant_id) == []


def test_a_transfer_told_later_for_an_earlier_day(town: Town) -> None:
    aino, veikko, saara = (town.customer(name) for name in ("Aino", "Veikko", "Saara"))
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    aino.changes(own, Transfer("veikko", on=day("2026-12-01")))
    aino.changes(own, Transfer("saara", on=day("2026-11-01")))
    (november,) = town.bill(on="2026-11-01")
    (december,) = town.bill(on="2026-12-01")
    payers = [november.invoice.customer_id, december.invoice.customer_id]
    assert payers == [saara.customer.id, veikko.customer.id]
    assert verify(town.merchant_id) == []


def test_a_term_ahead_does_not_revive_what_was_cancelled(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    aino.changes(own, Renew(12))
    aino.changes(own, Cancel(last_day=day("2026-11-30"), waives_notice=True))
    aino.changes(own, Keep())
    aino.changes(own, Cancel(last_day=day("2026-10-31"), waives_notice=True))
    assert town.bill(on="2026-11-01") == []
    assert verify(town.merchant_id) == []


def test_discounts_for_all_that_aino_buys_outlive_who_pays_for_one_of_it(town: Town) -> None:
    catalogue = read_catalogue((PRICES + COUPONS).encode(), "coupons.toml", new_id)
    publish_catalogue(town.merchant_id, catalogue, town.now)
    aino, veikko = town.customer("Aino"), town.customer("Veikko")
    given_away = aino.subscribes("plus", on="2026-10-01")
    kept = aino.subscribes("basic", on="2026-10-01")
    aino.changes(given_away, GiveCoupon("tenth", on=day("2026-10-01"), is_for_all=True))
    town.bill(on="2026-10-01")
    town.clock("2026-11-01")
    aino.changes(given_away, Transfer("veikko"))
    aino.changes(kept, GiveCoupon("euro", is_for_all=True))
    invoices = town.bill(on="2026-12-01")
    of_aino = [one for one in invoices if one.invoice.customer_id == aino.customer.id]
    discounts = [line.rated for one in of_aino for line in one.lines if line.rated.part]
    on_the_same = [one for one in discounts if one.period_start == day("2026-11-01")]
    assert len({one.part for one in on_the_same}) == len(on_the_same) == 2
    assert {one.invoice.customer_id for one in invoices} == {aino.customer.id, veikko.customer.id}
    assert verify(town.merchant_id) == []


def test_a_discount_on_all_that_aino_buys_is_not_inherited_by_who_pays_later(town: Town) -> None:
    catalogue = read_catalogue((PRICES + COUPONS).encode(), "coupons.toml", new_id)
    publish_catalogue(town.merchant_id, catalogue, town.now)
    aino, veikko = town.customer("Aino"), town.customer("Veikko")
    given_away = aino.subscribes("plus", on="2026-10-01")
    aino.subscribes("basic", on="2026-10-01")
    of_veikko = veikko.subscribes("basic", on="2026-10-01")
    veikko.changes(of_veikko, GiveCoupon("euro", on=day("2026-10-01"), is_for_all=True))
    aino.changes(given_away, GiveCoupon("tenth", on=day("2026-12-01"), is_for_all=True))
    aino.changes(given_away, Transfer("veikko", on=day("2026-11-01")))
    invoices = [one for on in ("2026-11-01", "2026-12-01", "2027-01-01") for one in town.bill(on)]
    taken = {
        (one.invoice.customer_id, line.rated.amount_minor)
        for one in invoices
        for line in one.lines
        if line.rated.part and line.rated.period_start == day("2026-12-01")
    }
    assert taken == {(aino.customer.id, -100), (veikko.customer.id, -100)}
    assert verify(town.merchant_id) == []
