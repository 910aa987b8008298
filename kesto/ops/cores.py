"""Cores are dealt out among the web processes: each keeps to its own, with its backends.

A Python process runs one thread at a time, and waits while the database works for it. Where its
threads and the database's processes lie on several cores, each change of turns takes what is being
worked on over to another core; on one it stays where it is.
"""

import contextlib
import os


def share(number: int, processes: int) -> frozenset[int]:
    """The cores of one of so many processes, counted from 0, of those that we may use.

    With fewer cores than processes some have the same one.
    """
    ours = sorted(os.sched_getaffinity(0))
    return frozenset(ours[number % len(ours) :: processes])


def keep_to(process_id: int, cores: frozenset[int]) -> None:
    """Let a process that has just been started, and has one thread yet, run on these alone."""
    # It may be gone already, which whoever started it finds out; or the system may not let us.
    with contextlib.suppress(OSError):
        os.sched_setaffinity(process_id, cores)
