"""A server that plays ClickHouse: its table is a file that outlives every process.

It knows the few queries of shipping, moving, keeping months and counting, as they are written, and
keeps what was inserted as soon as it has it. Two inserts with one token are one, as a real server's
are, until it `forgets`: a real one does so after a while, and then asking is all that helps.
"""

import re
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from kesto.store.usage.clickhouse_server import Server

TOKEN = re.compile(r"insert_deduplication_token = '(\w+)'")
LINES = re.compile(r"\(select \w+ from format\(TSV, '\w+ \w+', '([^']*)'\)\)")
PARTITION = re.compile(r"detach partition (\d{4})(\d\d)")


class Sum:
    """A sum that is exact, as ClickHouse's of decimals is."""

    def __init__(self) -> None:
        self.found = Decimal(0)

    def step(self, number: object, /) -> None:
        """Add one."""
        self.found += Decimal(str(number))

    def finalize(self) -> Any:
        """The sum."""
        return str(self.found)


class Warehouse(Server):
    """The server; whoever opens the same file is at the same one."""

    def __init__(self, path: Path, *, forgets: bool = False) -> None:
        self.forgets = forgets
        self.table = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.table.execute(
            "create table if not exists usage_event (merchant_id, subscription_id, meter_id, at,"
            " key, number, problem, ingest_no)"
        )
        self.table.execute("create table if not exists token (token unique)")
        self.table.create_aggregate("sum", 1, Sum)
        self.table.create_function("toUUID", 1, lambda text: text)
        self.table.create_function("toDateTime64", 3, lambda text, _digits, _zone: text)
        self.table.create_function("toStartOfMonth", 1, lambda text: f"{text[:7]}-01")

    def ask(self, query: str) -> bytes:
        """The rows of a query, each a JSON array on a line of its own."""
        if "system.tables" in query:
            return b'["MergeTree"]\n'
        text = LINES.sub(_listed, query.partition(" settings ")[0])
        rows = self.table.execute(text.replace("count()", "count(*)")).fetchall()
        return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)

    def tell(self, statement: str, rows: bytes = b"") -> None:
        """Insert rows as one block, or take a month away."""
        token, month = TOKEN.search(statement), PARTITION.search(statement)
        if month is not None:
            first = f"{month[1]}-{month[2]}"
            self.table.execute("delete from usage_event where substr(at, 1, 7) = ?", [first])
            return
        assert token is not None, statement
        self.table.execute("begin immediate")
        known = self.table.execute("select 1 from token where token = ?", [token[1]]).fetchone()
        if known is None:
            self._insert([msgspec.json.decode(line) for line in rows.splitlines()])
            if not self.forgets:
                self.table.execute("insert into token values (?)", [token[1]])
        self.table.execute("commit")

    def close(self) -> None:
        """Leave it: what is there stays for whoever opens the file next."""
        self.table.close()

    def keys(self) -> list[str]:
        """The key of every event that is there, as often as it is."""
        return [row[0] for row in self.table.execute("select key from usage_event order by key")]

    def _insert(self, rows: list[dict[str, object]]) -> None:
        names = ("merchant_id", "subscription_id", "meter_id")
        values = [
            (
                *(row[name] for name in names),
                f"{datetime.fromisoformat(str(row['at'])).astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}",
                *(row[name] for name in ("key", "number", "problem", "ingest_no")),
            )
            for row in rows
        ]
        self.table.executemany("insert into usage_event values (?, ?, ?, ?, ?, ?, ?, ?)", values)


def _listed(found: re.Match[str]) -> str:
    """Lines of a table that a query brings along, as a list."""
    lines = found[1].split("\\n")[:-1]
    return "(" + ", ".join(one if one.isdigit() else f"'{one}'" for one in lines) + ")"
