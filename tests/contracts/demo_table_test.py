"""The demo's own table: true to its source, and worth what the check table says."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import count
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from rich.console import Console

from kesto.adapters.files import checks
from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.catalog import Catalogue
from kesto.core.money import round_minor
from kesto.core.pricing.flat import Flat
from kesto.core.subscription import NewSubscription, Term
from kesto.demo.summary import DemoInvoice, DemoMonth, DemoSummary, demo_months, summary_view
from kesto.demo.telco import TelcoRow, subscribers, telco_table

SOURCE = Path(__file__).parents[3] / "shared" / "data" / "telco"
needs_source = pytest.mark.skipif(not SOURCE.is_dir(), reason="needs ../shared/data/telco")

ROWS = telco_table()

CONTRACTS = {"Month-to-month": "0", "One year": "12", "Two year": "24"}
METHODS = {
    "Bank transfer (automatic)": "bank",
    "Credit card (automatic)": "card",
    "Electronic check": "echeck",
    "Mailed check": "check",
}
SERVICES = (
    ("PhoneService", "Yes", "phone"),
    ("MultipleLines", "Yes", "lines"),
    ("InternetService", "DSL", "dsl"),
    ("InternetService", "Fiber optic", "fibre"),
    ("OnlineSecurity", "Yes", "security"),
    ("OnlineBackup", "Yes", "backup"),
    ("DeviceProtection", "Yes", "protection"),
    ("TechSupport", "Yes", "support"),
    ("StreamingTV", "Yes", "tv"),
    ("StreamingMovies", "Yes", "films"),
)

OCTOBER = {
    "email": (4171, "306985.00"),
    "letter": (2872, "149375.00"),
    "Bank transfer (automatic)": (1544, "103785.00"),
    "Credit card (automatic)": (1522, "101265.00"),
    "Electronic check": (2365, "180470.00"),
    "Mailed check": (1612, "70840.00"),
    "Month-to-month": (3875, "257440.00"),
    "One year": (1473, "95840.00"),
    "Two year": (1695, "103080.00"),
    "DSL": (2421, "140685.00"),
    "Fiber optic": (3096, "283445.00"),
    "No": (1526, "32230.00"),
}
NOVEMBER = {
    "email": (2771, "197370.00"),
    "letter": (2403, "119750.00"),
    "Bank transfer (automatic)": (1286, "83680.00"),
    "Credit card (automatic)": (1290, "83310.00"),
    "Electronic check": (1294, "96100.00"),
    "Mailed check": (1304, "54030.00"),
    "Month-to-month": (2220, "136505.00"),
    "One year": (1307, "81715.00"),
    "Two year": (1647, "98900.00"),
    "DSL": (1962, "118130.00"),
    "Fiber optic": (1799, "169070.00"),
    "No": (1413, "29920.00"),
}


def ids() -> Callable[[], UUID]:
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


def price_list() -> Catalogue:
    data = files("kesto.demo").joinpath("catalogue.toml").read_bytes()
    return read_catalogue(data, "catalogue.toml", ids())


def orders() -> list[NewSubscription]:
    return subscribers(ROWS, ids())[1]


def gross_minor(order: NewSubscription, prices: dict[str, int]) -> int:
    return prices[f"plan {order.plan}"] + sum(prices[name] for name in order.add_ons)


def monthly_prices() -> dict[str, int]:
    """What each plan and add-on costs a month, in cents."""
    found = price_list()
    named = [(f"plan {plan.plan}", plan.prices) for plan in found.plans]
    named += [(add_on.code, add_on.prices) for add_on in found.add_ons]
    cents = {}
    for name, (price,) in named:
        assert isinstance(price.spec.model, Flat)
        cents[name] = round_minor(price.spec.model.amount, "EUR")
    return cents


def invoices() -> Iterator[DemoInvoice]:
    """One invoice a customer and month, its VAT of 25.5 % taken out of its gross."""
    prices = monthly_prices()
    for order in orders():
        gross = gross_minor(order, prices)
        vat = (2 * gross * 255 + 1255) // (2 * 1255)
        yield DemoInvoice("2026-10", order.holder, gross, gross - vat, vat)
        if order.end_on is None:
            yield DemoInvoice("2026-11", order.holder, gross, gross - vat, vat)


def months() -> list[DemoMonth]:
    return demo_months(invoices(), {row.id: row for row in ROWS})


@pytest.fixture(scope="module")
def billed() -> list[DemoMonth]:
    return months()


def groups(month: DemoMonth) -> dict[str, tuple[int, str]]:
    by_group = (
        month.by_channel | month.by_payment_method | month.by_contract | month.by_internet_service
    )
    return {value: (total.customers, total.gross) for value, total in by_group.items()}


# --- the table and its source


def test_the_table_has_every_row_once() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS) == 7043
    assert sum(row.has_left for row in ROWS) == 1869
    assert Counter("phone" in row.services for row in ROWS) == {True: 6361, False: 682}


@pytest.mark.shared
@needs_source
def test_the_table_is_derived_from_its_source_row_by_row() -> None:
    with (SOURCE / "customers.csv").open(encoding="utf-8", newline="") as source:
        expected = [derived(row) for row in csv.DictReader(source)]
    text = files("kesto.demo").joinpath("telco.csv").read_text(encoding="utf-8")
    assert list(csv.reader(text.splitlines()))[1:] == expected


def derived(row: dict[str, str]) -> list[str]:
    services = [name for column, word, name in SERVICES if row[column] == word]
    return [
        row["customerID"],
        row["tenure"],
        CONTRACTS[row["Contract"]],
        METHODS[row["PaymentMethod"]],
        row["PaperlessBilling"].lower(),
        " ".join(services),
        row["Churn"].lower(),
    ]


# --- customers and subscriptions


def test_a_row_becomes_a_customer_with_wishes_and_a_subscription() -> None:
    row = TelcoRow("0001-ABCDE", 34, 12, "card", False, ("phone", "lines", "fibre", "tv"), True)
    (customer,), (order,) = subscribers([row], ids())
    assert (customer.payment_method, customer.channel) == ("card", "letter")
    assert customer.person.email == "0001-abcde@example.com"
    assert order == NewSubscription(
        id=UUID(int=2),
        external_id="sub-0001-ABCDE",
        holder="0001-ABCDE",
        plan="phone",
        start_on=date(2024, 1, 1),
        add_ons=("additional-lines", "internet-fibre", "streaming-television"),
        alignment="calendar",
        end_on=date(2026, 11, 1),
        billed_from=date(2026, 10, 1),
        term=Term(minimum_months=12),
    )


def test_without_a_phone_line_dsl_is_the_plan() -> None:
    row = TelcoRow("0002-ABCDE", 0, 0, "bank", True, ("dsl", "backup"), False)
    (customer,), (order,) = subscribers([row], ids())
    assert (order.plan, order.add_ons) == ("internet-dsl", ("online-backup",))
    assert (order.start_on, order.billed_from, order.end_on) == (date(2026, 10, 1), None, None)
    assert (customer.payment_method, customer.channel) == ("direct_debit", "email")


def test_everyone_starts_on_the_first_of_a_month_and_is_billed_from_october() -> None:
    found = orders()
    assert {order.start_on.day for order in found} == {1}
    assert min(order.start_on for order in found) == date(2020, 11, 1)
    assert Counter(order.billed_from for order in found) == {date(2026, 10, 1): 6419, None: 624}
    assert Counter(order.end_on for order in found) == {None: 5174, date(2026, 11, 1): 1869}
    assert Counter(order.term.minimum_months for order in found) == {0: 3875, 12: 1473, 24: 1695}


def test_wishes_are_spread_as_in_the_source() -> None:
    customers, _ = subscribers(ROWS, ids())
    assert Counter(customer.payment_method for customer in customers) == {
        "direct_debit": 1544,
        "card": 1522,
        "pay_by_bank": 2365,
        "transfer": 1612,
    }


def test_people_are_invented_always_alike_and_could_be_imported() -> None:
    customers, _ = subscribers(ROWS, ids())
    assert [one.person for one in customers] == [one.person for one in subscribers(ROWS, ids())[0]]
    assert Counter(one.language for one in customers) == {"fi": 6338, "sv": 423, "en": 282}
    assert len({one.person.email for one in customers}) == 7043
    for customer in customers:
        person = customer.person
        assert checks.email(person.email) == person.email
        assert len(person.postal_code) == 5
        assert all((person.name, person.street, person.city, person.country == "FI"))


# --- the price list


def test_the_price_list_sells_ten_services_in_three_languages() -> None:
    found = price_list()
    assert (found.currency, found.includes_tax, len(found.products)) == ("EUR", True, 10)
    names = [
        thing.names for things in (found.products, found.plans, found.add_ons) for thing in things
    ]
    assert {tuple(by_language) for by_language in names} == {("fi", "sv", "en")}
    assert {product.revenue_account for product in found.products} == {"3000", "3010", "3020"}
    assert monthly_prices() == {
        "plan phone": 2000,
        "plan internet-dsl": 2500,
        "additional-lines": 500,
        "internet-dsl": 2500,
        "internet-fibre": 5000,
        "online-security": 500,
        "online-backup": 500,
        "device-protection": 500,
        "technical-support": 500,
        "streaming-television": 1000,
        "streaming-films": 1000,
    }


def test_everything_taken_goes_with_its_plan() -> None:
    goes_with = {add_on.code: add_on.plans for add_on in price_list().add_ons}
    taken = {(order.plan, name) for order in orders() for name in order.add_ons}
    assert [(plan, name) for plan, name in taken if plan not in goes_with[name]] == []


# --- the totals


def test_october_bills_everyone(billed: list[DemoMonth]) -> None:
    october = billed[0]
    assert (october.month, october.customers, october.invoices) == ("2026-10", 7043, 7043)
    assert (october.gross, october.net, october.vat) == ("456360.00", "363640.66", "92719.34")
    assert groups(october) == OCTOBER


def test_november_bills_those_who_stayed(billed: list[DemoMonth]) -> None:
    november = billed[1]
    assert (november.month, november.customers, november.invoices) == ("2026-11", 5174, 5174)
    assert (november.gross, november.net, november.vat) == ("317120.00", "252690.54", "64429.46")
    assert groups(november) == NOVEMBER


@pytest.mark.shared
@needs_source
def test_every_total_of_the_check_table_is_found_again() -> None:
    totals = listed_totals()
    with (SOURCE / "check_totals.csv").open(encoding="utf-8", newline="") as table:
        for line in csv.DictReader(table):
            all_rows = (int(line["rows_all"]), Decimal(line["listed_all"]))
            running = (int(line["rows_active"]), Decimal(line["listed_active"]))
            key = (line["group"], line["value"])
            assert (key, *totals.get(key, [])) == (key, all_rows, running)


def listed_totals() -> dict[tuple[str, str], list[tuple[int, Decimal]]]:
    """Rows and listed amounts of each group: everyone's, then those of who stayed."""
    prices = monthly_prices()
    found: dict[tuple[str, str], list[tuple[int, Decimal]]] = {}
    for row, order in zip(ROWS, orders(), strict=True):
        amount = Decimal(gross_minor(order, prices)) / 100
        for key in check_groups(row, amount):
            everyone, stayed = found.setdefault(key, [(0, Decimal(0)), (0, Decimal(0))])
            everyone = (everyone[0] + 1, everyone[1] + amount)
            if not row.has_left:
                stayed = (stayed[0] + 1, stayed[1] + amount)
            found[key] = [everyone, stayed]
    return found


