"""Runs a web process of the bench for a while."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kesto.ops.children import surroundings
from kesto.ops.home import Home

DATABASE = "KESTO_BENCH_DATABASE"
READY_SECONDS = 60.0
STOP_SECONDS = 30.0


@contextmanager
def served(place: Home, database: str, name: str) -> Iterator[int]:
    """Run a web process on a database, by a front of `bench_front`; answers its port, ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    words = f"from kesto.ops.serve import main; main('kesto.ops.bench_front:{name}')"
    environment = {
        **surroundings(place),
        DATABASE: database,
        "KESTO_PORT": str(port),
        "KESTO_PARENT": str(os.getpid()),
    }
    process = subprocess.Popen([sys.executable, "-c", words], env=environment)  # noqa: S603 - our own
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the web process of the bench does not answer")
