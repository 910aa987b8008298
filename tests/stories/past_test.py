"""Runs that come again, late, early or while things change: nothing is lost and nothing doubled."""

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.invoice import seal
from kesto.core.refusals import NotAllowed
from kesto.core.subscription import NewSubscription
from kesto.flows import bill
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.subscribe import subscribe
from kesto.store.ids import new_id
from kesto.store.session import Session
from tests.stories.seen import lines, parked, text
from tests.town import PRICES, Town, day

OCTOBER, NOVEMBER = ("2026-10-01", "2026-11-01"), ("2026-11-01", "2026-12-01")


def order(plan: str, on: str) -> NewSubscription:
    return NewSubscription(new_id(), new_id().hex, "aino", plan, day(on))


def test_billing_again_adds_nothing(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01", add_ons=["safety"])
    assert len(town.bill(on="2026-11-01")) == 1
    assert town.bill(on="2026-11-01") == []
    assert town.bill(on="2026-11-30") == []


def test_a_day_that_has_not_come_is_not_billed(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    with pytest.raises(NotAllowed) as early:
        town.bill(on="2026-10-31", through="2026-11-01")
    assert early.value.field == "through"
    assert town.invoices() == []


def test_a_subscription_for_a_past_month_comes_as_lines_of_their_own(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-11-01")
    aino.subscribes("seats", on="2026-10-01", quantity="20")
    (late,) = town.bill(on="2026-11-15")
    assert lines(late) == [(*OCTOBER, 666)]
    (november,) = town.bill(on="2026-12-01")
    assert lines(november) == [(*NOVEMBER, 1000), (*NOVEMBER, 666)]


def test_of_two_orders_at_once_the_late_one_makes_the_group_look_back(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-11-01")
    for orders in (["2026-10-20", "2026-11-20"], ["2026-11-20", "2026-10-20"]):
        subscribe(town.merchant_id, [order("plus", on) for on in orders], town.now)
        (late,) = town.bill(on="2026-11-01")
        assert lines(late) == [
            ("2026-10-20", "2026-11-20", 2990),
            ("2026-10-20", "2026-10-21", 1500),
        ]


def test_a_run_for_an_earlier_day_takes_nothing_back(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("plus", on="2026-10-01")
    aino.subscribes("basic", on="2026-10-05")
    town.bill(on="2026-11-05")
    aino.subscribes("plus", on="2026-10-20")
    (late,) = town.bill(on="2026-11-06", through="2026-11-01")
    assert lines(late) == [("2026-10-20", "2026-11-20", 2990), ("2026-10-20", "2026-10-21", 1500)]
    assert str(late.invoice.through) == "2026-11-05"
    assert town.bill(on="2026-11-07") == []
    assert parked(town) == {}


def test_what_is_published_while_a_run_works_is_billed_by_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    read_desk = bill.desk_of

    def with_news(session: Session) -> object:
        desk = read_desk(session)
        newer = PRICES.replace('code = "plus"', 'code = "extra"', 1)
        offered = read_catalogue(newer.encode(), "town.toml", new_id)
        publish_catalogue(town.merchant_id, offered, town.now)
        aino.subscribes("extra", on="2026-11-01")
        return desk

    monkeypatch.setattr(bill, "desk_of", with_news)
    (invoice,) = town.bill(on="2026-11-01")
    assert [amount for *_, amount in lines(invoice)] == [1000, 2990, 1500]


def test_free_months_make_no_invoice_and_do_not_come_back(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("free", on="2026-10-01")
    assert town.bill(on="2026-11-01") == []
    aino.subscribes("basic", on="2026-11-01")
    (invoice,) = town.bill(on="2026-12-01")
    assert lines(invoice) == [(*NOVEMBER, 0), (*NOVEMBER, 1000)]


def test_an_imported_subscription_is_billed_from_the_day_it_became_ours(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2020-03-15", billed_from="2026-10-01")
    aino.subscribes("plus", on="2020-03-15", billed_from="2026-10-01")
    (invoice,) = town.bill(on="2026-10-20")
    assert lines(invoice) == [
        ("2026-10-01", "2026-10-15", 467),  # 14 of 30 days
        ("2026-10-01", "2026-10-15", 1395),
        ("2026-10-15", "2026-11-15", 2990),
    ]


def test_the_minimum_stands_on_the_invoice_as_a_line(town: Town) -> None:
    town.customer("Aino").subscribes("seats", on="2026-10-01", quantity="10")
    (invoice,) = town.bill(on="2026-11-01")
    assert [line.rated.kind for line in invoice.lines] == ["recurring", "minimum"]
    assert [amount for *_, amount in lines(invoice)] == [333, 167]
    assert "To pay €5.00" in text(town, invoice)


@pytest.mark.usefixtures("booted")
def test_prices_without_vat_get_it_on_top() -> None:
    town = Town.founded(includes_tax=False)
    town.customer("Aino").subscribes("basic", on="2026-10-01", add_ons=["magazine"])
    (invoice,) = town.bill(on="2026-11-01")
    head = invoice.invoice
    assert (head.net_minor, head.tax_minor, head.total_minor) == (1735, 255 + 99, 2089)


def test_every_invoice_reads_as_it_was_sealed(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("seats", on="2026-10-05", quantity="3.333333333333", add_ons=["magazine"])
    (first,) = town.bill(on="2026-11-05")
    aino.subscribes("seats", on="2026-10-20", quantity="0.015")
    town.bill(on="2026-11-20")
    town.credits(first)
    made = town.invoices()
    assert {str(line.rated.quantity) for one in made for line in one.lines} == {
        "3.333333333333",
        "0.015",
        "1",
    }
    for one in made:
        assert one.sha256 == seal(one.number, one.invoice, one.lines, one.taxes)
