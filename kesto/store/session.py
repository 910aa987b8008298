"""A merchant's transaction: the only way to its rows.

`reading` opens a read-only transaction for anyone; `writing` begins and ends a flow's transaction
and is called by flows alone. Both set the merchant that row-level security lets through. The
role says whose rights are used: `app` (row-level security), `run` (billing runs: COPY), `audit`
(reads everything).
"""

import os
import select
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec
import psycopg
from django.db import IntegrityError, InterfaceError, OperationalError, connections, transaction
from psycopg import errors, sql
from psycopg.pq import PipelineStatus

from kesto.core.refusals import EventsAway
from kesto.store import inserting

Role = Literal["app", "run", "audit"]
Asked = TypeVar("Asked")


LOST = (
    *(psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError),
    EventsAway,
)
"""What is raised where the database went away: never the fault of what was being done."""

CROSSED = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
"""What is raised where others stood in the way: nothing was done, and may be done again."""

PASSING = (*LOST, *CROSSED)


def was_crossed(trouble: BaseException) -> bool:
    """Tell whether others stood in the way, also where only the commit said so."""
    return isinstance(trouble, CROSSED) or isinstance(trouble.__cause__, CROSSED)


THERE = (errors.UniqueViolation, IntegrityError)
"""What is raised where a row with the same key was there already, and others of their kind."""


def was_there(trouble: BaseException) -> bool:
    """Tell whether a row with the same key was there, also where only the commit said so."""
    return isinstance(trouble, errors.UniqueViolation) or isinstance(
        trouble.__cause__, errors.UniqueViolation
    )


LOOK = (
    "select set_config('transaction_read_only', 'on', true),"
    " set_config('app.merchant', %(merchant)s, true)"
)

ALIASES: Mapping[Role, str] = {"app": "default", "run": "run", "audit": "audit"}


