"""Months end: books are closed, late comers billed, nights are short or long, days leap."""

from datetime import UTC, datetime

import pytest

from kesto.core.refusals import Conflict, Invalid, NotAllowed
from kesto.flows import bill
from kesto.flows.close_month import MonthReport
from kesto.flows.move_clock import move_clock
from tests.stories.seen import books, lines, paper, text
from tests.town import Town, day

OCTOBER, NOVEMBER = ("2026-10-01", "2026-11-01"), ("2026-11-01", "2026-12-01")


def balances(report: MonthReport) -> dict[str, int]:
    return {one.account: one.balance_minor for one in report.accounts}


def at(town: Town, instant: str) -> None:
    """Let it be an instant, given in UTC."""
    town.now = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    move_clock(town.merchant_id, town.now)


def test_a_late_subscription_to_a_closed_month_is_billed_and_booked_in_the_open_one(
    town: Town,
) -> None:
    aino, eino = town.customer("Aino"), town.customer("Eino")
    aino.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-11-01")
    town.bill(on="2026-12-01")
    town.clock("2026-12-02")
    november = town.closes("2026-11")
    assert balances(november) == {"receivable": 1000, "3000": -797, "vat_payable": -203}

    # Aino's group looks back, Eino's is new; both begin in a month that is closed.
    aino.subscribes("seats", on="2026-11-01", quantity="20")
    eino.subscribes("basic", on="2026-10-01")
    late, new = town.bill(on="2026-12-03")
    assert lines(late) == [(*NOVEMBER, 666)]
    assert lines(new) == [(*OCTOBER, 1000), (*NOVEMBER, 1000)]
    assert str(paper(town, new).issued_on) == "2026-12-03"
    assert "2026-10-01" not in text(town, late)

    december_first, eino_december = town.bill(on="2027-01-01")
    assert [amount for *_, amount in lines(december_first)] == [1000, 666]
    assert [amount for *_, amount in lines(eino_december)] == [1000]
    town.clock("2027-01-02")
    december = town.closes("2026-12")
    # November's report was not touched: December brought Aino's November and what came late.
    assert balances(december)["receivable"] == 1000 + 1000 + 666 + 2000
    with pytest.raises(NotAllowed) as closed:
        town.closes("2026-11")
    assert closed.value.code == "month_closed"


def test_a_month_closes_when_it_is_over_and_billed(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    town.clock("2026-10-31")
    with pytest.raises(NotAllowed) as running:
        town.closes("2026-10")
    assert running.value.code == "month_open"
    town.clock("2026-12-01")
    town.closes("2026-10")
    with pytest.raises(Conflict) as unbilled:
        town.closes("2026-11")
    assert unbilled.value.code == "unbilled"
    assert "since 2026-11-01" in unbilled.value.detail
    town.bill(on="2026-12-01")
    town.closes("2026-11")


@pytest.mark.parametrize("month", ["2026-13", "2026", "October", "", "2026-1", "2026-10-01"])
def test_what_is_no_month_is_refused(town: Town, month: str) -> None:
    with pytest.raises(Invalid) as refused:
        town.closes(month)
    assert refused.value.field == "month"


def test_nothing_is_dated_into_a_closed_month(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.clock("2026-12-01")
    town.bill(on="2026-12-01")
    town.closes("2026-11")
    # A clock that runs behind would date the invoice and the credit note on 30 November.
    town.now = datetime(2026, 11, 30, 6, tzinfo=UTC)
    with pytest.raises(NotAllowed) as refused:
        bill.bill(town.merchant_id, day("2026-11-30"), town.now)
    assert refused.value.code == "month_closed"
    with pytest.raises(NotAllowed):
        town.credits(invoice)


def test_money_that_the_bank_dates_in_a_closed_month_is_booked_on_the_first_open_day(
    town: Town,
) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.clock("2026-12-02")
    town.bill(on="2026-12-02")
    november = town.closes("2026-11")
    town.pays(invoice, booked_on=day("2026-11-29"))
    assert balances(november)["receivable"] == 1000
    town.clock("2027-01-02")
    town.bill(on="2027-01-02")
    assert balances(town.closes("2026-12"))["bank"] == 1000


def test_the_long_night_of_october_is_one_day(town: Town) -> None:
    town.customer("Aino").subscribes("plus", on="2026-10-26")
    town.customer("Eino").subscribes("basic", on="2026-10-25", ends="2026-10-26")
    # Half past midnight on the 25th in Helsinki, still summer time.
    at(town, "2026-10-24T21:30")
    assert bill.bill(town.merchant_id, day("2026-10-25"), town.now) == 0
    # 25 hours after that midnight it is 23:59 on the same day: the 26th has not come.
    at(town, "2026-10-25T21:59")
    with pytest.raises(NotAllowed) as early:
        bill.bill(town.merchant_id, day("2026-10-26"), town.now)
    assert early.value.field == "through"
    at(town, "2026-10-25T22:00")
    assert bill.bill(town.merchant_id, day("2026-10-26"), town.now) == 2
    aino, eino = town.invoices()
    assert str(aino.invoice.invoice_on) == "2026-10-26"
    assert lines(eino) == [("2026-10-25", "2026-10-26", 32)]  # 1 day of 31
    assert "1 of 31 days" in text(town, eino)


def test_the_short_night_of_march_is_one_day(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2027-03-28", ends="2027-03-29")
    at(town, "2027-03-28T20:59")
    with pytest.raises(NotAllowed):
        bill.bill(town.merchant_id, day("2027-03-29"), town.now)
    at(town, "2027-03-28T21:00")
    assert bill.bill(town.merchant_id, day("2027-03-29"), town.now) == 1
    (invoice,) = town.invoices()
    assert lines(invoice) == [("2027-03-28", "2027-03-29", 32)]


def test_a_month_begun_on_the_31st_keeps_it_through_a_leap_february(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2028-01-31", ends="2028-04-15")
    billed = [
        lines(invoice)
        for on in (
            "2028-02-28",
            "2028-02-29",
            "2028-03-30",
            "2028-03-31",
            "2028-04-15",
            "2028-05-31",
        )
        for invoice in town.bill(on=on)
    ]
    assert billed == [
        [("2028-01-31", "2028-02-29", 1000)],
        [("2028-02-29", "2028-03-31", 1000)],
        [("2028-03-31", "2028-04-15", 500)],  # 15 of 30 days
    ]


def test_a_subscription_begun_on_a_leap_day_is_billed_on_the_29th(town: Town) -> None:
    town.customer("Aino").subscribes("plus", on="2028-02-29")
    (first,) = town.bill(on="2028-02-29")
    assert lines(first) == [
        ("2028-02-29", "2028-03-29", 2990),
        ("2028-02-29", "2028-03-01", 1500),
    ]
    assert "To pay €44.90" in text(town, first)
    assert town.bill(on="2028-03-28") == []
    (second,) = town.bill(on="2028-03-29")
    assert lines(second) == [("2028-03-29", "2028-04-29", 2990)]
    assert books(town)["receivable"] == 4490 + 2990
