"""`kesto down`: stops what `kesto up` started."""

import signal
from typing import Annotated

import typer

from kesto.core.refusals import NotAllowed
from kesto.ops import console, processes, supervisor, together
from kesto.ops.home import real_home, refuse_unusable


def down(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was stopped as JSON.")
    ] = False,
) -> None:
    """Stop web, workers and database; also a database that a killed program left running."""
    place = real_home()
    refuse_unusable(place)
    running = together.current(place)
    if running is not None:
        processes.send(running.process, signal.SIGTERM)
        if not processes.wait_gone(running.process, together.STOP_SECONDS):
            raise NotAllowed(
                f"Process {running.process.pid} does not stop: see the logs in {place.logs}",
                code="does_not_stop",
            )
    is_left = supervisor.stop_left_behind(place)
    was_running = running is not None or is_left
    if as_json:
        console.show_json({"stopped": was_running})
    else:
        console.show_text("Kesto is stopped." if was_running else "Kesto was not running.")
