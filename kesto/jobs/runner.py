"""The runner: claims jobs that are due and calls the flow of each."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from kesto.core.refusals import Refused
from kesto.store import jobs
from kesto.store.jobs import ClaimedJob

BATCH = 20
IDLE_SECONDS = 1.0
EXTEND_SECONDS = 15.0
DATABASE_PAUSE_SECONDS = 2.0
PAUSES = (timedelta(seconds=30), timedelta(minutes=10))  # before the second and the third try

Kind = Callable[[ClaimedJob, datetime], None]
Clock = Callable[[], datetime]

log = logging.getLogger("kesto.jobs")


def run_until(
    stop: threading.Event,
    kinds: Mapping[str, Kind],
    plan: Callable[[datetime], object],
    clock: Clock,
    may_work: Callable[[], bool],
) -> None:
    """Run what is due until asked to stop; a database that is away is waited for.

    `plan` adds the jobs of the timetable; `may_work` is asked before each round, and shows that
    the worker lives.
    """
    while not stop.is_set():
        try:
            found = False
            if may_work():
                plan(clock())
                found = run_batch(stop, kinds, clock)
            if not found:
                stop.wait(IDLE_SECONDS)
        except (DatabaseError, InterfaceError) as trouble:
            log.warning("the database is away: %s", trouble)
            close_old_connections()
            stop.wait(DATABASE_PAUSE_SECONDS)


def run_batch(stop: threading.Event, kinds: Mapping[str, Kind], clock: Clock) -> bool:
    """Claim some jobs and run them one by one; tell whether there were any."""
    claimed = jobs.claim(BATCH, clock())
    waiting = list(reversed(claimed))
    with _kept(waiting, clock):
        while waiting:
            job = waiting[-1]
            if stop.is_set():
                jobs.release(job)
            else:
                _run(job, kinds, clock)
            waiting.pop()
    return bool(claimed)


def _run(job: ClaimedJob, kinds: Mapping[str, Kind], clock: Clock) -> None:
    try:
        kind = kinds.get(job.kind)
        if kind is None:
            raise Refused(f"This version knows no job of kind {job.kind}")  # noqa: TRY301
        kind(job, clock())
    except Exception as error:  # the edge: one bad job must not stop the others
        log.warning("job %s %s failed", job.kind, job.id, exc_info=True)
        close_old_connections()
        pause = PAUSES[min(job.attempts, len(PAUSES)) - 1]
        words = f"{type(error).__name__}: {error}"
        jobs.fail(job, words, clock() + pause, clock())
    else:
        jobs.finish(job, clock())


@contextmanager
def _kept(claimed: list[ClaimedJob], clock: Clock) -> Iterator[None]:
    """Keep the claims alive from a thread of its own while the jobs run."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(EXTEND_SECONDS):
            try:
                for job in tuple(claimed):
                    jobs.extend(job, clock())
            except DatabaseError as trouble:
                log.warning("claims could not be kept: %s", trouble)
                close_old_connections()
        connections.close_all()

    thread = threading.Thread(target=keep, name="claims", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
