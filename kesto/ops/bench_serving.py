"""Runs the web processes of the bench for a while: as many as the product starts, as it does."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from kesto.ops import config, cores, shared
from kesto.ops.children import surroundings
from kesto.ops.home import Home
from kesto.ops.shared import Shared

DATABASE = "KESTO_BENCH_DATABASE"
READY = b"ready\n"
"""What a web process of the bench says when it is about to take connections."""

SETTLING_SECONDS = 0.2


@contextmanager
def served(place: Home, database: str, name: str) -> Iterator[int]:
    """Run web processes on a database, by a front of `bench_front`; answers their port, ready."""
    count = config.web_processes()
    with shared.opened(0, count) as common, ExitStack() as ends:
        processes = []
        for number in range(count):
            processes.append(ends.enter_context(_started(place, common, database, name)))
            cores.keep_to(processes[-1].pid, cores.share(number, count))
            ends.callback(processes[-1].terminate)
        for process in processes:
            if process.stdout is None or process.stdout.readline() != READY:
                raise TimeoutError("a web process of the bench does not come up")
        time.sleep(SETTLING_SECONDS)  # each listens a moment after it has said so
        yield common.port


def _started(place: Home, common: Shared, database: str, name: str) -> "subprocess.Popen[bytes]":
    words = f"from kesto.ops.serve import main; main('kesto.ops.bench_front:{name}')"
    return subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-c", words],
        env={**surroundings(place), **common.surroundings, DATABASE: database},
        stdout=subprocess.PIPE,
        pass_fds=common.descriptors,
    )
