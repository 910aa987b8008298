"""ClickHouse inside this process: the adapter's very SQL, without a network.

A restless one ships all that waits each second time that it is asked, after the spool was read and
before the answer is given: the worst moment there is. With KESTO_TEST_CLICKHOUSE=1 every test keeps
its usage in a restless one.

The package `chdb` has a lock of its own (`make clickhouse`); where it isn't installed, what needs
it is skipped.
"""

import atexit
import tempfile
from contextlib import suppress
from functools import lru_cache
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connections

from kesto.core.refusals import EventsAway
from kesto.flows.ship_usage import ship_usage
from kesto.store.session import CROSSED
from kesto.store.usage import spool
from kesto.store.usage.clickhouse import ClickHouseEvents
from kesto.store.usage.clickhouse_schema import statements
from kesto.store.usage.clickhouse_server import Server

WHY = "chdb is not installed: `make clickhouse` runs what needs it"


class ChdbServer(Server):
    """The engine of ClickHouse as a library; `is_away` has it answer nothing."""

    def __init__(self, engine: Any, folder: str) -> None:
        self.engine = engine
        self.session = engine.session.Session(folder)
        self.is_away = False
        self.is_restless = False
        self.questions = 0

    def ask(self, query: str) -> bytes:
        """The rows of a query, each a JSON array on a line of its own."""
        self.questions += 1
        if self.is_restless and self.questions % 2:
            worker = Thread(target=self._ship)
            worker.start()
            worker.join()
        return self._query(query)

    def _ship(self) -> None:
        """Ship all that waits, between what somebody read of the spool and what is answered now."""
        quiet = ChdbServer.__new__(ChdbServer)
        quiet.__dict__ = {**self.__dict__, "is_restless": False}
        first = spool.first_waiting()
        # A reader that holds an alert waits for this; what is not settled now is settled later.
        with suppress(OperationalError, *CROSSED):
            if first is not None:
                with connections["run"].cursor() as cursor:
                    cursor.execute("set lock_timeout = '200ms'")
                ship_usage(first, ClickHouseEvents(quiet), most=100)
        connections.close_all()

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
    atexit.register(made.session.close)
    made.tell("create database kesto")
    made.tell("use kesto")
    for statement in statements():
        made.tell(statement)
    return made