class Session:
    """An open transaction of one merchant."""

    def __init__(
        self,
        merchant_id: UUID,
        connection: psycopg.Connection[Any],
        role: Role = "run",
        until_committed: ExitStack | None = None,
    ) -> None:
        self.merchant_id = merchant_id
        self.connection = connection
        self.role = role
        self._until_committed = until_committed

    def wait_no_more(self) -> None:
        """Send what follows as it comes, up to the commit, which tells of whatever was refused.

        Asking for rows waits for them all the same; how many rows a statement touched is not told.
        """
        if self._until_committed is not None:
            self._until_committed.enter_context(self.connection.pipeline())

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """All rows of a query; `%s` stands for a parameter, as everywhere below."""
        cursor = psycopg.Cursor(self.connection)
        return cursor.execute(query.encode(), parameters, binary=True).fetchall()

    def named(self, query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """All rows of a query whose parameters stand in it by name: `%(today)s`."""
        cursor = psycopg.Cursor(self.connection)
        return cursor.execute(query.encode(), parameters, binary=True).fetchall()

    def row(self, query: str, *parameters: object) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        cursor = psycopg.Cursor(self.connection)
        return cursor.execute(query.encode(), parameters, binary=True).fetchone()

    def prepared(self, query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """All rows of a query that is asked all day: each connection keeps its plan.

        Its parameters stand in it by name.
        """
        return self.asked(query, parameters).fetchall()

    def asked(self, query: str, parameters: Mapping[str, object]) -> psycopg.Cursor[Any]:
        """Send a query whose plan is kept; in a pipeline nothing is waited for yet."""
        before, self.connection.prepare_threshold = self.connection.prepare_threshold, 0
        try:
            cursor = psycopg.Cursor(self.connection)
            return cursor.execute(query.encode(), parameters, prepare=True, binary=True)
        finally:
            self.connection.prepare_threshold = before

    def execute(self, query: str, *parameters: object) -> int:
        """Run a statement and say how many rows it touched."""
        return psycopg.Cursor(self.connection).execute(query.encode(), parameters).rowcount

    def change(self, query: str, parameters: Mapping[str, object]) -> int:
        """Run a statement whose parameters stand in it by name; says how many rows it touched."""
        return psycopg.Cursor(self.connection).execute(query.encode(), parameters).rowcount

    def add(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows given by column name, in one statement; the merchant is added to each."""
        if not rows:
            return
        columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
        statement = sql.SQL(
            "insert into {table} (merchant_id, {columns})"
            " select {merchant}::uuid, {columns}"
            " from json_populate_recordset(null::{table}, {rows})"
        ).format(
            table=sql.Identifier(table),
            columns=columns,
            merchant=sql.Literal(str(self.merchant_id)),
            rows=sql.Placeholder(),
        )
        body = msgspec.json.encode(rows)
        psycopg.Cursor(self.connection).execute(statement, [body.decode()])

    def copy(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Bring in rows that are encoded for binary COPY already (see `copying`)."""
        if self.role == "app":  # whom row-level security keeps from COPY
            inserting.insert(self.connection, table, columns, rows)
            return
        statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with psycopg.Cursor(self.connection).copy(statement) as copy:
            copy.write(rows)


def hexed(value: bytes) -> str:
    """Bytes as `Session.add` wants them for a bytea column."""
    return "\\x" + value.hex()


@contextmanager
def reading(merchant_id: UUID, role: Role = "app") -> Iterator[Session]:
    """A read-only transaction over one merchant's rows; `audit` sees one moment throughout.

    For `app` it is a long look: each statement goes out with what comes before it.
    """
    wrapper = connections[ALIASES[role]]
    if role == "app" and not wrapper.in_atomic_block:
        _renew_what_has_ended(wrapper)
        with glancing(merchant_id) as session:
            yield session
        return
    isolation = "repeatable read" if role == "audit" else "read committed"
    mode = f"set transaction isolation level {isolation}, read only"
    with _transaction(merchant_id, role, mode) as session:
        yield session


@contextmanager
def glancing(merchant_id: UUID) -> Iterator[Session]:
    """The same for a quick look, in one go: nothing is sent ahead of the first query.

    All of it is one transaction that ends by itself; no flow's transaction may be open.
    """
    connection = _raw(ALIASES["app"])
    session = Session(merchant_id, connection, "app")
    # A pipeline within another would end the transaction, so the inner look joins the outer one.
    is_inner = connection.pgconn.pipeline_status != PipelineStatus.OFF
    try:
        with nullcontext() if is_inner else connection.pipeline():
            session.asked(LOOK, {"merchant": str(merchant_id)})
            yield session
    finally:
        if connection.closed:
            connections[ALIASES["app"]].close()


@contextmanager
def writing(merchant_id: UUID, role: Role = "app") -> Iterator[Session]:
    """A flow's transaction: committed when the block ends, rolled back when it raises.

    Inside another flow's it joins: what it did is undone alone when it raises, and is committed
    with the outer one.
    """
    with _transaction(merchant_id, role) as session:
        yield session


@contextmanager
def writing_after(
    merchant_id: UUID, ask: Callable[[Session], Asked]
) -> Iterator[tuple[Session, Asked]]:
    """The same for a flow that begins with questions: they go out with what begins it.

    `ask` only sends them (`Session.asked`); their answers are there when the block begins.
    """
    with _transaction(merchant_id, "app", ask=ask) as session_and_asked:
        yield session_and_asked


@contextmanager
def owning(alias: str = "owner") -> Iterator[psycopg.Connection[Any]]:
    """A transaction of the tables' owner, for what no merchant may do: opening a merchant."""
    with transaction.atomic(using=alias):
        yield _raw(alias)


def asked_before_all(query: str, parameters: Mapping[str, object]) -> tuple[Any, ...] | None:
    """The row of a named function that tells whose a request is, before that is known.

    It is asked with each request, so each connection keeps its plan, and finds out by it whether
    the connection that lay idle is still there: if not, the query is asked again on a new one.
    """
    wrapper: Any = connections[ALIASES["app"]]
    connection = _raw(ALIASES["app"])
    try:
        rows = Session(UUID(int=0), connection, "app").prepared(query, parameters)
    except LOST:
        if not connection.closed or wrapper.in_atomic_block:
            raise
        wrapper.close()
        rows = Session(UUID(int=0), _raw(ALIASES["app"]), "app").prepared(query, parameters)
    wrapper.health_check_done = True
    return rows[0] if rows else None


@contextmanager
def across_merchants() -> Iterator[psycopg.Connection[Any]]:
    """A read-only transaction over all merchants, for the runner and the command line."""
    with transaction.atomic(using=ALIASES["run"]):
        connection = _raw(ALIASES["run"])
        connection.execute("set transaction read only")
        yield connection


def forget_connections() -> None:
    """Close this process's connections, so that the next transaction opens fresh ones."""
    connections.close_all()


def crash_point(name: str) -> None:
    """Die here when `KESTO_CRASH_AT` names this point, as a fault test asked (`name:3`: third)."""
    wanted = os.environ.get("KESTO_CRASH_AT", "")
    if not wanted:
        return
    point, _, count = wanted.partition(":")
    if point == name:
        _hits[name] = _hits.get(name, 0) + 1
        if _hits[name] >= int(count or 1):
            os._exit(86)


_hits: dict[str, int] = {}


@contextmanager
def _transaction(
    merchant_id: UUID, role: Role, mode: str = "", ask: Callable[[Session], Any] | None = None
) -> Iterator[Any]:
    alias = ALIASES[role]
    is_inner = connections[alias].in_atomic_block
    with ExitStack() as until_committed, transaction.atomic(using=alias):
        # A flow within another has to know what was refused before it ends: it waits.
        late = None if is_inner else until_committed
        session = Session(merchant_id, _raw(alias), role, late)
        # All that comes before the first query goes to the database in one go.
        with session.connection.pipeline():
            if mode:
                # The isolation can be chosen only before the first query.
                session.execute(mode)
            session.execute("select set_config('app.merchant', %s, true)", str(merchant_id))
            asked = None if ask is None else ask(session)
        yield session if ask is None else (session, asked)


def _renew_what_has_ended(wrapper: Any) -> None:
    """Close a connection that has ended while it lay idle, so that another one is opened.

    Where its server went away a socket has something to say. One without a word is taken to be
    there: asking over it costs a round trip.
    """
    connection = wrapper.connection
    if connection is not None and not wrapper.health_check_done and _has_word(connection):
        wrapper.close_if_health_check_failed()


def _has_word(connection: psycopg.Connection[Any]) -> bool:
    heard = select.poll()
    heard.register(connection.fileno(), select.POLLIN)
    return bool(heard.poll(0))


def _raw(alias: str) -> psycopg.Connection[Any]:
    wrapper = connections[alias]
    wrapper.ensure_connection()
    connection: psycopg.Connection[Any] = wrapper.connection
    return connection
