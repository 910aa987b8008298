"""A billing run in several processes: workers are started, watched and, if they die, replaced."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from msgspec.structs import astuple

from kesto.core.refusals import Conflict
from kesto.flows import bill
from kesto.flows.bill import CHUNK_GROUPS, Run
from kesto.ops import background, boot, leash
from kesto.ops.home import Home
from kesto.store import billing
from kesto.store.billing import Progress
from kesto.store.session import LOST, forget_connections, reading

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.1
MOST_FALLS = 10
"""How often each worker may die, or lose the database, without one chunk done in between."""

FEW_GROUPS = 500


def run_billing(
    place: Home,
    merchant_id: UUID,
    through: date,
    now: datetime,
    *,
    workers: int = 1,
    chunk_groups: int = CHUNK_GROUPS,
    show: Callable[[Progress], None] = lambda _: None,
    clear: Callable[[], None] = lambda: None,
) -> Progress:
    """Bill everything due by a day; a run that was left open is finished first.

    `clear` is called before a run begins and raises when it may not.

    Answers the counts of both together. Workers outlive a database that restarts; a worker that
    dies is replaced, its chunk goes to another.
    """
    done: list[Progress] = []
    while True:
        patiently(clear)
        run = patiently(partial(bill.begin, merchant_id, through, now, chunk_groups))
        done.append(_finish(place, run, now, workers, show))
        if not run.is_resumed:
            return Progress(*map(sum, zip(*map(astuple, done), strict=True)))


def patiently(call: Callable[[], Answer]) -> Answer:
    """Call again while the database is away, for up to a minute; for calls that may be repeated."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except LOST:
            forget_connections()
            if time.monotonic() > give_up_at:
                raise
            time.sleep(PAUSE_SECONDS)


def _finish(
    place: Home, run: Run, now: datetime, workers: int, show: Callable[[Progress], None]
) -> Progress:
    """Work until every chunk is done.

    A chunk is still held for a moment after its worker died, or by the worker of a command that
    was killed: nobody else can take it, and this run waits for it.
    """
    while True:
        if workers <= 1 or run.groups <= FEW_GROUPS:
            _work_off(run, now)
        else:
            _in_processes(place, run, now, workers, show)
        progress = patiently(partial(_progress, run))
        show(progress)
        if progress.chunks_done == progress.chunks:
            return progress
        time.sleep(PAUSE_SECONDS)


def _in_processes(
    place: Home, run: Run, now: datetime, workers: int, show: Callable[[Progress], None]
) -> None:
    context = multiprocessing.get_context("spawn")

    def start() -> BaseProcess:
        process = context.Process(target=_work, args=(place.path, run, now), daemon=True)
        with deaf_to_interrupts():
            process.start()
        return process

    running = [start() for _ in range(workers)]
    try:
        _watch(run, running, start, workers, show)
    finally:  # ctrl-C, or given up: a chunk in hand is undone, the run can be taken up again
        for process in running:
            process.terminate()
        for process in running:
            process.join()


def _watch(
    run: Run,
    running: list[BaseProcess],
    start: Callable[[], BaseProcess],
    workers: int,
    show: Callable[[Progress], None],
) -> None:
    """Look after workers until all have come to their end, and replace those that die."""
    falls = chunks_done = 0
    while running:
        time.sleep(PAUSE_SECONDS)
        progress = patiently(partial(_progress, run))
        show(progress)
        ends = [(process, process.exitcode) for process in running]
        fallen = sum(code not in {None, 0} for _, code in ends)
        falls = fallen + (falls if progress.chunks_done == chunks_done else 0)
        chunks_done = progress.chunks_done
        if falls > MOST_FALLS * workers:
            raise Conflict(
                f"billing workers died {falls} times and no chunk was done in between; what is"
                " billed stays billed: see the log and run it again",
                code="workers_died",
            )
        running[:] = [process for process, code in ends if code is None]
        running += [start() for _ in range(fallen)]


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Start processes that do not hear ctrl-C: this one does, and ends them in order."""
    resource_tracker.ensure_running()  # its own start would let the signal through again
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _work(path: Path, run: Run, now: datetime) -> None:
    """A worker process: chunk after chunk, as kesto_run; it ends when who started it is gone.

    It gives way to whoever is waited for.
    """
    leash.end_with_parent()
    background.give_way()
    boot.boot(Home(path), ("run",))
    _work_off(run, now)


def _work_off(run: Run, now: datetime) -> None:
    """Bill chunk after chunk, and go on as often as the database goes away and comes back."""
    losses, chunks_done = 0, -1
    while True:
        try:
            bill.work(run, now)
        except LOST:
            forget_connections()
            progress = patiently(partial(_progress, run))
            losses = losses + 1 if progress.chunks_done == chunks_done else 0
            chunks_done = progress.chunks_done
            if losses > MOST_FALLS:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _progress(run: Run) -> Progress:
    with reading(run.merchant_id, "run") as session:
        return billing.progress(session, run.id)
