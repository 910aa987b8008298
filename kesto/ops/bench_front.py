"""The web process of the bench: the product's front on another database, and a bare one beside it.

The bare one reads and answers as the product's does, by the same front and threads; in place of
everything else stands a function that asks the database one query and writes down what it says.
"""

import os
import threading
from typing import Any

import msgspec
import psycopg
from django.db import connections
from django.http import QueryDict

from kesto.api import limits
from kesto.api.doors.door import Coming
from kesto.ops.bench_serving import DATABASE
from kesto.ops.front import Front
from kesto.store.entitlements import GIVEN

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
