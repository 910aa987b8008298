"""Keeps one home's database running for as long as anyone uses it.

Everyone who uses a home holds its `users` lock together; one of them also holds its `server`
lock and looks after the server: starts it, or takes over the one that it finds running, starts it
again when it falls, and lays the ballast. When that one leaves, the next takes over; the last
one stops the server. The kernel lets go of the locks of whoever dies.
"""

import logging
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from kesto.core.refusals import NotAllowed, Refused
from kesto.ops import cluster, database, disk, logs, postgres, processes
from kesto.ops import home as homes
from kesto.ops.home import Home
from kesto.ops.locks import FileLock
from kesto.ops.postgres import Running

READY_SECONDS = 300.0  # recovery after a crash may take minutes
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 3.0
LOOK_SECONDS = 0.2
TEND_SECONDS = 10.0
PATIENCE = 5  # failures of a kind that does not pass by itself

PASSING = ("lock file", "shared memory", "No space left")

log = logging.getLogger("kesto.supervisor")

# A server that is left to others stays this program's child; forgetting it would warn.
_left_to_others: list[subprocess.Popen[bytes]] = []


def prepare(place: Home) -> None:
    """Make the folders of a home; refuse one that cannot be used."""
    if database.external_url():
        homes.prepare(place)
    else:
        cluster.prepare(place)


@contextmanager
def running(place: Home) -> Iterator[None]:
    """Have the database running: the one that is, or our own for as long as it is needed."""
    url = database.external_url()
    prepare(place)
    if url:
        database.prepare_external(place, url)
        yield
        return
    supervisor = Supervisor(place)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


class Supervisor:
    """One user of a home's database, ready to look after the server."""

    def __init__(self, place: Home) -> None:
        self.home = place
        self._users = FileLock(place.run / "users.lock")
        self._server = FileLock(place.run / "server.lock")
        self._child: subprocess.Popen[bytes] | None = None
        self._running: Running | None = None
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="supervisor", daemon=True)

    def start(self, seconds: float = READY_SECONDS) -> None:
        """Return as soon as the database answers, whoever started it."""
        cluster.prepare(self.home)
        self._users.acquire(shared=True)
        try:
            self._wait_ready(time.monotonic() + seconds)
        except BaseException:
            self._leave()
            raise
        self._thread.start()

    def stop(self) -> None:
        """Leave; the last one to leave stops the server."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join()
        self._leave()

    def _wait_ready(self, deadline: float) -> None:
        while not self._server.acquire(wait=False):
            if database.answers(self.home):
                return
            if time.monotonic() > deadline:
                raise NotAllowed(
                    f"Another program starts the database of {self.home.path} and is not done:"
                    " look at `kesto doctor`",
                    code="database_not_ready",
                )
            self._leaving.wait(LOOK_SECONDS)
        self._bring_up(deadline, PATIENCE)

    def _look_after(self) -> None:
        pause, tended = FIRST_PAUSE_SECONDS, 0.0
        while not self._leaving.wait(LOOK_SECONDS):
            if not self._server.is_held and not self._server.acquire(wait=False):
                continue
            try:
                if not self._is_up():
                    self._bring_up(time.monotonic() + READY_SECONDS, patience=None)
                if time.monotonic() > tended + TEND_SECONDS:
                    disk.keep_ballast(self.home)
                    logs.trim(self.home.logs)
                    tended = time.monotonic()
                pause = FIRST_PAUSE_SECONDS
            except (Refused, OSError, psycopg.Error) as trouble:
                log.warning("the database does not start: %s", trouble)
                self._leaving.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _is_up(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self._running is not None and processes.is_alive(self._running.process)

    def _bring_up(self, deadline: float, patience: int | None) -> None:
        """Start the server, or take over the one that runs; return when it answers.

        Failures that pass by themselves (a crashed server not yet gone, a full disk) are retried
        until the deadline; others `patience` times, or as often when there is no limit.
        """
        installation = cluster.install(self.home)
        self._running, pause, failures = postgres.alive(self.home), FIRST_PAUSE_SECONDS, 0
        while True:
            if disk.is_low(self.home) and disk.drop_ballast(self.home):
                log.warning("the disk is full: the ballast was given to the database")
            log_size = logs.size(postgres.log_path(self.home))
            if self._running is None:
                self._spawn(installation)
            if self._wait_answer(deadline):
                return
            reason = postgres.last_trouble(self.home, log_size)
            if self._leaving.is_set() or time.monotonic() > deadline:
                raise NotAllowed(f"The database is not ready: {reason}", code="database_not_ready")
            self._child = self._running = None
            failures += not any(words in reason for words in PASSING)
            if patience is not None and failures >= patience:
                raise NotAllowed(f"The database does not start: {reason}", code="database_failed")
            self._leaving.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _spawn(self, installation: cluster.Installation) -> None:
        postgres.clear_remains(self.home)
        self._child, socket = postgres.start(installation)
        record = processes.record(self._child.pid)
        if record is not None:
            self._running = Running(record, socket)
            postgres.remember(self.home, self._running)

    def _wait_answer(self, deadline: float) -> bool:
        while self._is_up() and self._running is not None and time.monotonic() < deadline:
            try:
                self._open(self._running)
            except psycopg.OperationalError as trouble:
                _refuse_wrong_secret(self.home, trouble)
                self._leaving.wait(FIRST_PAUSE_SECONDS)
                if self._leaving.is_set():
                    return False
            else:
                return True
        return False

    def _open(self, running: Running) -> None:
        where = database.embedded_address(running.socket)
        with database.as_superuser(self.home, where) as connection:
            database.make_roles(self.home, connection)
            database.create(connection, database.DATABASE)
        database.publish(self.home, where)

    def _leave(self) -> None:
        with _leaving_alone(self.home):
            self._users.release()
            if self._server.is_held or self._server.acquire(wait=False):
                if _stop_unused(self.home, self._users) and self._child is not None:
                    self._child.wait()
                    self._child = None
                self._server.release()
        if self._child is not None:
            _left_to_others.append(self._child)
            self._child = None


def stop_left_behind(place: Home) -> bool:
    """Stop a server whose users have all died; tell whether there was one."""
    if not place.run.is_dir():
        return False
    server = FileLock(place.run / "server.lock")
    with _leaving_alone(place):
        if not server.acquire(wait=False):
            return False
        is_stopped = _stop_unused(place, FileLock(place.run / "users.lock"))
        server.release()
    return is_stopped


def _refuse_wrong_secret(place: Home, trouble: psycopg.OperationalError) -> None:
    # Waiting does not mend this one: data and secrets are of different homes.
    if "password authentication failed" in str(trouble):
        raise NotAllowed(
            f"The secrets in {place.secrets} are not those of the database in {place.data}:"
            " bring back the folder that belongs to it",
            code="secrets_do_not_fit",
        ) from trouble


@contextmanager
def _leaving_alone(place: Home) -> Iterator[None]:
    # One at a time: of two that leave together each would leave the server to the other.
    lock = FileLock(place.run / "leave.lock")
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _stop_unused(place: Home, users: FileLock) -> bool:
    """Stop the server if nobody uses it; only for the holder of its lock."""
    if not users.acquire(wait=False):
        return False
    running = postgres.alive(place)
    if running is not None:
        postgres.stop(running.process)
        postgres.remove_socket_folder(running)
    database.withdraw(place)
    users.release()
    return running is not None
