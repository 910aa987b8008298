"""A gate that a background process waits at, made ready meanwhile, until it can do its work.

The gate is the process's input. Who started it closes that to let it in; who dies closes it too.
"""

import os
import sys

HELD = "KESTO_HELD"


def wait() -> None:
    """Wait to be let in, where somebody holds the gate."""
    if os.environ.pop(HELD, ""):
        sys.stdin.buffer.read()
