"""What commands print as it is, and the statuses that they end with.

It loads nothing: `kesto up` needs no more of `console`, unless it is refused.
"""

import os
import sys

import msgspec

FINE, FINDINGS, REFUSED, TROUBLE = 0, 1, 2, 3
INTERRUPTED, NOBODY_READS = 130, 141  # 128 and the signal's number, as a shell counts


def show_text(text: str) -> None:
    """Print a result as it is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def show_json(value: object) -> None:
    """Print a result for programs: one JSON value on one line."""
    show_text(msgspec.json.encode(value).decode())


def hang_up() -> None:
    """Let what is still to be printed go nowhere: whoever read it has left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