def check_groups(row: TelcoRow, amount: Decimal) -> Iterator[tuple[str, str]]:
    yield "all", "all"
    yield "PaymentMethod", row.payment_method
    yield "Contract", row.contract
    yield "PaperlessBilling", "Yes" if row.is_paperless else "No"
    yield "InternetService", row.internet_service
    yield "Churn", "Yes" if row.has_left else "No"
    yield "Contract x PaymentMethod", f"{row.contract} / {row.payment_method}"
    yield "listed amount", f"{amount:.2f}"


# --- the summary


def test_the_summary_is_one_object_with_amounts_as_text(billed: list[DemoMonth]) -> None:
    found = msgspec.json.decode(msgspec.json.encode(summary(billed)))
    assert list(found) == [
        *("months", "paid", "open", "unmatched", "ledger_balance", "verify_findings", "stages")
    ]
    assert list(found["months"][0]) == [
        *("month", "customers", "invoices", "gross", "net", "vat"),
        *("by_channel", "by_payment_method", "by_contract", "by_internet_service"),
    ]
    assert found["months"][1]["by_channel"]["letter"] == {"customers": 2403, "gross": "119750.00"}


def test_the_summary_is_shown_as_tables(billed: list[DemoMonth]) -> None:
    console = Console(file=io.StringIO(), width=80)
    console.print(summary_view(summary(billed)))
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    for words in ("456,360.00", "7,043", "64,429.46", "contract", "Two year", "98,900.00", "2.5 s"):
        assert words in text


def test_a_customer_with_two_invoices_in_a_month_counts_once() -> None:
    row = TelcoRow("0003-ABCDE", 5, 0, "bank", True, ("phone",), False)
    twice = [DemoInvoice("2026-10", row.id, 125, 100, 25)] * 2
    (month,) = demo_months(twice, {row.id: row})
    assert (month.customers, month.invoices, month.gross) == (1, 2, "2.50")
    assert (month.by_channel["email"].customers, month.by_channel["email"].gross) == (1, "2.50")


def summary(months: list[DemoMonth]) -> DemoSummary:
    return DemoSummary(
        months=months,
        paid="700000.00",
        open="73480.00",
        unmatched=12,
        ledger_balance="0.00",
        verify_findings=0,
        stages={"bill": 2.5},
    )
