"""`kesto demo`: the main job on real data, in a home of its own."""

import os
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from kesto.demo.story import tell_story
from kesto.demo.summary import summary_view
from kesto.ops import console
from kesto.ops.billing import run_billing
from kesto.ops.desk import installation
from kesto.ops.home import Home, demo_home
from kesto.store.billing import Progress

BALLAST_MB = "16"
CHUNK_GROUPS = 1_000


def demo(
    *,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Leave the product running afterwards.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Bill 7,043 subscribers for two months, match their payments, prove every cent.

    It lives in a home of its own, one for each clone, and can be run again: nothing doubles. Exit
    status 1 when the proof finds anything.
    """
    os.environ.setdefault("KESTO_BALLAST_MB", BALLAST_MB)
    place = demo_home()
    workers = os.cpu_count() or 1

    def bill(merchant_id: UUID, through: date, now: datetime) -> Progress:
        return run_billing(
            place, merchant_id, through, now, workers=workers, chunk_groups=CHUNK_GROUPS
        )

    console.say(f"The demo lives in {place.path}")
    with installation(place):
        summary, comparison = tell_story(bill, console.say)
    if as_json:
        console.show_json(summary)
    else:
        console.output.print(summary_view(summary))
        _say_next(place, serve=serve)
    if comparison.wrong:
        console.say(f"{comparison.wrong} payments were matched to a wrong invoice")
    if summary.verify_findings or comparison.wrong:
        raise typer.Exit(console.FINDINGS)


def _say_next(place: Home, *, serve: bool) -> None:
    """Show the way on; there are no screens yet, so nothing is left running."""
    console.say("")
    console.say("Look further (the demo's database starts for each command and stops again):")
    for command in (
        "invoice show 2026-000001 --why --language en",
        "match",
        "verify",
    ):
        console.say(f"  KESTO_HOME={place.path} .venv/bin/kesto {command}")
    if serve:
        console.say("Nothing is left running: the screens come with a later version.")
