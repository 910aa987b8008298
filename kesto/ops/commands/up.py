"""`kesto up`: database, web and workers together."""

import signal
import threading
from typing import Annotated

import typer

from kesto.core.refusals import Conflict
from kesto.ops import console, together
from kesto.ops.home import real_home


def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it in the background.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the address as JSON.")] = False,
) -> None:
    """Start database, web and workers; print the address when all are ready.

    Ctrl-C, or `kesto down` from elsewhere, stops all of them in order.
    """
    place = real_home()

    def show(address: str) -> None:
        if as_json:
            console.show_json({"address": address})
        else:
            hint = "stop: kesto down" if detach else "stop: ctrl-C"
            console.show_text(f"Kesto is ready at {address} ({hint})")

    if detach:
        if together.current(place) is not None:
            raise Conflict(
                f"Kesto already runs from {place.path}: stop it with `kesto down`",
                code="already_up",
            )
        show(together.start_detached(place))
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    together.run(place, stop, show)
