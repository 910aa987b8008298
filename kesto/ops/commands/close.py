"""`kesto close`: a month's books are closed."""

from typing import Annotated

import typer

from kesto.core.money import format_minor
from kesto.flows.close_month import close_month
from kesto.ops import console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import desk


def close(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="The month, such as 2026-10.")],
    *,
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Close a month: nothing is dated or booked into it any more."""
    with desk(merchant) as at:
        report = close_month(at.merchant.id, month, at.now, ACTOR)
    if as_json:
        console.show_json(report)
        return
    rows = [
        (
            row.account,
            row.currency,
            format_minor(row.debit_minor, row.currency),
            format_minor(row.credit_minor, row.currency),
            format_minor(row.balance_minor, row.currency),
        )
        for row in report.accounts
    ]
    columns = ("account", "currency", ">debit", ">credit", ">balance")
    console.show_table(columns, rows, title=f"{report.month} is closed")
    if report.waiting:
        console.say(f"{report.waiting} payments still wait in the queue: kesto match")
