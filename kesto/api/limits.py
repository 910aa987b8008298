"""How much one key may ask: a bucket that fills up again, one for each key of an installation.

All web processes count on one board, a piece of memory that they share, by the one stopwatch of the
machine. They do not wait for each other: of two requests that two processes count at the very same
moment one may be forgotten, so at worst one more is let in.
"""

import mmap
import os
import time
from collections.abc import Callable
from functools import cached_property
from threading import Lock
from uuid import UUID

from django.conf import settings

SECOND = 1_000_000_000  # nanoseconds, as the stopwatch counts
REQUESTS_PER_SECOND = 10
BURST = 100
ROWS = 2_048
WIDTH = 8
"""A key has its place in one of so many rows, beside so many others at most.

Enough for some thousand keys that ask at the same time: one that is pushed out begins anew.
"""

BOARD_BYTES = 2 * 8 * ROWS * WIDTH
BOARDS = 2
TAIL = 2**63 - 1
"""The end of a key's id, which is random, tells it from others."""


class Board:
    """When the bucket of each key will be full again; one for all who have the same descriptor.

    Without a descriptor it is this process's own. `number` says which of the boards there.
    """

    def __init__(self, descriptor: int | None, number: int = 0) -> None:
        if descriptor is None:
            memory = mmap.mmap(-1, BOARD_BYTES)
        else:
            os.ftruncate(descriptor, BOARDS * BOARD_BYTES)  # which the first of them makes so long
            memory = mmap.mmap(descriptor, BOARD_BYTES, offset=number * BOARD_BYTES)
        cells = memoryview(memory).cast("q")
        self._tails, self.full_at = cells[: ROWS * WIDTH], cells[ROWS * WIDTH :]

    def known_place(self, key_id: UUID) -> int | None:
        """Where a key stands; None for one that is not there."""
        tail = key_id.int & TAIL
        first = tail % ROWS * WIDTH
        row = self._tails[first : first + WIDTH].tolist()
        return first + row.index(tail) if tail in row else None

    def place(self, key_id: UUID) -> int:
        """The same; a new one takes the place of who is full for longest, or soonest."""
        known = self.known_place(key_id)
        if known is not None:
            return known
        tail = key_id.int & TAIL
        first = tail % ROWS * WIDTH
        times = self.full_at[first : first + WIDTH].tolist()
        place = first + times.index(min(times))
        self._tails[place], self.full_at[place] = tail, 0
        return place


class Limiter:
    """Counts requests; of each key it keeps only when its bucket will be full again.

    `times`: how many times the usual number of requests it lets pass. `number`: of its board.
    """

    def __init__(
        self,
        stopwatch: Callable[[], int] = time.monotonic_ns,
        times: int = 1,
        number: int = 0,
    ) -> None:
        self._stopwatch = stopwatch
        self._times = times
        self._number = number
        self._lock = Lock()

    @cached_property
    def _board(self) -> Board:
        return Board(settings.KESTO_COUNTS, self._number)

    def seconds_to_wait(self, key_id: UUID) -> int:
        """Count a request; when there were too many: in how many seconds one is taken again."""
        with self._lock:
            place, now = self._board.place(key_id), self._stopwatch()
            cost = SECOND // (REQUESTS_PER_SECOND * self._times)
            full_at = max(self._board.full_at[place], now) + cost
            excess = full_at - now - BURST * self._times * cost
            if excess > 0:
                return -(-excess // SECOND)
            self._board.full_at[place] = full_at
            return 0

    def give_back(self, key_id: UUID) -> None:
        """Let a request count for nothing after all: an answer that was given before."""
        with self._lock:
            place = self._board.known_place(key_id)
            if place is not None:
                self._board.full_at[place] -= SECOND // (REQUESTS_PER_SECOND * self._times)


limiter = Limiter()
