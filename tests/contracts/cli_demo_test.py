"""The demo as the command line gives it, run once for all that is said about it.

One test, because it takes a while: 12,217 invoices, twice the same answer, and every page that
shows a piece of it.
"""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from kesto.ops import boot, console
from kesto.ops.home import Home
from tests.contracts.command_line import Answer, CommandLine, opened_folder
from tests.contracts.demo_table_test import NOVEMBER, OCTOBER
from tests.contracts.pages import Reader, Typed, steps
from tests.tidy.sources import ROOT

TOTALS = ROOT.parent / "shared/data/telco/check_totals.csv"
FIGURES = ["months", "paid", "open", "unmatched", "ledger_balance", "verify_findings", "stages"]
GROUPS = ["by_channel", "by_payment_method", "by_contract", "by_internet_service"]
MONTH = ["month", "customers", "invoices", "gross", "net", "vat", *GROUPS]
STAGES = ["import", "bill", "pay", "verify"]
TABLE_NAMES = {
    "by_channel": "PaperlessBilling",
    "by_payment_method": "PaymentMethod",
    "by_contract": "Contract",
    "by_internet_service": "InternetService",
}
CHANNELS = {"email": "Yes", "letter": "No"}


def test_the_demo_prints_its_figures_and_nothing_doubles() -> None:
    with opened_folder() as kesto:
        first = kesto.typed("demo", "--no-serve", "--json")
        assert first.status == console.FINE, first
        place = Home(Path(first.messages.splitlines()[0].removeprefix("The demo lives in ")))
        assert place.path.parent == kesto.folder
        with boot.running(place):
            again = kesto("demo", "--no-serve", "--json")
            assert without_seconds(again.json) == without_seconds(first.json)
            check_figures(first.json)
            check_table(first.json)
            check_readme(first.json)
            check_pages(kesto, again)
            check_queue(kesto, first.json)
        assert not kesto.home.path.exists()


def without_seconds(figures: Any) -> Any:
    return figures | {"stages": list(figures["stages"])}


def check_figures(figures: Any) -> None:
    assert list(figures) == FIGURES
    assert [list(month) for month in figures["months"]] == [MONTH, MONTH]
    october, november = figures["months"]
    assert {name: october[name] for name in MONTH[:6]} == {
        "month": "2026-10",
        "customers": 7043,
        "invoices": 7043,
        "gross": "456360.00",
        "net": "363640.66",
        "vat": "92719.34",
    }
    assert {name: november[name] for name in MONTH[:6]} == {
        "month": "2026-11",
        "customers": 5174,
        "invoices": 5174,
        "gross": "317120.00",
        "net": "252690.54",
        "vat": "64429.46",
    }
    for month, wanted in ((october, OCTOBER), (november, NOVEMBER)):
        groups = [item for name in GROUPS for item in month[name].items()]
        assert dict(groups) == {
            value: {"customers": customers, "gross": gross}
            for value, (customers, gross) in wanted.items()
        }
    assert Decimal(figures["paid"]) + Decimal(figures["open"]) == Decimal("773480.00")
    assert (figures["ledger_balance"], figures["verify_findings"]) == ("0.00", 0)
    assert list(figures["stages"]) == STAGES


def check_table(figures: Any) -> None:
    """The totals that were worked out elsewhere, where they lie beside the repository."""
    if not TOTALS.exists():
        return
    with TOTALS.open(encoding="utf-8") as file:
        rows = {(row["group"], row["value"]): row for row in csv.DictReader(file)}
    for month, kind in zip(figures["months"], ("all", "active"), strict=True):
        assert month["gross"] == rows["all", "all"][f"listed_{kind}"]
        for name, group in TABLE_NAMES.items():
            for value, total in month[name].items():
                row = rows[group, CHANNELS.get(value, value)]
                assert total == {
                    "customers": int(row[f"rows_{kind}"]),
                    "gross": row[f"listed_{kind}"],
                }


def check_readme(figures: Any) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for month in figures["months"]:
        amounts = " | ".join(f"{Decimal(month[name]):,}" for name in ("gross", "net", "vat"))
        assert f"2026 | {month['customers']:,} | {amounts} |" in readme


def check_queue(kesto: CommandLine, figures: Any) -> None:
    waiting = kesto("--demo", "match", "--json")
    assert (waiting.status, len(waiting.json)) == (console.FINDINGS, figures["unmatched"])
    assert all(len(one["short"]) < 8 for one in waiting.json)


def check_pages(kesto: CommandLine, demo: Answer) -> None:
    """What pages show of the demo is what it prints."""
    reader = Reader(kesto, port=8000)
    for page in ("docs/tour.md", "docs/commands.md"):
        shown = [step for step in steps(page) if isinstance(step, Typed) and "demo" in step.words]
        assert shown, page
        for step in shown:
            if step.words == "kesto demo --no-serve --json":
                reader.compare(step, page, demo)
            else:
                reader.type(step, page)
