"""Row a3: the statements of a billing run, its commits, its bytes of WAL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from msgspec import Struct

from kesto.bench import raw_copy
from kesto.bench.billing import Town
from kesto.bench.figure import Measured
from kesto.bench.ground import FIRST, Ground
from kesto.bench.subscribers import NOW, THROUGH
from kesto.flows import bill
from kesto.store.session import forget_connections


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """The statements, commits and WAL of a run by one process, beside the WAL of the bare COPY.

    The server writes no full-page images meanwhile: how many it writes hangs on when it made its
    last checkpoint, not on the run. Nor does it tidy up by itself: its commits would be counted.
    """
    with ground.connected("postgres") as connection:
        connection.execute("alter system set full_page_writes = off")
        connection.execute("alter system set autovacuum = off")
        connection.execute("select pg_reload_conf()")
    tell(f"making {size:,} subscribers")
    town = Town(ground, size)
    tell("rehearsing, and proving every invoice")
    town.rehearse()
    tell("counting the work of a run")
    with ground.copied(FIRST, "counted") as database:
        done = _run(ground, town, database)
        town.compare(database)
    tell("counting the work of the bare copy")
    with ground.copied("template0", "bare") as database, ground.connected(database) as connection:
        for statement in town.bare_tables:
            connection.execute(statement.encode())
        before = _written(connection)
        raw_copy.copy_chunks(connection, sorted(town.files.iterdir()))
        bare = _written(connection) - before
        town.compare(database)
    samples: list[dict[str, object]] = [{"product": done, "bare_wal_bytes": bare}]
    statements = 1_000 * done.statements / size
    commits = 10_000 * done.commits / size
    wal, raw = done.wal_bytes / size, bare / size
    return [
        Measured("a3", "bytes of WAL an invoice", wal, raw, wal / raw, samples),
        Measured("a3_statements", "statements", statements, 1, statements, samples),
        Measured("a3_commits", "commits", commits, 1, commits, samples),
    ]


class _Done(Struct, frozen=True):
    """What a run asked of the database."""

    statements: int
    commits: int
    wal_bytes: int


def _run(ground: Ground, town: Town, database: str) -> _Done:
    ground.boot(database)
    with ground.connected("postgres") as connection:  # so that looking on counts as nothing
        before, commits = _written(connection), _commits(connection, database)
        with _counting() as count:
            made = bill.bill(town.merchant_id, THROUGH, NOW)
        forget_connections()
        wal_bytes = _written(connection) - before
        commits = _commits(connection, database) - commits
    if made != town.size:
        raise AssertionError(f"{town.size} invoices were to be made: {made}")
    return _Done(count[0], commits, wal_bytes)


@contextmanager
def _counting() -> Iterator[list[int]]:
    """Count the statements that this process sends."""
    count = [0]
    cursor: Any = psycopg.Cursor
    execute, copy = cursor.execute, cursor.copy

    def counted_execute(self: Any, *values: Any, **options: Any) -> Any:
        count[0] += 1
        return execute(self, *values, **options)

    def counted_copy(self: Any, *values: Any, **options: Any) -> Any:
        count[0] += 1
        return copy(self, *values, **options)

    cursor.execute, cursor.copy = counted_execute, counted_copy
    try:
        yield count
    finally:
        cursor.execute, cursor.copy = execute, copy


def _written(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
    ).fetchone()
    return int(row[0]) if row else 0


def _commits(connection: psycopg.Connection, database: str) -> int:
    """How many transactions were committed in a database, those that only read among them."""
    connection.execute("select pg_stat_force_next_flush()")
    connection.execute("select pg_stat_clear_snapshot()")
    row = connection.execute(
        "select xact_commit from pg_stat_database where datname = %s", [database]
    ).fetchone()
    return int(row[0]) if row else 0
