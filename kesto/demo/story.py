"""The demo's story: 7,043 subscribers billed for two months, their payments matched, all proved."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from importlib import resources
from uuid import UUID

from kesto.adapters.banking.camt import Camt
from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.invoice import Seller
from kesto.core.money import format_minor
from kesto.demo.bank import CURRENCY, ToPay, pay
from kesto.demo.steps import Bill, Tell, morning, move_on, opened
from kesto.demo.summary import DemoInvoice, DemoSummary, demo_months
from kesto.demo.telco import subscribers, telco_table
from kesto.flows.import_customers import import_customers
from kesto.flows.match_payment import import_bank_file
from kesto.flows.note_truth import note_truth
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store import demo, journal
from kesto.store.demo import BilledInvoice, Comparison
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.verify import verify

CODE = "demo"
SELLER = Seller(
    name="Kesto Demo Oy",
    business_id="2915046-7",
    vat_id="FI29150467",
    street="Esimerkkikatu 1",
    postal_code="00100",
    city="Helsinki",
    country="FI",
    email="laskutus@example.com",
    iban="FI2112345600000785",
    bic="",
)
BILLING_DAYS = (date(2026, 11, 1), date(2026, 12, 1))


def tell_story(bill: Bill, tell: Tell) -> tuple[DemoSummary, Comparison]:
    """Run the demo; what was done by an earlier run is found done and adds nothing.

    `bill(merchant, through, now)` makes a billing run, `tell` says in a line what happens.
    """
    stages: dict[str, float] = {}
    first, second = (morning(day) for day in BILLING_DAYS)
    merchant_id = opened(CODE, SELLER, first)
    with _timed(stages, "import"):
        tell("Importing the price list, 7,043 customers and their subscriptions")
        _import(merchant_id, first)
    with _timed(stages, "bill"):
        tell("Billing October for everybody")
        bill(merchant_id, BILLING_DAYS[0], first)
    move_on(merchant_id, second)
    with _timed(stages, "pay"):
        tell("The bank's files of November: payments with a bank's flaws, matched and booked")
        _pay_october(merchant_id, second)
    with _timed(stages, "bill"):
        tell("Billing November for those who run on")
        bill(merchant_id, BILLING_DAYS[1], second)
    with _timed(stages, "verify"):
        tell("Recomputing every invoice and every invariant")
        findings = len(verify(merchant_id))
    return _summary(merchant_id, findings, stages)


def _import(merchant_id: UUID, now: datetime) -> None:
    prices = resources.files("kesto.demo").joinpath("catalogue.toml").read_bytes()
    publish_catalogue(merchant_id, read_catalogue(prices, "catalogue.toml", new_id), now)
    customers, orders = subscribers(telco_table(), new_id)
    import_customers(merchant_id, customers, orders, now)


def _pay_october(merchant_id: UUID, now: datetime) -> None:
    with reading(merchant_id, "run") as session:
        invoices = demo.billed_invoices(session)
    to_pay = [
        ToPay(invoice.reference, invoice.total_minor, invoice.payer_name, invoice.due_on)
        for invoice in invoices
        if invoice.invoice_on == BILLING_DAYS[0]
    ]
    month = pay(to_pay, SELLER.iban, "2026-10")
    note_truth(merchant_id, month.truth)
    for file in month.files:
        import_bank_file(merchant_id, Camt().read(file.data), file.name, now)


def _summary(
    merchant_id: UUID, findings: int, stages: dict[str, float]
) -> tuple[DemoSummary, Comparison]:
    with reading(merchant_id, "audit") as session:
        invoices = demo.billed_invoices(session)
        comparison = demo.compare_with_truth(session)
        ledger_minor = sum(balance for _, _, balance in journal.balances(session))
    rows = {row.id: row for row in telco_table()}
    return (
        DemoSummary(
            months=demo_months([_demo_invoice(invoice) for invoice in invoices], rows),
            paid=format_minor(comparison.paid_minor, CURRENCY),
            open=format_minor(comparison.open_minor, CURRENCY),
            unmatched=comparison.unmatched,
            ledger_balance=format_minor(ledger_minor, CURRENCY),
            verify_findings=findings,
            stages={name: int(seconds * 100) / 100 for name, seconds in stages.items()},
        ),
        comparison,
    )


def _demo_invoice(invoice: BilledInvoice) -> DemoInvoice:
    billed = invoice.invoice_on - timedelta(days=1)
    return DemoInvoice(
        f"{billed:%Y-%m}",
        invoice.customer,
        invoice.total_minor,
        invoice.net_minor,
        invoice.tax_minor,
    )


@contextmanager
def _timed(stages: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    stages[name] = stages.get(name, 0.0) + time.perf_counter() - start
