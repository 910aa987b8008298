"""`kesto invoice`: look at an invoice, or credit it."""

from typing import Annotated

import typer

from kesto.flows.credit import credit as credit_invoice
from kesto.flows.show_invoice import show_invoice
from kesto.ops import console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import desk
from kesto.words.plain import invoice_text

app = typer.Typer(help="Look at an invoice, or credit it.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The invoice's number, such as 2026-000123.")]
MerchantCode = Annotated[str, typer.Option(help="The merchant's code.")]


@app.command()
def show(
    number: Number,
    *,
    why: Annotated[bool, typer.Option("--why", help="Explain each line.")] = False,
    language: Annotated[str, typer.Option(help="fi, sv or en.")] = "fi",
    merchant: MerchantCode = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print an invoice as text, with the explanation of each line where asked."""
    with desk(merchant) as at:
        view = show_invoice(at.merchant.id, number, language)
    if as_json:
        console.show_json(view)
    else:
        console.show_text(invoice_text(view, language, why=why))


@app.command()
def credit(
    number: Number,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept with the credit note.")],
    merchant: MerchantCode = "",
) -> None:
    """Credit a whole invoice by a credit note."""
    with desk(merchant) as at:
        note = credit_invoice(at.merchant.id, number, reason, at.now, ACTOR)
    console.say(f"Invoice {number} is credited by {note}")
