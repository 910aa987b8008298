"""`kesto clock`: a test merchant's own time."""

from typing import Annotated

import typer

from kesto.adapters.files import checks
from kesto.core.refusals import Invalid
from kesto.flows.live_through import live_through
from kesto.flows.move_clock import move_clock
from kesto.ops import console
from kesto.ops.desk import desk


def clock(
    to: Annotated[
        str, typer.Argument(metavar="MOMENT", help="Such as 2026-12-01T06:00, in UTC.")
    ] = "",
    *,
    bills: Annotated[
        bool, typer.Option("--bill", help="Bill on each day on the way what is due on it.")
    ] = False,
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a merchant's time; move a test merchant's clock on. Live ones go by the real time."""
    try:
        wanted = checks.moment(to) if to else None
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_moment", field="moment") from None
    invoices: int | None = None
    with desk(merchant) as at:
        if wanted is not None and bills:
            invoices = live_through(at.merchant.id, wanted)
        elif wanted is not None:
            move_clock(at.merchant.id, wanted)
    now = wanted or at.now
    if as_json:
        made = {} if invoices is None else {"invoices": invoices}
        answer = {"merchant": at.merchant.code, "mode": at.merchant.mode, "now": now}
        console.show_json(answer | made)
        return
    console.show_text(now.isoformat(timespec="seconds"))
    if invoices is not None:
        console.show_text(f"{invoices} invoices")
