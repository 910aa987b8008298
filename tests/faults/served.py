"""A town on the air, in a process of its own, for tests that speak to it as the world does."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.tidy.sources import ROOT

READY_SECONDS = 60.0


@contextmanager
def served(surroundings: Mapping[str, str], module: str) -> Iterator[dict[str, Any]]:
    """Serve by a module that prints what there is to know first; answers that when it listens."""
    with subprocess.Popen(
        [sys.executable, "-m", module], cwd=ROOT, env=dict(surroundings), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        wait_for(int(surroundings["KESTO_PORT"]))
        yield facts
        process.terminate()


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
