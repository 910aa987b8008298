"""Usage that comes in around the midnight in which a period ends, on nights of their own kind."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from kesto.core.calendar import local_date, midnight
from kesto.flows import bill
from kesto.flows.accept_usage import accept_usage
from kesto.flows.move_clock import move_clock
from kesto.verify.proof import verify
from tests.town import Town, day

HELSINKI = "Europe/Helsinki"
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("2027-02-28", "2027-03-28"),  # before the day of 23 hours
        ("2027-03-01", "2027-04-01"),  # after the month that has it
        ("2027-10-01", "2027-11-01"),  # the last day has 25 hours
        ("2028-01-29", "2028-02-29"),  # before the leap day
        ("2028-02-01", "2028-03-01"),  # the last day is the leap day
    ],
)
def test_what_comes_around_midnight_is_billed_once_in_its_period(
    town: Town, begins: str, ends: str
) -> None:
    """Some come in time, some ahead of it, some when their period is billed already."""
    town.customer("Aino").subscribes("metered", on=begins)
    town.bill(on=begins)
    at = midnight(day(ends), HELSINKI)
    sends(town, at - MINUTE, [(at - 2 * MINUTE, 200), (at + MINUTE / 2, 10)])
    assert bill_at(town, at - MINUTE) == {}  # its last minute is not over
    assert bill_at(town, at + MINUTE) == {(begins, 1): Decimal(200)}
    sends(town, at + 2 * MINUTE, [(at - timedelta(seconds=1), 50), (at, 300)])
    assert bill_at(town, at + timedelta(days=1)) == {}  # what came late is for the next invoice
    after = bill_at(town, midnight(day(ends) + timedelta(days=32), HELSINKI))
    assert [*after] == [(begins, 2), (ends, 1)]
    assert after[ends, 1] == Decimal(310)
    assert usage_minor(town) == 100 * 10 + 50 * 10 + 210 * 10  # a hundred are free each month
    assert verify(town.merchant_id) == []


def sends(town: Town, now: datetime, events: list[tuple[datetime, int]]) -> None:
    """At that moment so much comes in, each with its own time; all is taken."""
    move_clock(town.merchant_id, now)
    sent = [
        {
            "id": at.isoformat(),
            "customer": "aino",
            "meter": "talk",
            "time": at.isoformat(),
            "value": value,
        }
        for at, value in events
    ]
    told = accept_usage(town.merchant_id, sent, now, now)
    assert [one.status for one in told] == ["accepted"] * len(sent)


def bill_at(town: Town, now: datetime) -> dict[tuple[str, int], Decimal]:
    """Bill at a moment what is due on that day; the usage on new invoices, by period."""
    before = {one.invoice.id for one in town.invoices()}
    move_clock(town.merchant_id, now)
    bill.bill(town.merchant_id, local_date(now, HELSINKI), now)
    return {
        (line.rated.period_start.isoformat(), line.rated.revision): line.rated.quantity
        for one in town.invoices()
        if one.invoice.id not in before
        for line in one.lines
        if line.rated.kind == "usage" and line.rated.quantity
    }


def usage_minor(town: Town) -> int:
    """What all usage came to."""
    lines = [line.rated for one in town.invoices() for line in one.lines]
    return sum(one.amount_minor for one in lines if one.kind == "usage")
