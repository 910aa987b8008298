"""Database, web and workers of one home, started and stopped together."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import psycopg

from kesto.core.refusals import Conflict, NotAllowed
from kesto.ops import config, cores, database, processes, shared, supervisor
from kesto.ops.children import Child
from kesto.ops.home import Home, write_private
from kesto.ops.locks import FileLock
from kesto.ops.logs import last_line, open_log, size
from kesto.ops.processes import ProcessRecord
from kesto.ops.shared import Shared
from kesto.store.migration_names import DONE, missing

READY_SECONDS = 300.0
LOOK_SECONDS = 0.1
MOST_FALLS = 4
STOP_SECONDS = 90.0
GONE_SECONDS = 5.0


class Up(msgspec.Struct, frozen=True):
    """A `kesto up` that runs: its process, its address, whether it is ready."""

    process: ProcessRecord
    address: str
    is_ready: bool = False


class NotMigrated(msgspec.Struct, frozen=True):
    """Why the tables could not be brought up to date, as one process tells another."""

    detail: str
    code: str
    field: str = ""


def run(place: Home, stop: threading.Event, when_ready: Callable[[str], None]) -> None:
    """Run everything until asked to stop; then stop the web first and the database last."""
    port, web_processes = config.web_port(), config.web_processes()
    supervisor.prepare(place)
    lock = FileLock(place.run / "up.lock")
    if not lock.acquire(wait=False):
        raise Conflict(
            f"Kesto already runs from {place.path}: stop it with `kesto down`", code="already_up"
        )
    try:
        # The web processes of an `up` that was killed need a moment to go.
        patience = GONE_SECONDS if (place.run / "up.json").exists() else 0.0
        with shared.opened(port, web_processes, patience) as common:
            up = Up(processes.this_process(), f"http://{shared.HOST}:{port}")
            _write(place, up)
            crew = _crew(place, common, web_processes)
            # They make themselves ready while the database starts, and end before it does.
            with _ended(crew), supervisor.running(place), _ended(crew):
                _bring_up_to_date(place)
                _keep_running(place, crew, stop, up, lambda: when_ready(up.address))
    finally:
        (place.run / "up.json").unlink(missing_ok=True)
        lock.release()


def ready(address: str, stop_by: str) -> str:
    """What is said when everything runs."""
    return f"Kesto is ready at {address} (stop: {stop_by})"


def current(place: Home) -> Up | None:
    """The `kesto up` of this home that runs now."""
    try:
        up = msgspec.json.decode((place.run / "up.json").read_bytes(), type=Up)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    return up if processes.is_alive(up.process) else None


def start_detached(place: Home) -> str:
    """Start `kesto up` in the background; return its address when it is ready."""
    supervisor.prepare(place)
    path = place.logs / "up.log"
    since = size(path)
    with open_log(path) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "kesto.ops.keep"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "KESTO_HOME": str(place.path)},
            start_new_session=True,
        )
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        up = current(place)
        if up is not None and up.is_ready and up.process.pid == process.pid:
            process.returncode = 0  # it stays; forgetting it must not warn
            return up.address
        if process.poll() is not None:
            words = last_line(path, "^error: ", since).removeprefix("error: ")
            raise NotAllowed(words or f"Kesto did not start: see {path}", code="not_started")
        time.sleep(LOOK_SECONDS)
    process.terminate()
    raise NotAllowed(
        f"Kesto is not ready after {READY_SECONDS:.0f} s: see {path}", code="not_ready"
    )


class _Crew(msgspec.Struct, frozen=True):
    """The background processes: those of the web, and the others, which end after them."""

    web: list[Child]
    others: list[Child]

    @property
    def first(self) -> list[Child]:
        """Who is waited for: one web process is enough to be ready."""
        return [*self.web[:1], *self.others]

    @property
    def late(self) -> list[Child]:
        """Who comes when the others are ready, so that they need not share the cores with it."""
        return self.web[1:]


def _crew(place: Home, common: Shared, web_processes: int) -> _Crew:
    """The processes, of which the first are started, each held at its gate."""
    (place.run / "worker.beat").unlink(missing_ok=True)
    # People find the pages loaded at one of them; all others load them when they are asked.
    words = (shared.PAGES_LATER,)
    web = [
        Child(
            *(place, "kesto.ops.serve", f"web-{number + 1}", common, words if number else ()),
            kept_to=cores.share(number, web_processes),
        )
        for number in range(web_processes)
    ]
    others = [
        Child(place, "kesto.ops.work", f"worker-{number + 1}") for number in range(config.workers())
    ]
    if place.mailbox.is_dir():
        others.append(Child(place, "kesto.ops.mailbox", "mailbox"))
    crew = _Crew(web, others)
    for child in crew.first:
        child.keep()
    return crew


@contextmanager
def _ended(crew: _Crew) -> Iterator[None]:
    """End the web first, and the others after it."""
    try:
        yield
    finally:
        for group in (crew.web, crew.others):
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait_stopped()


def _keep_running(
    place: Home, crew: _Crew, stop: threading.Event, up: Up, tell: Callable[[], None]
) -> None:
    is_ready = False
    for child in (*crew.first, *crew.late):
        child.let_in()
    while not stop.wait(LOOK_SECONDS):
        for child in (*crew.first, *(crew.late if is_ready else ())):
            child.keep()
            _refuse_falling(child, is_ready=is_ready)
        if not is_ready and _is_ready(up.address):
            is_ready = True
            _write(place, msgspec.structs.replace(up, is_ready=True))
            tell()


def _bring_up_to_date(place: Home) -> None:
    """Have the tables as they must be: look here, and let another process do what is missing.

    That keeps this one small: Django and the owner's secret are never in it.
    """
    if _is_current(place):
        return
    command = [sys.executable, "-m", "kesto.ops.migrate"]
    ours = {**os.environ, "KESTO_HOME": str(place.path)}
    answer = subprocess.run(command, check=False, env=ours, stdout=subprocess.PIPE)  # noqa: S603 - our own module
    if answer.returncode == 0:
        return
    try:
        refused = msgspec.json.decode(answer.stdout, type=NotMigrated)
    except msgspec.DecodeError:
        refused = NotMigrated(
            "The tables could not be brought up to date: the lines above say why", "not_migrated"
        )
    raise NotAllowed(refused.detail, code=refused.code, field=refused.field)


def _is_current(place: Home) -> bool:
    """Whether no migration is missing; refuses to serve as a role that passes row-level security.

    Not, where it can't be told: a new database has no table of migrations.
    """
    try:
        with database.connect(database.address(place).login(place, "app")) as connection:
            database.refuse_bypassing(connection.execute(database.BYPASSING).fetchone())
            return not missing(name for (name,) in connection.execute(DONE))
    except psycopg.Error:
        return False


def _refuse_falling(child: Child, *, is_ready: bool) -> None:
    # Once everything has been ready a fall is an accident and is mended for ever.
    if not is_ready and child.falls >= MOST_FALLS:
        raise NotAllowed(
            f"The {child.name} process does not start: {child.last_words()}",
            code="child_falls",
        )


def _is_ready(address: str) -> bool:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _write(place: Home, up: Up) -> None:
    write_private(place.run / "up.json", msgspec.json.encode(up).decode())
