"""The web process of the bench: the product's front on another database, and a bare one beside it.

The bare one reads and answers as the product's does, by the same front and threads; in place of
everything else stands a function that asks the database one query and writes down what it says.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from django.db import connections
from django.http import QueryDict

from kesto.api import limits
from kesto.api.doors.door import Coming
from kesto.ops.children import surroundings
from kesto.ops.front import Front
from kesto.ops.home import Home
from kesto.store.entitlements import GIVEN

DATABASE = "KESTO_BENCH_DATABASE"
READY_SECONDS = 60.0
STOP_SECONDS = 30.0

# One program asks without end; a key that waits would be measured as a slow product.
limits.BURST = 10**9


class Bare(Front):
    """A function with one query in the place of the product."""

    def _call(self, surroundings: dict[str, Any]) -> Coming:
        asked = QueryDict(surroundings["QUERY_STRING"])
        words = {
            "own": asked["merchant"],
            "id": None,
            "customer": asked["customer"],
            "feature": asked["feature"],
            "now": "2026-10-20T09:00:00Z",
        }
        if not hasattr(_own, "cursor"):
            connections["default"].ensure_connection()
            connection = connections["default"].connection
            _own.cursor = psycopg.Cursor(connection)
            _own.cursor.execute("select set_config('app.merchant', %s, false)", [words["own"]])
        rows = _own.cursor.execute(GIVEN.encode(), words, binary=True).fetchall()
        return 200, [("Content-Type", "application/json")], msgspec.json.encode(rows)


_own = threading.local()

front = Front(database=os.environ.get(DATABASE, ""))
bare = Bare(database=os.environ.get(DATABASE, ""))


@contextmanager
def served(place: Home, database: str, name: str) -> Iterator[int]:
    """Run a web process on a database, by `front` or `bare`; answers its port when it answers."""
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
