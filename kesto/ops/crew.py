"""Who answers by a thread: few at a time, in the order in which requests came.

What is done for a request holds the interpreter, so more threads at work do not get more done: they
take turns with it, and each answer comes late. What takes long gives its place up, so that a slow
request, or several, hold nobody up.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic

Work = Callable[[], None]

AT_WORK = 2
"""So many requests are answered at a time, as long as none takes long."""

LONG_SECONDS = 0.02
"""What takes longer than this does not count as one of them any more."""


class Crew:
    """Takes work in turn, at most `size` pieces at once, as many of them slow as there are."""

    def __init__(self, threads: ThreadPoolExecutor, size: int, at_work: int = AT_WORK) -> None:
        self._threads = threads
        self._size = size
        self._at_work = at_work
        self._waiting: deque[Work] = deque()
        self._begun: dict[object, float] = {}
        self._lock = Lock()
        self._looks = False

    def take(self, work: Work) -> None:
        """Do it when its turn comes; called by the loop's thread."""
        with self._lock:
            self._waiting.append(work)
            if self._has_place():
                self._call_one()
            elif not self._looks:
                self._looks = True
                asyncio.get_running_loop().call_later(LONG_SECONDS, self._look)

    def _look(self) -> None:
        """Call others where those at work take long; goes on looking while anything waits."""
        with self._lock:
            while self._waiting and self._has_place():
                self._call_one()
            self._looks = bool(self._waiting)
            if self._looks:
                asyncio.get_running_loop().call_later(LONG_SECONDS, self._look)

    def _has_place(self) -> bool:
        working = len(self._begun)
        if working < self._at_work:
            return True
        long_ago = monotonic() - LONG_SECONDS
        slow = sum(begun <= long_ago for begun in self._begun.values())
        return working < min(self._size, self._at_work + slow)

    def _call_one(self) -> None:
        """Have a thread do the first that waits; it goes on with others while it has a place."""
        me = object()
        self._begun[me] = monotonic()
        self._threads.submit(self._serve, me, self._waiting.popleft())

    def _serve(self, me: object, work: Work | None) -> None:
        try:
            while work is not None:
                work()
                work = self._next(me)
        except BaseException:
            # This thread's turn ends here, what waits goes on with another.
            if (following := self._next(me)) is not None:
                self._threads.submit(self._serve, me, following)
            raise

    def _next(self, me: object) -> Work | None:
        with self._lock:
            del self._begun[me]
            if not self._waiting or not self._has_place():
                return None
            self._begun[me] = monotonic()
            return self._waiting.popleft()
