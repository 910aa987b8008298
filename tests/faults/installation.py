"""All of `kesto up` on a home of its own: its web, its workers, its database, each to be killed."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from msgspec import Struct

from kesto.ops import boot
from kesto.ops.home import Home
from tests.faults.actor import ROOT
from tests.faults.battlefield import PATIENCE_SECONDS, booted_at, kill_database

STOP_SECONDS = 120.0
Disk = Callable[[Path], AbstractContextManager[object]]


class Kill(Struct, frozen=True):
    """A kill: when (monotonic), of what, and what came of it."""

    at: float
    kind: str
    recovery_seconds: float = 0.0


class Up:
    """A running `kesto up`."""

    def __init__(self, place: Home, workers: int = 1) -> None:
        self.home = place
        self.port = free_port()
        self.kills: list[Kill] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kesto.ops.cli", "up", "--json"],
            cwd=ROOT,
            env={**os.environ, **surroundings(place, self.port), "KESTO_WORKERS": str(workers)},
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        assert self.process.stdout is not None
        assert self.process.stdout.readline(), "kesto up did not come up"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(STOP_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def web(self) -> list[psutil.Process]:
        """The web processes."""
        return self._children("kesto.ops.serve")

    def runners(self) -> list[psutil.Process]:
        """The workers that run jobs."""
        return self._children("kesto.ops.work")

    def kill_web(self) -> None:
        """Kill all of the web at once."""
        self._kill("web", self.web())

    def kill_one_web(self) -> None:
        """Kill one of the web processes; the others go on."""
        self._kill("web", self.web()[:1])

    def kill_runner(self) -> None:
        """Kill one of the workers that run jobs."""
        self._kill("runner", self.runners()[:1])

    def kill_database(self) -> float:
        """Kill the database; answers after how long it was ready again."""
        at = time.monotonic()
        recovery = kill_database(self.home)
        self.kills.append(Kill(at, "database", recovery))
        return recovery

    def kill_billing(self, workers: list[psutil.Process]) -> None:
        """Kill workers of a billing run."""
        self._kill("billing worker", workers)

    def _kill(self, kind: str, victims: list[psutil.Process]) -> None:
        at = time.monotonic()
        for victim in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        if victims:
            self.kills.append(Kill(at, kind))

    def _children(self, module: str) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if module in child.cmdline():
                    found.append(child)
        return found


@contextlib.contextmanager
def prepared_home(disk: Disk = nullcontext) -> Iterator[Home]:
    """A home that was made and has its tables; nothing runs in it. A disk may be mounted there."""
    folder = Path(tempfile.mkdtemp(prefix="kesto-soak-")).resolve()
    place = Home(folder)
    try:
        with disk(folder):
            with boot.running(place):
                boot.migrate(place)
            yield place
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def working_in(place: Home) -> Iterator[None]:
    """Have the database of a home running, and work in it from this process."""
    with boot.running(place), booted_at(place):
        yield


def surroundings(place: Home, port: int) -> dict[str, str]:
    """What tells a process of the product which home is its own."""
    return {"KESTO_HOME": str(place.path), "KESTO_PORT": str(port)}


def command(place: Home, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a `kesto` command in a home and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "kesto.ops.cli", *words],
        cwd=ROOT,
        env={**os.environ, "KESTO_HOME": str(place.path)},
        capture_output=True,
        text=True,
        timeout=6 * PATIENCE_SECONDS,
        check=False,
    )


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
