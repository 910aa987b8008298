"""A home of its own in which processes and the database are killed, and how to watch it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

import psutil
import psycopg
from django.conf import settings

from kesto.ops import boot, database, postgres, processes
from kesto.ops.home import ROLES, Home
from tests.faults.actor import ROOT

PATIENCE_SECONDS = 300.0  # until a test gives up on what never comes
LOOK_SECONDS = 0.005
LOST = (psycopg.OperationalError, psycopg.InterfaceError)


class Watch:
    """Looks at one merchant's runs from outside, and stands it when the database is killed."""

    def __init__(self, place: Home, merchant_id: UUID) -> None:
        self.home = place
        self.merchant_id = merchant_id
        self._connection: psycopg.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def chunks_done(self) -> int:
        """How many chunks are committed; -1 while the database is away."""
        query = "select count(*) from billing_chunk where is_done and merchant_id = %s"
        return self._ask(query, self.merchant_id)

    def workers_waiting(self) -> int:
        """How many connections of workers wait for a lock; -1 while the database is away."""
        return self._ask(
            "select count(*) from pg_stat_activity"
            " where usename = 'kesto_run' and wait_event_type = 'Lock'"
        )

    @contextlib.contextmanager
    def counters_held(self) -> Iterator[None]:
        """Keep every worker before its numbers, with its chunk written and not committed."""
        with (
            contextlib.suppress(*LOST),  # when the database is killed meanwhile
            contextlib.closing(self._connected()) as connection,
            connection.transaction(),
        ):
            connection.execute(
                "select from number_series where merchant_id = %s for update", [self.merchant_id]
            )
            yield

    def _ask(self, query: str, *parameters: object) -> int:
        for _ in range(2):  # the connection may be one to a server that was killed
            try:
                self._connection = self._connection or self._connected()
                row = self._connection.execute(query.encode(), parameters or None).fetchone()
            except LOST:
                self._leave()
            else:
                return int(row[0]) if row else -1
        return -1

    def _connected(self) -> psycopg.Connection:
        words = database.address(self.home).words
        login = {**words, "user": "postgres", "password": self.home.secret("postgres")}
        return database.connect(login)

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class BillCommand:
    """A running `kesto bill` with its workers."""

    def __init__(self, place: Home, code: str, workers: int, chunk: int, through: str = "") -> None:
        words = ["--workers", str(workers), "--chunk", str(chunk), "--merchant", code, "--json"]
        words += ["--through", through] if through else []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kesto.ops.cli", "bill", *words],
            cwd=ROOT,
            env={**os.environ, "KESTO_HOME": str(place.path)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self.workers() if self.is_running else []:
            worker.kill()
        self.kill()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def workers(self) -> list[psutil.Process]:
        """Its worker processes that live."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return [
                child for child in psutil.Process(self.process.pid).children() if is_worker(child)
            ]
        return []

    def wait_done(self) -> dict[str, int]:
        """Wait for its end, which must be a good one; answers what it printed."""
        answer, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0
        printed: dict[str, int] = json.loads(answer)
        return printed

    def kill(self) -> None:
        """Kill it, not its workers, which hold the other end of what it printed to."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def temporary_site() -> Iterator[Home]:
    """A home whose database this process looks after, its tables made, and Django set up on it."""
    folder = Path(tempfile.mkdtemp(prefix="kesto-kills-")).resolve()
    place = Home(folder)
    try:
        with boot.running(place):
            boot.migrate(place)
            with booted_at(place):
                yield place
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def booted_at(place: Home) -> Iterator[None]:
    """Let this process work in another home for a while, and then where it worked before."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kesto.ops.settings")
    before = settings.DATABASES
    boot.boot(place, ROLES)
    try:
        yield
    finally:
        boot._replace_connections(before)


def is_worker(process: psutil.Process) -> bool:
    """Whether it was spawned to work; the tracker of Python's own is not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return any("spawn_main" in word for word in process.cmdline())
    return False


def kill_database(place: Home) -> float:
    """Kill the postmaster and all its children; answers after how long a new one was ready."""
    old = postgres.alive(place)
    assert old is not None
    for victim in (old.process.pid, *processes.working_in(place.data)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    killed_at = time.monotonic()

    def is_back() -> bool:
        new = postgres.alive(place)
        return new is not None and new.process != old.process and database.answers(place)

    assert comes_true(is_back), "the database did not come back"
    return time.monotonic() - killed_at


def moves_on(command: BillCommand, watch: Watch) -> bool:
    """Wait for the next chunk to be done; False when the command ends first."""
    before = watch.chunks_done()
    assert comes_true(lambda: watch.chunks_done() > max(before, 0) or not command.is_running)
    return command.is_running


def comes_true(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(LOOK_SECONDS)
    return False
