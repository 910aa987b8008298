"""`kesto demo`: the main job on real data, in a home of its own."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from kesto.demo.story import tell_story
from kesto.demo.summary import summary_view
from kesto.ops import console
from kesto.ops.billing import run_billing
from kesto.ops.commands.bill import billing_bar
from kesto.ops.desk import installation
from kesto.ops.home import enter_demo_home
from kesto.store.billing import Progress

ONE_WORKER = 1
"""Several number their chunks as it comes; one makes every run, and every figure, the same."""

LOOK_FURTHER = (
    "invoice show 2026-000002 --why --language en",
    "match",
    "verify",
)


def demo(
    *,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Leave the product running afterwards.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Bill 7,043 subscribers for two months, match their payments, prove every cent.

    It lives in a home of its own, one for each clone, and can be run again: nothing doubles.

    Exit status 1 when the proof finds anything.
    """
    place = enter_demo_home()

    def bill(merchant_id: UUID, through: date, now: datetime) -> Progress:
        with billing_bar(through) as show:
            return run_billing(*(place, merchant_id, through, now), workers=ONE_WORKER, show=show)

    console.say(f"The demo lives in {place.path}")
    with installation(place):
        summary, comparison = tell_story(bill, console.say)
    if as_json:
        console.show_json(summary)
    else:
        console.show(summary_view(summary))
        _say_next(serve=serve)
    if comparison.wrong:
        console.say(f"{comparison.wrong} payments were matched to a wrong invoice")
    if summary.verify_findings or comparison.wrong:
        raise typer.Exit(console.FINDINGS)


def _say_next(*, serve: bool) -> None:
    """Show the way on; there are no screens yet, so nothing is left running."""
    console.say("")
    console.say("Look further (the demo's database starts for each command and stops again):")
    for command in LOOK_FURTHER:
        console.say(f"  .venv/bin/kesto --demo {command}")
    if serve:
        console.say("Nothing is left running: the screens come with a later version.")
