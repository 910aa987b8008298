"""ClickHouse inside this process: the adapter's very SQL, without a network.

The package `chdb` has a lock of its own (`make clickhouse`); where it isn't installed, what needs it
is skipped.
"""

import tempfile
from functools import lru_cache
from typing import Any

import pytest

from kesto.store.session import EventsAway
from kesto.store.usage.clickhouse_schema import statements
from kesto.store.usage.clickhouse_server import Server

WHY = "chdb is not installed: `make clickhouse` runs what needs it"


class ChdbServer(Server):
    """The engine of ClickHouse as a library; `is_away` has it answer nothing."""

    def __init__(self, engine: Any, folder: str) -> None:
        self.engine = engine
        self.session = engine.session.Session(folder)
        self.is_away = False
        self.questions = 0

    def ask(self, query: str) -> bytes:
        """The rows of a query, each a JSON array on a line of its own."""
        self.questions += 1
        return self._query(query)

    def tell(self, statement: str, rows: bytes = b"") -> None:
        """Run a statement that answers nothing; rows follow an insert."""
        self._query(f"{statement}\n{rows.decode()}" if rows else statement)

    def _query(self, text: str) -> bytes:
        if self.is_away:
            raise EventsAway("ClickHouse is away")
        try:
            found = self.session.query(text, "JSONCompactEachRow")
        except self.engine.ChdbError as error:
            raise AssertionError(f"{error}\n{text[:2000]}") from error
        answer: bytes = found.bytes() if found is not None else b""
        return answer or b""


@lru_cache(maxsize=1)
def chdb_server() -> ChdbServer:
    """The engine of this process with its tables; it can be started once only."""
    engine = pytest.importorskip("chdb", reason=WHY)
    folder = tempfile.mkdtemp(prefix="kesto-chdb-")
    made = ChdbServer(engine, folder)
    made.tell("create database kesto")
    made.tell("use kesto")
    for statement in statements():
        made.tell(statement)
    return made
