"""The demo's subscriber base: its table of 7,043 rows turned into customers and subscriptions.

Where the table comes from, and what was changed, stands in telco.md beside it.
"""

import csv
from collections.abc import Callable, Iterable
from datetime import date
from importlib.resources import files
from uuid import UUID

from msgspec import Struct

from kesto.core.customers import Channel, Customer, PaymentMethodKind
from kesto.core.subscription import NewSubscription, Term
from kesto.demo.people import person

DAY_OF_THE_DATA = date(2026, 11, 1)
"""The table has no dates: tenure counts back from this day, and who left had left by it."""

BILLED_FROM = date(2026, 10, 1)
"""What came before was billed by somebody else."""

CONTRACTS = {0: "Month-to-month", 12: "One year", 24: "Two year"}
"""Minimum months -> the source's own word."""

METHODS: dict[str, tuple[str, PaymentMethodKind]] = {
    "bank": ("Bank transfer (automatic)", "direct_debit"),
    "card": ("Credit card (automatic)", "card"),
    "echeck": ("Electronic check", "pay_by_bank"),
    "check": ("Mailed check", "transfer"),
}
"""The table's code -> the source's own word and the wish it becomes."""

INTERNET_SERVICES = {"dsl": "DSL", "fibre": "Fiber optic"}
"""The table's code -> the source's own word; neither is "No"."""

ADD_ONS = {
    "lines": "additional-lines",
    "dsl": "internet-dsl",
    "fibre": "internet-fibre",
    "security": "online-security",
    "backup": "online-backup",
    "protection": "device-protection",
    "support": "technical-support",
    "tv": "streaming-television",
    "films": "streaming-films",
}
"""The table's code -> the add-on in catalogue.toml."""


class TelcoRow(Struct, frozen=True):
    """One row of telco.csv: what one customer takes, since when, and how they pay."""

    id: str
    tenure_months: int
    minimum_months: int
    method: str
    is_paperless: bool
    services: tuple[str, ...]
    has_left: bool

    @property
    def channel(self) -> Channel:
        """How the customer wishes to get the invoice."""
        return "email" if self.is_paperless else "letter"

    @property
    def payment_method(self) -> str:
        """The payment method in the source's own words."""
        return METHODS[self.method][0]

    @property
    def contract(self) -> str:
        """The contract in the source's own words."""
        return CONTRACTS[self.minimum_months]

    @property
    def internet_service(self) -> str:
        """The internet service in the source's own words, "No" for none."""
        return next(
            (word for code, word in INTERNET_SERVICES.items() if code in self.services), "No"
        )


def telco_table() -> list[TelcoRow]:
    """The demo's table as it comes with the product."""
    text = files("kesto.demo").joinpath("telco.csv").read_text(encoding="utf-8")
    return [_row(cells) for cells in csv.DictReader(text.splitlines())]


def subscribers(
    rows: Iterable[TelcoRow], new_id: Callable[[], UUID]
) -> tuple[list[Customer], list[NewSubscription]]:
    """One customer with one subscription for each row, in the order of the table."""
    customers: list[Customer] = []
    subscriptions: list[NewSubscription] = []
    for position, row in enumerate(rows):
        customers.append(_customer(row, position, new_id()))
        subscriptions.append(_subscription(row, new_id()))
    return customers, subscriptions


def _row(cells: dict[str, str]) -> TelcoRow:
    return TelcoRow(
        id=cells["id"],
        tenure_months=int(cells["tenure"]),
        minimum_months=int(cells["contract"]),
        method=cells["method"],
        is_paperless=cells["paperless"] == "yes",
        services=tuple(cells["services"].split()),
        has_left=cells["churn"] == "yes",
    )


def _customer(row: TelcoRow, position: int, customer_id: UUID) -> Customer:
    who, language = person(position, row.id)
    return Customer(
        id=customer_id,
        external_id=row.id,
        kind="consumer",
        person=who,
        language=language,
        payment_method=METHODS[row.method][1],
        channel=row.channel,
    )


def _subscription(row: TelcoRow, subscription_id: UUID) -> NewSubscription:
    plan, add_ons = _plan(row.services)
    start_on = _months_before(DAY_OF_THE_DATA, max(row.tenure_months, 1))
    return NewSubscription(
        id=subscription_id,
        external_id=f"sub-{row.id}",
        holder=row.id,
        plan=plan,
        start_on=start_on,
        add_ons=add_ons,
        alignment="calendar",
        end_on=DAY_OF_THE_DATA if row.has_left else None,
        billed_from=BILLED_FROM if start_on < BILLED_FROM else None,
        term=Term(minimum_months=row.minimum_months),
    )


def _plan(services: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The plan and what is taken on top; without a phone line, DSL is the plan itself."""
    main = "phone" if "phone" in services else "dsl"
    plan = "phone" if main == "phone" else "internet-dsl"
    return plan, tuple(ADD_ONS[service] for service in services if service != main)


def _months_before(first_of_month: date, months: int) -> date:
    year, month = divmod(first_of_month.year * 12 + first_of_month.month - 1 - months, 12)
    return date(year, month + 1, 1)
