"""Rows b and b2: usage over HTTP beside the bare COPY of its rows, and an INSERT an event."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from kesto.bench import crew
from kesto.bench.callers import Called, call, request
from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import FIRST, Ground
from kesto.bench.rounds import interleaved, median_of
from kesto.bench.usage_town import keys_of, open_usage_town, sent_events
from kesto.store.session import forget_connections
from kesto.verify import verify

ROUNDS = 3
BATCH = 100
CONNECTIONS = {BATCH: 8, 1: 64}
KEYS = 8
PRODUCT, BARE = "product", "bare"
TABLE = "usage_event"


class Share(Struct, frozen=True):
    """What one process writes: a login, and the file or the rows."""

    login: str
    path: Path


class Door:
    """A town on a ground, the requests of its systems, and the rows that they make."""

    def __init__(self, ground: Ground, size: int, batch: int) -> None:
        self.ground = ground
        self.size = size
        self.batch = batch
        self.calls: list[Called] = []
        self.rounds = count()
        ground.boot(FIRST)
        self.merchant_id: UUID = open_usage_town()
        self.keys = keys_of(self.merchant_id, KEYS)
        forget_connections()
        self.files = [ground.folder / f"rows-{n}" for n in range(crew.PROCESSES)]

    def send(self) -> Worked:
        """All events over HTTP, on a fresh copy; they must be there afterwards."""
        requests = [*self._requests(f"r{next(self.rounds)}")]
        with self.ground.copied(FIRST, PRODUCT) as database:
            with self.ground.serve(database, "front") as port:
                called = call(port, requests, CONNECTIONS[self.batch])
            self._prove(database, called)
        self.calls.append(called)
        return Worked(called.seconds, ())

    def rehearse(self) -> None:
        """Send once without a clock: prove the result, and keep its rows for the baseline."""
        with self.ground.copied(FIRST, PRODUCT) as database:
            with self.ground.serve(database, "front") as port:
                called = call(port, [*self._requests("rehearsal")], CONNECTIONS[self.batch])
            self._prove(database, called)
            self.ground.boot(database)
            findings = verify(self.merchant_id)
            forget_connections()
            self._take_out(database)
        if findings:
            raise AssertionError(f"{len(findings)} findings, such as {findings[0]}")

    def copy(self) -> Worked:
        """The same rows by binary COPY into a table without any index."""
        return self._by_crew(_copy, "")

    def insert(self) -> Worked:
        """The same rows by an INSERT and a commit each, into a table with its primary key."""
        return self._by_crew(_insert, "alter table usage_event add primary key (merchant_id, key)")

    def _by_crew(self, do: Callable[[Share], None], more: str) -> Worked:
        with self.ground.copied("template0", BARE) as database:
            login = make_conninfo(self.ground.superuser, dbname=database)
            with self.ground.connected(database) as connection:
                connection.execute(self.bare.encode())
                if more:
                    connection.execute(more.encode())
            shares = [Share(login, path) for path in self.files]
            worked = crew.work(partial(_connect, login), do, lambda: shares)
            self._count(database)
        return worked

    def _requests(self, name: str) -> Iterator[bytes]:
        events = [*sent_events(self.size, name)]
        for place in range(0, self.size, self.batch):
            part = events[place : place + self.batch]
            body = msgspec.json.encode(part if self.batch > 1 else part[0])
            key = self.keys[place // self.batch % KEYS]
            yield request("POST", "/v1/events", key, body)

    def _prove(self, database: str, called: Called) -> None:
        if set(called.statuses) != {200}:
            raise AssertionError(f"all were to be answered 200: {called.statuses}")
        self._count(database)

    def _count(self, database: str) -> None:
        with self.ground.connected(database) as connection:
            row = connection.execute("select count(*) from usage_event").fetchone()
        if row != (self.size,):
            raise AssertionError(f"{self.size} events were to be there: {row}")

    def _take_out(self, database: str) -> None:
        with self.ground.connected(database) as connection:
            self.bare = _bare(connection)
            for number, path in enumerate(self.files):
                query = sql.SQL(
                    "copy (select * from usage_event where abs(hashtext(key::text)) % {} = {})"
                    " to stdout (format binary)"
                ).format(len(self.files), number)
                with connection.cursor().copy(query) as rows:
                    path.write_bytes(b"".join(rows))


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Row b: batches of a hundred."""
    door = Door(ground, size, BATCH)
    tell("rehearsing, and proving what was taken in")
    door.rehearse()
    tell("sending batches between two bare copies")
    return [_measured("b", door, door.copy)]


def measure_single(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Row b2: one event a request."""
    door = Door(ground, size, 1)
    tell("rehearsing, and proving what was taken in")
    door.rehearse()
    tell("sending single events between two runs of an INSERT each")
    return [_measured("b2", door, door.insert)]


def _measured(row: str, door: Door, baseline: Callable[[], Worked]) -> Measured:
    rounds = interleaved(door.send, baseline, ROUNDS, steady_spread())
    calls = {one.seconds: one for one in door.calls}
    samples: list[dict[str, object]] = [
        {
            "ratio": short(one.ratio),
            "events_per_second": short(door.size / one.product.seconds),
            "baseline_spread": short(one.spread),
            "p50_seconds": short(calls[one.product.seconds].percentile(0.5)),
            "p99_seconds": short(calls[one.product.seconds].percentile(0.99)),
            "baseline": [one.before, one.after],
        }
        for one in rounds
    ]
    return Measured(
        *(row, "events/s", median_of(rounds, lambda one: door.size / one.product.seconds)),
        median_of(rounds, lambda one: door.size / one.baseline_seconds),
        median_of(rounds, lambda one: one.ratio),
        samples,
    )


def _bare(connection: psycopg.Connection) -> str:
    """The statement that makes the table with its columns and nothing else."""
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        [TABLE],
    ).fetchall()
    columns = ", ".join(f'"{name}" {kind}' for name, kind in rows)
    return f"create table {TABLE} ({columns})"


_connections: dict[str, psycopg.Connection] = {}


def _connect(login: str) -> None:
    _connections[login] = psycopg.connect(login, autocommit=True)


def _copy(share: Share) -> None:
    query = "copy usage_event from stdin (format binary)"
    with _connections[share.login].cursor().copy(query) as rows:
        rows.write(share.path.read_bytes())


def _insert(share: Share) -> None:
    connection = _connections[share.login]
    for row in _rows(connection, share.path):
        connection.execute(
            f"insert into usage_event values ({', '.join(['%s'] * len(row))})".encode(),  # noqa: S608 - placeholders only
            row,
            prepare=True,
        )


def _rows(connection: psycopg.Connection, path: Path) -> Sequence[tuple[object, ...]]:
    """The rows of a file; what reading them takes is small beside a commit each."""
    with connection.cursor() as cursor:
        cursor.execute("create temporary table read (like usage_event)")
        with cursor.copy("copy read from stdin (format binary)") as rows:
            rows.write(path.read_bytes())
        cursor.execute("select * from read")
        found = cursor.fetchall()
    return [tuple(Jsonb(one) if isinstance(one, dict) else one for one in row) for row in found]
