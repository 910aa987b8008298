"""`kesto portal`: a way into a customer's own pages, for support."""

from typing import Annotated

import typer

from kesto.flows.portal_link import link_for
from kesto.ops import console
from kesto.ops.commands.bill import ACTOR
from kesto.ops.config import public_url
from kesto.ops.desk import desk

app = typer.Typer(help="Open a customer's own pages.", no_args_is_help=True)


@app.callback()
def portal() -> None:
    """Open a customer's own pages."""


@app.command()
def link(
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="The customer's number with the merchant.")
    ],
    *,
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print a link that opens a customer's pages once, as a message would have it."""
    with desk(merchant) as at:
        path = link_for(at.merchant.id, customer, at.now, ACTOR)
    address = f"{public_url()}{path}"
    if as_json:
        console.show_json({"link": address})
    else:
        console.show_text(address)
