"""`kesto up`: database, web and workers together."""

import os
import sys
from typing import Annotated

import typer

from kesto.core.refusals import Conflict
from kesto.ops import console, keep, together
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
    if not detach:
        # From here on this process only keeps others running, and lets go of all else.
        ours = {**os.environ, "KESTO_HOME": str(place.path)}
        words = [keep.AS_JSON] if as_json else []
        os.execve(sys.executable, [sys.executable, "-m", keep.__name__, *words], ours)  # noqa: S606 - our own module
    if together.current(place) is not None:
        raise Conflict(
            f"Kesto already runs from {place.path}: stop it with `kesto down`", code="already_up"
        )
    address = together.start_detached(place)
    if as_json:
        console.show_json({"address": address})
    else:
        console.show_text(together.ready(address, "kesto down"))
