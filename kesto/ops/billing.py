"""A billing run in several processes: workers are started, watched and, if they die, replaced."""

import multiprocessing
import time
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError

from kesto.core.refusals import Conflict
from kesto.flows import bill
from kesto.flows.bill import CHUNK_GROUPS, Run
from kesto.ops import boot
from kesto.ops.home import Home
from kesto.store import billing
from kesto.store.billing import Progress
from kesto.store.session import forget_connections, reading

Answer = TypeVar("Answer")

LOST = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.1
MOST_FALLS = 50
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
) -> Progress:
    """Bill everything due by a day; a run that was left open is finished first.

    Answers the counts of the new run. Workers outlive a database that restarts; a worker that
    dies is replaced, its chunk goes to another.
    """
    while True:
        run = patiently(partial(bill.begin, merchant_id, through, now, chunk_groups))
        if workers <= 1 or run.groups <= FEW_GROUPS:
            patiently(partial(bill.work, run, now))
        else:
            _in_processes(place, run, now, workers, show)
        done = patiently(partial(_progress, run))
        show(done)
        if not run.is_resumed:
            return done


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


def _in_processes(
    place: Home, run: Run, now: datetime, workers: int, show: Callable[[Progress], None]
) -> None:
    context = multiprocessing.get_context("spawn")

    def start() -> BaseProcess:
        process = context.Process(target=_work, args=(place.path, run, now), daemon=True)
        process.start()
        return process

    running = [start() for _ in range(workers)]
    falls = 0
    while running:
        time.sleep(PAUSE_SECONDS)
        show(patiently(partial(_progress, run)))
        fallen = [process for process in running if process.exitcode not in (None, 0)]
        falls += len(fallen)
        if falls > MOST_FALLS:
            raise Conflict(
                f"billing workers died {falls} times; what is billed stays billed, see the log"
                " and run it again",
                code="workers_died",
            )
        running = [process for process in running if process.exitcode is None]
        running += [start() for _ in fallen]


def _work(path: Path, run: Run, now: datetime) -> None:
    """A worker process: chunk after chunk, as kesto_run."""
    boot.boot(Home(path), ("run",))
    patiently(partial(bill.work, run, now))


def _progress(run: Run) -> Progress:
    with reading(run.merchant_id, "run") as session:
        return billing.progress(session, run.id)
