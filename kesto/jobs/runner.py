"""The runner: claims jobs that are due and calls the flow of each."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError
from msgspec import Struct

from kesto.core.refusals import NotFound
from kesto.store import jobs
from kesto.store.jobs import ClaimedJob
from kesto.store.session import forget_connections

BATCH = 20
IDLE_SECONDS = 1.0
EXTEND_SECONDS = 15.0
DATABASE_PAUSE_SECONDS = 2.0
ERROR_LENGTH = 1000
PAUSES = (timedelta(seconds=30), timedelta(minutes=10))  # before the second and the third try

Kind = Callable[[ClaimedJob, datetime], None]

log = logging.getLogger("kesto.jobs")


class Shift(Struct, frozen=True):
    """What a worker is given: the kinds it knows, the timetable, the clock, when to end.

    `beat` is called all the time to show that the worker lives; `may_work` is asked before each
    round.
    """

    kinds: Mapping[str, Kind]
    plan: Callable[[datetime], object]
    clock: Callable[[], datetime]
    stop: threading.Event
    beat: Callable[[], None]
    may_work: Callable[[], bool]


def work(shift: Shift) -> None:
    """Run what is due until asked to stop; a database that is away is waited for."""
    while not shift.stop.is_set():
        shift.beat()
        try:
            found = False
            if shift.may_work():
                shift.plan(shift.clock())
                found = run_batch(shift)
            if not found:
                shift.stop.wait(IDLE_SECONDS)
        except (DatabaseError, InterfaceError) as trouble:
            log.warning("the database is away: %s", trouble)
            forget_connections()
            shift.stop.wait(DATABASE_PAUSE_SECONDS)


def run_batch(shift: Shift) -> bool:
    """Claim some jobs and run them one by one; tell whether there were any."""
    claimed = jobs.claim(BATCH, shift.clock())
    if not claimed:
        return False
    waiting = list(reversed(claimed))
    with _kept(waiting, shift):
        while waiting:
            if shift.stop.is_set():
                jobs.release(waiting.pop(), shift.clock())
                continue
            begun = jobs.begin(waiting[-1])
            if begun is not None:
                waiting[-1] = begun
                _run(begun, shift)
            waiting.pop()
    return True


def _run(job: ClaimedJob, shift: Shift) -> None:
    try:
        _kind_of(job, shift)(job, shift.clock())
    except Exception as error:  # the edge: one bad job must not stop the others
        log.warning("job %s %s failed", job.kind, job.id, exc_info=True)
        forget_connections()
        pause = PAUSES[min(job.attempts, len(PAUSES)) - 1]
        words = f"{type(error).__name__}: {error}".replace("\0", "")[:ERROR_LENGTH]
        jobs.fail(job, words, shift.clock() + pause, shift.clock())
    else:
        jobs.finish(job, shift.clock())


def _kind_of(job: ClaimedJob, shift: Shift) -> Kind:
    try:
        return shift.kinds[job.kind]
    except KeyError:
        raise NotFound(f"this version knows no job of kind {job.kind}") from None


@contextmanager
def _kept(claimed: list[ClaimedJob], shift: Shift) -> Iterator[None]:
    """Keep the claims alive from a thread of its own while the jobs run."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(EXTEND_SECONDS):
            shift.beat()
            try:
                for job in tuple(claimed):
                    jobs.extend(job, shift.clock())
            except (DatabaseError, InterfaceError) as trouble:
                log.warning("claims could not be kept: %s", trouble)
                forget_connections()
        forget_connections()

    thread = threading.Thread(target=keep, name="claims", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
