"""`kesto up`: database, web and workers together."""

import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from kesto.core.refusals import Conflict
from kesto.ops import plain
from kesto.ops.home import real_home

KEEP = "kesto.ops.keep"


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
        words = ["--json"] if as_json else []
        os.execve(sys.executable, [sys.executable, "-m", KEEP, *words], ours)  # noqa: S606 - our own module
    # Only here: who becomes another program need not load it twice.
    together = import_module("kesto.ops.together")
    if together.current(place) is not None:
        raise Conflict(
            f"Kesto already runs from {place.path}: stop it with `kesto down`", code="already_up"
        )
    address = together.start_detached(place)
    if as_json:
        plain.show_json({"address": address})
    else:
        plain.show_text(together.ready(address, "kesto down"))
