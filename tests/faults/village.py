"""A village to break things in: the first of the demo's subscribers at a merchant of their own."""

from datetime import UTC, date, datetime
from importlib import resources
from uuid import UUID

from msgspec.structs import replace

from kesto.adapters.banking.camt import Camt
from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.banking import BankFile
from kesto.core.customers import Customer
from kesto.core.subscription import NewSubscription
from kesto.demo.bank import Flaw, ToPay, pay
from kesto.demo.telco import subscribers, telco_table
from kesto.flows.import_customers import import_customers
from kesto.flows.move_clock import move_clock
from kesto.flows.open_merchant import open_merchant
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store import demo
from kesto.store.ids import new_id
from kesto.store.session import reading
from tests.town import SELLER

FIRST_DAY = date(2026, 11, 1)
"""October is over and due; every subscriber of the table has it on one invoice."""

Village = tuple[list[Customer], list[NewSubscription]]


def morning(day: date) -> datetime:
    """When the billing of a day is done."""
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC)


def villagers(size: int) -> Village:
    """So many subscribers; the table is gone through again when it is too short."""
    table = telco_table()
    rounds = [
        replace(row, id=f"{turn}-{row.id}")
        for turn in range(-(-size // len(table)))
        for row in table
    ]
    return subscribers(rounds[:size], new_id)


def opened() -> UUID:
    """A merchant with the demo's price list and nobody in it yet."""
    now = morning(FIRST_DAY)
    merchant_id = open_merchant(f"village-{new_id().hex}", "Village", "test", SELLER, now)
    prices = resources.files("kesto.demo").joinpath("catalogue.toml").read_bytes()
    publish_catalogue(merchant_id, read_catalogue(prices, "catalogue.toml", new_id), now)
    return merchant_id


def settled(size: int) -> UUID:
    """A merchant with so many subscribers, none of them billed."""
    merchant_id = opened()
    import_customers(merchant_id, *villagers(size), morning(FIRST_DAY))
    return merchant_id


def bank_file(merchant_id: UUID) -> BankFile:
    """One file in which every invoice is paid, some with a bank's flaws."""
    with reading(merchant_id, "run") as session:
        invoices = demo.billed_invoices(session)
    to_pay = [ToPay(one.reference, one.total_minor, one.payer_name, FIRST_DAY) for one in invoices]
    flaws: dict[Flaw, int] = {
        "free_text": 10,
        "short": 5,
        "double": 5,
        "wrong_check_digit": 5,
        "no_reference": 5,
    }
    month = pay(to_pay, SELLER.iban, "2026-10", flaws)
    return max((Camt().read(file.data) for file in month.files), key=lambda file: len(file.entries))


def wait_until(merchant_id: UUID, day: date) -> None:
    """Let it be the morning of a day."""
    move_clock(merchant_id, morning(day))
