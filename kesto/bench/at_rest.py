"""Rows e2 and f: how soon a `kesto up` answers that was up before, and what it holds when idle."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from kesto.bench.bytecode import compile_ours
from kesto.bench.figure import Measured, short
from kesto.bench.ground import Ground

STARTS = 5
IDLE_SECONDS = 15.0
ANSWER_SECONDS = 60.0


def measure_start(ground: Ground, _size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Start it again and again in one home, and ask until it answers."""
    compile_ours()
    tell("starting in a home that was up before")
    with ground.empty_folder() as home:
        _start(home)
        seconds = [_start(home) for _ in range(STARTS)]
    value = median(seconds)
    return [Measured("e2", "s", value, 0, value, [{"seconds": short(one)} for one in seconds])]


def measure_memory(ground: Ground, _size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Sum up what database, web and worker hold; what they share counts once."""
    compile_ours()
    tell("waiting until nothing happens")
    with ground.empty_folder() as home, _up(home) as (up, _seconds):
        time.sleep(IDLE_SECONDS)
        server = int((home / "data" / "postmaster.pid").read_text("ascii").split()[0])
        held = {own: _pss_mib(own) for own in {*_family(up), *_family(server)}}
        names = {own: _name(own) for own in held}
    samples = [{"process": names[own], "pss_mib": short(mib)} for own, mib in held.items()]
    value = sum(held.values())
    return [Measured("f", "MiB", value, 0, value, samples)]


def _start(home: Path) -> float:
    with _up(home) as (_up_id, seconds):
        return seconds


@contextmanager
def _up(home: Path) -> Iterator[tuple[int, float]]:
    """A `kesto up` that has answered: its process, and how long that took."""
    port = _free_port()
    ours = {"KESTO_HOME": str(home), "KESTO_PORT": str(port)}
    theirs = {name: text for name, text in os.environ.items() if not name.startswith("DJANGO")}
    began = time.perf_counter()
    program = subprocess.Popen(
        [sys.executable, "-m", "kesto.ops.cli", "up", "--json"],
        env={**theirs, **ours},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            if program.poll() is not None or time.perf_counter() - began > ANSWER_SECONDS:
                raise AssertionError("`kesto up` did not answer")
            time.sleep(0.005)
        yield program.pid, time.perf_counter() - began
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait()


def _answers(port: int) -> bool:
    """Whether a whole page comes back: the way into the office."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/office/sign-in/")
        return connection.getresponse().status == http.HTTPStatus.OK
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _family(first: int) -> set[int]:
    """A process and all that it began."""
    parents = _parents()
    found = {first}
    while more := {own for own, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parents() -> Mapping[int, int]:
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    return found


def _pss_mib(process: int) -> float:
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _name(process: int) -> str:
    words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace")
    # By its name alone: where a program lies is nobody's business who reads what was kept.
    return " ".join(word.rpartition("/")[2] for word in words.replace("\0", " ").split()[-3:])
