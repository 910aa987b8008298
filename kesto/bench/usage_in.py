"""Rows b and b2: usage over HTTP beside a bare COPY of the same bodies, and an INSERT an event."""

from collections.abc import Callable
from itertools import count
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from kesto.bench import usage_bare
from kesto.bench.callers import Called, call, request
from kesto.bench.crew import Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import FIRST, Ground
from kesto.bench.rounds import Round, interleaved, median_of
from kesto.bench.usage_town import NOW, keys_of, open_usage_town, sent_events
from kesto.flows.open_rollups import open_rollups
from kesto.store.session import forget_connections
from kesto.verify import verify

ROUNDS = 3
BATCH = 100
CONNECTIONS = {BATCH: 32, 1: 64}
KEYS = 8
NAIVE = 2_000
"""So many events are enough to tell how long an INSERT and a commit each take."""

PRODUCT, BARE = "product", "bare"


class Door:
    """A town on a ground, the bodies that its systems send, and who answers them."""

    def __init__(self, ground: Ground, size: int, batch: int) -> None:
        self.ground = ground
        self.size = size
        self.batch = batch
        self.calls: dict[float, Called] = {}
        self.rounds = count()
        ground.boot(FIRST)
        self.merchant_id: UUID = open_usage_town()
        open_rollups(self.merchant_id, NOW)
        self.keys = keys_of(self.merchant_id, KEYS)
        forget_connections()

    @property
    def first(self) -> int:
        """How many events are sent before the clock runs: a request over each connection."""
        return CONNECTIONS[self.batch] * self.batch

    def send(self) -> Worked:
        """All events over HTTP, on a fresh copy; they must be there afterwards."""
        with self.ground.copied(FIRST, PRODUCT) as database:
            worked = self._call(database, "front")
            self._count(database, "usage_event", self.size + self.first)
        return worked

    def rehearse(self) -> None:
        """Send once without a clock, and prove the result."""
        with self.ground.copied(FIRST, PRODUCT) as database:
            self._call(database, "front")
            self._count(database, "usage_event", self.size + self.first)
            self.ground.boot(database)
            findings = verify(self.merchant_id)
            forget_connections()
        if findings:
            raise AssertionError(f"{len(findings)} findings, such as {findings[0]}")

    def copy(self) -> Worked:
        """The same bodies by binary COPY into a table without any index, without HTTP."""
        return self._bare(usage_bare.copy)

    def premade(self) -> Worked:
        """The same rows by COPY, as bytes that were made before."""
        return self._bare(usage_bare.premade)

    def insert(self) -> Worked:
        """The same bodies by an INSERT and a commit each on one connection, without HTTP."""
        return self._bare(usage_bare.insert, usage_bare.KEY)

    def insert_some(self) -> Worked:
        """The same of a few of them, and what all would take."""
        few = min(self.size, NAIVE)
        worked = self._bare(usage_bare.insert, usage_bare.KEY, few)
        return Worked(worked.seconds * self.size / few, ())

    def insert_over_http(self) -> Worked:
        """The same requests by the same front, to a function with an INSERT and a commit."""
        with self.ground.copied(FIRST, BARE) as database:
            with self.ground.connected(database) as connection:
                for words in (usage_bare.MAKE, usage_bare.KEY):
                    connection.execute(words.encode())
                connection.execute(f"grant insert on {usage_bare.TABLE} to kesto_app".encode())
            worked = self._call(database, "inserting")
            self._count(database, usage_bare.TABLE, self.size + self.first)
        return worked

    def _call(self, database: str, front: str) -> Worked:
        connections = CONNECTIONS[self.batch]
        first, requests = self._requests(self.first), self._requests(self.size)
        with self.ground.serve(database, front) as port:
            call(port, first, connections)
            called = call(port, requests, connections)
        if set(called.statuses) != {200}:
            raise AssertionError(f"all were to be answered 200: {called.statuses}")
        self.calls[called.seconds] = called
        return Worked(called.seconds, ())

    def _bare(
        self,
        do: Callable[[psycopg.Connection, list[bytes]], Worked],
        more: str = "",
        size: int | None = None,
    ) -> Worked:
        size = self.size if size is None else size
        bodies = self._bodies(size)
        with self.ground.copied("template0", BARE) as database:
            login = make_conninfo(self.ground.superuser, dbname=database)
            with psycopg.connect(login) as connection:
                connection.execute(usage_bare.MAKE.encode())
                if more:
                    connection.execute(more.encode())
                connection.commit()
                worked = do(connection, bodies)
            self._count(database, usage_bare.TABLE, size)
        return worked

    def _requests(self, size: int) -> list[bytes]:
        return [
            request("POST", "/v1/events", self.keys[number % KEYS], body)
            for number, body in enumerate(self._bodies(size))
        ]

    def _bodies(self, size: int) -> list[bytes]:
        events = [*sent_events(size, f"r{next(self.rounds)}")]
        parts = [events[at : at + self.batch] for at in range(0, size, self.batch)]
        return [msgspec.json.encode(part if self.batch > 1 else part[0]) for part in parts]

    def _count(self, database: str, table: str, wanted: int) -> None:
        with self.ground.connected(database) as connection:
            query = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
            row = connection.execute(query).fetchone()
        if row != (wanted,):
            raise AssertionError(f"{wanted} events were to be there: {row}")


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Row b: batches of a hundred; b_naive: the same beside an INSERT an event."""
    door = Door(ground, size, BATCH)
    tell("rehearsing, and proving what was taken in")
    door.rehearse()
    tell("sending batches between two bare copies")
    rounds = interleaved(door.send, door.copy, ROUNDS, steady_spread())
    tell("copying what was made before")
    measured = _measured("b", door, size, rounds)
    measured.samples[0]["premade_rows_per_second"] = short(size / door.premade().seconds)
    tell("sending batches between two runs of an INSERT an event")
    beside_inserts = interleaved(door.send, door.insert_some, ROUNDS, steady_spread())
    return [measured, _measured("b_naive", door, size, beside_inserts)]


def measure_single(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Row b2: one event a request."""
    door = Door(ground, size, 1)
    tell("rehearsing, and proving what was taken in")
    door.rehearse()
    tell("sending single events between two runs of an INSERT each")
    rounds = interleaved(door.send, door.insert, ROUNDS, steady_spread())
    tell("asking the same front for an INSERT and a commit a request")
    measured = _measured("b2", door, size, rounds)
    by_front = size / door.insert_over_http().seconds
    measured.samples[0]["inserts_per_second_by_the_same_front"] = short(by_front)
    return [measured]


def _measured(row: str, door: Door, size: int, rounds: list[Round]) -> Measured:
    samples: list[dict[str, object]] = [
        {
            "ratio": short(one.ratio),
            "events_per_second": short(size / one.product.seconds),
            "baseline_spread": short(one.spread),
            "p50_seconds": short(door.calls[one.product.seconds].percentile(0.5)),
            "p99_seconds": short(door.calls[one.product.seconds].percentile(0.99)),
            "baseline": [one.before, one.after],
        }
        for one in rounds
    ]
    return Measured(
        *(row, "events/s", median_of(rounds, lambda one: size / one.product.seconds)),
        median_of(rounds, lambda one: size / one.baseline_seconds),
        median_of(rounds, lambda one: one.ratio),
        samples,
    )
