"""`kesto invoice`: look at an invoice, or credit it."""

from pathlib import Path
from typing import Annotated

import typer

from kesto.adapters.documents.html import page
from kesto.core.refusals import Invalid
from kesto.flows.credit import credit as credit_invoice
from kesto.flows.show_invoice import show_invoice
from kesto.ops import console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.desk import desk
from kesto.ops.mailroom import renderer
from kesto.words.invoice_paper import invoice_paper
from kesto.words.plain import invoice_text

app = typer.Typer(help="Look at an invoice, or credit it.", no_args_is_help=True)

Number = Annotated[
    str, typer.Argument(metavar="NUMBER", help="The invoice's number, such as 2026-000123.")
]
MerchantCode = Annotated[str, typer.Option(help="The merchant's code.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def show(
    number: Number,
    *,
    why: Annotated[bool, typer.Option("--why", help="Explain each line.")] = False,
    language: Annotated[
        str, typer.Option(help="fi, sv or en; without it the customer's own.")
    ] = "",
    pdf: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the document, as it was issued, to a PDF file."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the same document to an HTML file."),
    ] = None,
    merchant: MerchantCode = "",
    as_json: AsJson = False,
) -> None:
    """Print an invoice as text, with the explanation of each line where asked."""
    with desk(merchant) as at:
        view = show_invoice(at.merchant.id, number, language, as_issued=bool(pdf or html))
        maker = renderer(at.home) if pdf else None
    if pdf and maker:
        _write(pdf, maker.pdf(invoice_paper(view)))
    if html:
        _write(html, page(invoice_paper(view)).encode())
    if pdf or html:
        return
    if as_json:
        console.show_json(view)
    else:
        console.show_text(invoice_text(view, why=why))


@app.command()
def credit(
    number: Number,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept with the credit note.")],
    merchant: MerchantCode = "",
    as_json: AsJson = False,
) -> None:
    """Credit a whole invoice by a credit note."""
    with desk(merchant) as at:
        note = credit_invoice(at.merchant.id, number, reason, at.now, ACTOR)
    if as_json:
        console.show_json({"invoice": number, "credit_note": note})
    else:
        console.show_text(f"Invoice {number} is credited by {note}")


def _write(path: Path, document: bytes) -> None:
    try:
        path.write_bytes(document)
    except OSError as error:
        raise Invalid(
            f"{path} cannot be written ({error.strerror}): name another file",
            code="not_writable",
            field="pdf",
        ) from error
    console.say(f"Wrote {path}")
