"""Processes that work side by side: each is started and ready before the clock runs."""

import contextlib
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from msgspec import Struct

PROCESSES = 2


class Effort(Struct, frozen=True):
    """What one process needed: its own processor time and the most memory it ever held."""

    cpu_seconds: float
    peak_mib: float


class Worked(Struct, frozen=True):
    """What a crew needed together, by the clock, and each of its processes."""

    seconds: float
    efforts: tuple[Effort, ...]


def work(
    prepare: Callable[[], None],
    do: Callable[[Any], None],
    shares: Callable[[], Sequence[Any]],
) -> Worked:
    """Let each of two processes do its share, and measure.

    `prepare` and `do` run in the processes; `shares` is called when the clock runs already and
    says what each of them gets. Raises AssertionError with what went wrong in one of them.
    """
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    for _ in range(PROCESSES):
        ours, theirs = context.Pipe()
        context.Process(target=_member, args=(theirs, prepare, do), daemon=True).start()
        theirs.close()
        pipes.append(ours)
    for pipe in pipes:
        _heard(pipe)
    began = time.perf_counter()
    for pipe, share in zip(pipes, shares(), strict=True):
        pipe.send(share)
    efforts = tuple(_heard(pipe) for pipe in pipes)
    return Worked(time.perf_counter() - began, efforts)


def _heard(pipe: Connection) -> Effort:
    """What a process says; in place of an effort it may say what went wrong."""
    said: Effort | AssertionError | None = pipe.recv()
    if isinstance(said, AssertionError):
        raise said
    return said or Effort(0, 0)


def _member(pipe: Connection, prepare: Callable[[], None], do: Callable[[Any], None]) -> None:
    try:
        prepare()
        pipe.send(None)
        share = pipe.recv()
        began = time.process_time()
        do(share)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        pipe.send(Effort(time.process_time() - began, peak))
    except Exception as error:
        with contextlib.suppress(OSError):
            pipe.send(AssertionError(f"{type(error).__name__}: {error}"))
        raise
