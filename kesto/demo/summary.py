"""The demo's result: what was billed, month by month, in the groups of the check table."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from msgspec import Struct
from rich.box import SIMPLE
from rich.console import Group
from rich.table import Table

from kesto.core.money import format_minor
from kesto.demo.telco import TelcoRow

CURRENCY = "EUR"

GROUPINGS: dict[str, Callable[[TelcoRow], str]] = {
    "by_channel": lambda row: row.channel,
    "by_payment_method": lambda row: row.payment_method,
    "by_contract": lambda row: row.contract,
    "by_internet_service": lambda row: row.internet_service,
}


class DemoInvoice(Struct, frozen=True, gc=False):
    """One invoice of the demo: the month it bills as YYYY-MM, and the customer's external id."""

    month: str
    customer: str
    gross_minor: int
    net_minor: int
    vat_minor: int


class GroupTotal(Struct, frozen=True, gc=False):
    """How many customers of a group were invoiced, and how much."""

    customers: int
    gross: str


class DemoMonth(Struct, frozen=True):
    """One month's run; amounts are decimal strings, the groups are by the source's own words."""

    month: str
    customers: int
    invoices: int
    gross: str
    net: str
    vat: str
    by_channel: dict[str, GroupTotal]
    by_payment_method: dict[str, GroupTotal]
    by_contract: dict[str, GroupTotal]
    by_internet_service: dict[str, GroupTotal]


class DemoSummary(Struct, frozen=True):
    """What `kesto demo --json` prints; `unmatched` counts payments, `stages` are seconds."""

    months: list[DemoMonth]
    paid: str
    open: str
    unmatched: int
    ledger_balance: str
    verify_findings: int
    stages: dict[str, float]


def demo_months(invoices: Iterable[DemoInvoice], rows: Mapping[str, TelcoRow]) -> list[DemoMonth]:
    """The totals of each month, in order; `rows` is the demo's table by customer."""
    by_month: dict[str, list[DemoInvoice]] = {}
    for invoice in invoices:
        by_month.setdefault(invoice.month, []).append(invoice)
    return [_month(month, by_month[month], rows) for month in sorted(by_month)]


def summary_view(summary: DemoSummary) -> Group:
    """The summary as tables for a terminal."""
    return Group(_months_table(summary), _groups_table(summary), _outcome_table(summary))


def titled_table(title: str, first: str, *others: str) -> Table:
    """A table with its first column to the left and the others to the right."""
    table = Table(title=title, title_justify="left", box=SIMPLE)
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


def grouped(amount: str) -> str:
    """A plain decimal string with commas at the thousands."""
    return f"{Decimal(amount):,}"


def _month(month: str, invoices: list[DemoInvoice], rows: Mapping[str, TelcoRow]) -> DemoMonth:
    return DemoMonth(
        month=month,
        customers=len({invoice.customer for invoice in invoices}),
        invoices=len(invoices),
        gross=_amount(invoice.gross_minor for invoice in invoices),
        net=_amount(invoice.net_minor for invoice in invoices),
        vat=_amount(invoice.vat_minor for invoice in invoices),
        **{name: _groups(invoices, rows, group_of) for name, group_of in GROUPINGS.items()},
    )


def _groups(
    invoices: list[DemoInvoice], rows: Mapping[str, TelcoRow], group_of: Callable[[TelcoRow], str]
) -> dict[str, GroupTotal]:
    members: dict[str, list[DemoInvoice]] = {}
    for invoice in invoices:
        members.setdefault(group_of(rows[invoice.customer]), []).append(invoice)
    return {
        value: GroupTotal(
            customers=len({invoice.customer for invoice in group}),
            gross=_amount(invoice.gross_minor for invoice in group),
        )
        for value, group in sorted(members.items())
    }


def _amount(minor: Iterable[int]) -> str:
    return format_minor(sum(minor), CURRENCY)


def _months_table(summary: DemoSummary) -> Table:
    table = titled_table("Billed", "month", "customers", "invoices", "gross", "net", "VAT")
    for month in summary.months:
        amounts = (grouped(amount) for amount in (month.gross, month.net, month.vat))
        table.add_row(month.month, f"{month.customers:,}", f"{month.invoices:,}", *amounts)
    return table


def _groups_table(summary: DemoSummary) -> Table:
    """One row a group, with customers and gross of each month side by side."""
    headings = [
        f"{what}\n{month.month}" for month in summary.months for what in ("customers", "gross")
    ]
    table = titled_table("Gross by group", "group", *headings)
    for name in GROUPINGS:
        by_month: list[dict[str, GroupTotal]] = [getattr(month, name) for month in summary.months]
        table.add_row(_words(name))
        for value in sorted({value for totals in by_month for value in totals}):
            cells = [cell for totals in by_month for cell in _group_cells(totals.get(value))]
            table.add_row(f" {value}", *cells)
        table.add_section()
    return table


def _group_cells(total: GroupTotal | None) -> tuple[str, str]:
    return (f"{total.customers:,}", grouped(total.gross)) if total else ("", "")


def _outcome_table(summary: DemoSummary) -> Table:
    table = titled_table("Afterwards", "what", "result")
    table.add_row("paid", grouped(summary.paid))
    table.add_row("open", grouped(summary.open))
    table.add_row("payments not matched", f"{summary.unmatched:,}")
    table.add_row("ledger balance", grouped(summary.ledger_balance))
    table.add_row("findings of verify", f"{summary.verify_findings:,}")
    table.add_section()
    for stage, seconds in summary.stages.items():
        table.add_row(_words(stage), f"{seconds:.1f} s")
    return table


def _words(name: str) -> str:
    return name.removeprefix("by_").replace("_", " ")
