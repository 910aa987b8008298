"""Which process is which: a number alone proves nothing, it may have been given out again."""

import os
import signal
import time
from pathlib import Path

import msgspec
import psutil

STARTED_TOLERANCE_SECONDS = 1.5
POLL_SECONDS = 0.02


class ProcessRecord(msgspec.Struct, frozen=True):
    """A process as it was when it was recorded: number, start and command."""

    pid: int
    started: float  # seconds since the machine's boot, which no clock change moves
    command: list[str]


def record(pid: int) -> ProcessRecord | None:
    """Describe a living process; None when it is gone or only waits to be collected."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        started = process.create_time() - psutil.boot_time()
        return ProcessRecord(pid, started, process.cmdline())
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return ProcessRecord(pid, 0.0, [])


def this_process() -> ProcessRecord:
    """Describe this very process."""
    found = record(os.getpid())
    if found is None:
        raise ProcessLookupError(os.getpid())
    return found


def is_alive(known: ProcessRecord) -> bool:
    """Whether that very process still runs, and not another one under its number."""
    now = record(known.pid)
    return (
        now is not None
        and now.command == known.command
        and abs(now.started - known.started) < STARTED_TOLERANCE_SECONDS
    )


def is_taken(pid: int) -> bool:
    """Whether the number is in use by anything at all, even by a process that has ended."""
    return bool(psutil.pid_exists(pid))


def working_in(folder: Path) -> list[int]:
    """Find the processes whose working folder this is: a server and all its children."""
    found = []
    wanted = str(folder.resolve())
    for process in psutil.process_iter():
        try:
            if process.cwd() == wanted:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def send(known: ProcessRecord, number: signal.Signals) -> bool:
    """Signal a process if it still is the recorded one; tell whether it was."""
    if not is_alive(known):
        return False
    try:
        os.kill(known.pid, number)
    except ProcessLookupError:
        return False
    return True


def wait_gone(known: ProcessRecord, seconds: float) -> bool:
    """Wait until a process has ended; False when it outlived the time given.

    An ended process counts as gone even while nobody has collected it.
    """
    deadline = time.monotonic() + seconds
    while is_alive(known):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
