"""`kesto clock`: a test merchant's own time."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from kesto.core.refusals import Invalid
from kesto.flows.move_clock import move_clock
from kesto.ops import console
from kesto.ops.desk import desk


def clock(
    to: Annotated[str, typer.Argument(help="The moment, such as 2026-12-01T06:00.")] = "",
    *,
    merchant: Annotated[str, typer.Option(help="The merchant's code.")] = "",
) -> None:
    """Show a test merchant's clock, or move it on; live merchants go by the real time."""
    with desk(merchant) as at:
        moment = at.now
        if to:
            moment = _moment(to)
            move_clock(at.merchant.id, moment)
    console.show_text(moment.isoformat())


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{text!r} is not a moment; write it as 2026-12-01T06:00",
            code="bad_instant",
            field="to",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
