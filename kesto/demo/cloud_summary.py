"""What the cloud provider's story comes to: each series beside its known total, and its bills."""

from msgspec import Struct
from rich.console import Group
from rich.table import Table

from kesto.core.money import format_minor
from kesto.demo.cloud import SERIES, Series, Totals
from kesto.demo.summary import CURRENCY, grouped, titled_table


class Metered(Struct, frozen=True):
    """A series as it was taken in, and what it has to come to."""

    series: Series
    kept: Totals
    known: Totals

    @property
    def is_known(self) -> bool:
        """Whether every event is there once, with every digit."""
        return self.kept == self.known


class CloudInvoice(Struct, frozen=True, gc=False):
    """An invoice of the provider: the month it bills as YYYY-MM, and whom."""

    month: str
    customer: str
    net_minor: int
    total_minor: int


class CloudSummary(Struct, frozen=True):
    """The figures of the cloud provider; `told` counts the verdicts of this run."""

    metered: list[Metered]
    invoices: list[CloudInvoice]
    told: dict[str, int]
    verify_findings: int
    seconds: float

    @property
    def is_known(self) -> bool:
        """Whether all series come to what they have to."""
        return len(self.metered) == len(SERIES) and all(one.is_known for one in self.metered)

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        events = sum(one.kept.rows for one in self.metered)
        equal = sum(one.is_known for one in self.metered)
        net = format_minor(sum(one.net_minor for one in self.invoices), CURRENCY)
        return (
            f"The cloud provider: {events:,} events counted once, {equal} of {len(SERIES)} series"
            f" equal to their known totals, {len(self.invoices)} invoices of {grouped(net)} net,"
            f" {self.verify_findings} findings of verify, {self.seconds:.1f} s"
        )


def cloud_view(summary: CloudSummary) -> Group:
    """The summary as tables for a terminal."""
    return Group(_metered_table(summary), _invoices_table(summary), summary.sentence)


def _metered_table(summary: CloudSummary) -> Table:
    table = titled_table("A small cloud provider: metered", "series", "events", "sum", "known")
    for one in summary.metered:
        known = "equal" if one.is_known else f"{one.known.rows:,}: {one.known.sum:f}"
        table.add_row(one.series.name, f"{one.kept.rows:,}", f"{one.kept.sum:f}", known)
    return table


def _invoices_table(summary: CloudSummary) -> Table:
    table = titled_table("A small cloud provider: billed", "month", "customer", "net", "gross")
    for one in summary.invoices:
        amounts = (format_minor(amount, CURRENCY) for amount in (one.net_minor, one.total_minor))
        table.add_row(one.month, one.customer, *amounts)
    return table
