"""Things done twice, in the wrong order, and on odd days, each by a merchant of its own."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from kesto.ops import console
from tests.contracts.command_line import CommandLine, opened
from tests.contracts.pages import Written, steps

FILES = {
    step.name: step.text for step in steps("docs/recipes/first-day.md") if isinstance(step, Written)
}
HEADER = "external_id,kind,name,subscription_external_id,plan,start_on,quantity"
DAILY = """
[[plans]]
code = "daily"
name = { en = "By the day" }

[[plans.prices]]
code = "day"
product = "broadband"
interval = "day"
model = "per_unit"
unit_amount = "1.00"
"""


class Seller:
    """A test merchant with the first day's price list, and a plan by the day."""

    def __init__(self, kesto: CommandLine, code: str, clock: str) -> None:
        self.kesto = kesto
        self.words = ("--merchant", code)
        text = FILES["merchant.toml"].replace("laajakaista", code)
        kesto.fine("import", "merchant", kesto.file("m", text.replace("2026-10-15T06:00", clock)))
        prices = FILES["prices.toml"].replace("[[plans]]", f"{DAILY}[[plans]]", 1)
        self.fine("import", "catalogue", kesto.file("prices", prices))

    def fine(self, *command: str) -> str:
        return self.kesto.fine(*command, *self.words)

    def refused(self, *command: str) -> str:
        return self.kesto.refused(*command, *self.words)

    def json(self, *command: str, status: int = console.FINE) -> Any:
        answer = self.kesto(*command, "--json", *self.words)
        assert answer.status == status, answer
        return answer.json

    def sells(self, *rows: str) -> None:
        text = "\n".join((HEADER, *rows))
        self.fine("import", "customers", self.kesto.file("customers", text))

    def bills(self) -> Any:
        return self.json("bill")


@pytest.fixture(scope="module")
def kesto() -> Iterator[CommandLine]:
    with opened() as found:
        yield found


codes = (f"seller-{number}" for number in count(1))


def test_a_payment_is_settled_once(kesto: CommandLine) -> None:
    seller = Seller(kesto, next(codes), "2026-10-15T06:00")
    seller.sells("1,consumer,Malli Oy,S-1,home,2026-10-15,1")
    seller.bills()
    entry = FILES["bank.xml"].replace("1000012", "10").replace("78.90", "100.00")
    seller.fine("import", "bank", kesto.file("bank", entry))
    first, second = seller.json("match", status=console.FINDINGS)
    settled = seller.json("match", "--settle", first["short"], "2026-000001")
    assert settled == {
        "transaction": first["transaction"],
        "invoice": "2026-000001",
        "settled": "78.90",
        "credit": "21.10",
        "currency": "EUR",
    }
    for name in (first["short"], first["transaction"]):
        assert "waits" in seller.refused("match", "--settle", name, "2026-000001")
    all_kept = seller.fine("match", "--settle", second["transaction"], "2026-000001")
    assert all_kept == "Invoice 2026-000001: 0.00 EUR settled, 80.90 kept as credit\n"


def test_an_invoice_is_credited_once(kesto: CommandLine) -> None:
    seller = Seller(kesto, next(codes), "2026-10-15T06:00")
    seller.sells("1,consumer,Aino,S-1,home,2026-10-15,1")
    seller.bills()
    credit = ("invoice", "credit", "2026-000001", "--reason", "moved away")
    assert "2026-000001 is credited already" not in seller.fine(*credit)
    assert "2026-000001 is credited already" in seller.refused(*credit)
    note = seller.json("invoice", "show", "2026-000001")
    assert note["open_minor"] == 0


def test_a_later_month_closes_those_before_it(kesto: CommandLine) -> None:
    seller = Seller(kesto, next(codes), "2026-10-15T06:00")
    seller.sells("1,consumer,Aino,S-1,home,2026-10-15,1")
    seller.bills()
    seller.fine("clock", "2026-12-01T06:00")
    assert "still wait for their invoice" in seller.refused("close", "2026-11")
    seller.bills()
    assert seller.json("close", "2026-11")["closed_through"] == "2026-11-30"
    for month in ("2026-10", "2026-11"):
        assert f"{month} is closed already" in seller.refused("close", month)
    assert "2026-12 is not over yet" in seller.refused("close", "2026-12")


def test_a_leap_day_begins_a_month_of_its_own(kesto: CommandLine) -> None:
    seller = Seller(kesto, next(codes), "2028-01-31T06:00")
    seller.sells("1,consumer,Aino,S-1,home,2028-01-31,1")
    assert seller.bills()["invoices"] == 1
    seller.fine("clock", "2028-02-29T06:00")
    assert seller.bills() | {"total": ""} == {
        "through": "2028-02-29",
        "groups": 1,
        "invoices": 1,
        "total": "",
        "currency": "EUR",
        "parked": 0,
    }
    shown = [seller.json("invoice", "show", f"2028-00000{number}") for number in (1, 2)]
    periods = [(one["lines"][0]["period_start"], one["lines"][0]["period_end"]) for one in shown]
    assert periods == [("2028-01-31", "2028-02-29"), ("2028-02-29", "2028-03-31")]
    assert "not in the calendar" in seller.refused("bill", "--through", "2027-02-29")


@pytest.mark.parametrize(
    ("start_on", "moments"),
    [
        # In Helsinki 25 October has 25 hours and 28 March has 23.
        ("2026-10-24", ("2026-10-24T21:00", "2026-10-25T21:59", "2026-10-25T22:00")),
        ("2027-03-27", ("2027-03-27T22:00", "2027-03-28T20:59", "2027-03-28T21:00")),
    ],
)
def test_a_day_when_clocks_change_is_a_day_like_others(
    kesto: CommandLine, start_on: str, moments: tuple[str, str, str]
) -> None:
    seller = Seller(kesto, next(codes), moments[0])
    seller.sells(f"1,consumer,Aino,S-1,daily,{start_on},1")
    billed = [seller.bills()]
    for moment in moments[1:]:
        seller.fine("clock", moment)
        billed.append(seller.bills())
    days_on = [date.fromisoformat(start_on) + timedelta(days=days) for days in (1, 1, 2)]
    assert [run["through"] for run in billed] == [f"{day_on}" for day_on in days_on]
    assert [run["total"] for run in billed] == ["1.00", "0.00", "1.00"]


def test_a_group_set_aside_is_released_by_its_short_id(kesto: CommandLine) -> None:
    seller = Seller(kesto, next(codes), "2026-10-24T06:00")
    seller.sells("1,consumer,Aino,S-1,daily,2026-10-24,200000")
    seller.fine("clock", "2026-10-25T06:00")
    assert seller.json("bill", status=console.FINDINGS)["parked"] == 1
    (group,) = seller.json("bill", "--parked", status=console.FINDINGS)
    released = seller.json("bill", "--release", group["short"], "--accept")
    assert released == {"released": group["group"], "accepted": True}
    assert seller.bills()["total"] == "200000.00"
    assert seller.fine("bill", "--parked") == "No groups are set aside.\n"
