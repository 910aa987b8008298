"""The web process of the bench: the product's front on another database, and bare ones beside it.

The bare ones read and answer as the product's does, by the same front and threads. In place of
everything else stands a function: `bare` asks the database one query and writes down what it says,
`inserting` writes a row and commits.
"""

import asyncio
import os
import sys
import threading
from typing import Any

import msgspec
import psycopg
from django.db import connections
from django.http import QueryDict

from kesto.api import limits
from kesto.bench import usage_bare
from kesto.ops.bench_serving import DATABASE, READY
from kesto.ops.front import Front, Tell
from kesto.store.entitlements import GIVEN

# One program asks without end; a key that waits would be measured as a slow product.
limits.BURST = 10**9


class Told(Front):
    """A front that says when it is ready, so that the clock begins when all of them are."""

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__rsgi_init__(loop)
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()


class Bare(Told):
    """A function with one query in the place of the product."""

    def _is_light(self, surroundings: dict[str, Any]) -> bool:  # noqa: ARG002 - the product's own way
        return True  # as the door beside which it stands

    def _call(self, surroundings: dict[str, Any], tell: Tell) -> None:
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
        tell((200, [("Content-Type", "application/json")], msgspec.json.encode(rows)))


class Inserting(Told):
    """A function with an INSERT and a commit for each event in the place of the product."""

    def _answer_at_once(self, surroundings: dict[str, Any], tell: Tell) -> bool:  # noqa: ARG002 - the product's own way
        return False

    def _is_light(self, surroundings: dict[str, Any]) -> bool:  # noqa: ARG002 - the product's own way
        return True  # as the door beside which it stands

    def _call(self, surroundings: dict[str, Any], tell: Tell) -> None:
        connections["default"].ensure_connection()
        connection = connections["default"].connection
        for event in usage_bare.events_of(surroundings["wsgi.input"].getvalue()):
            connection.execute(usage_bare.INSERT.encode(), usage_bare.row_of(event), prepare=True)
        tell((200, [("Content-Type", "application/json")], b"{}"))


_own = threading.local()

front = Told(database=os.environ.get(DATABASE, ""))
bare = Bare(database=os.environ.get(DATABASE, ""))
inserting = Inserting(database=os.environ.get(DATABASE, ""))
