"""How much one key may ask: a bucket that fills up again, one for each key in this process."""

import time
from collections.abc import Callable
from threading import Lock
from uuid import UUID

SECOND = 1_000_000_000  # nanoseconds, as the stopwatch counts
REQUESTS_PER_SECOND = 10
BURST = 100
MOST_KEYS = 10_000


class Limiter:
    """Counts requests; of each key it keeps only when its bucket will be full again.

    `times`: how many times the usual number of requests it lets pass.
    """

    def __init__(self, stopwatch: Callable[[], int] = time.monotonic_ns, times: int = 1) -> None:
        self._stopwatch = stopwatch
        self._times = times
        self._full_at: dict[UUID, int] = {}
        self._lock = Lock()

    def seconds_to_wait(self, key_id: UUID) -> int:
        """Count a request; when there were too many: in how many seconds one is taken again."""
        with self._lock:
            now = self._stopwatch()
            cost = SECOND // (REQUESTS_PER_SECOND * self._times)
            full_at = max(self._full_at.get(key_id, now), now) + cost
            excess = full_at - now - BURST * self._times * cost
            if excess > 0:
                return -(-excess // SECOND)
            if len(self._full_at) >= MOST_KEYS:
                self._full_at = {key: at for key, at in self._full_at.items() if at > now}
            self._full_at[key_id] = full_at
            return 0

    def give_back(self, key_id: UUID) -> None:
        """Let a request count for nothing after all: an answer that was given before."""
        with self._lock:
            if key_id in self._full_at:
                self._full_at[key_id] -= SECOND // (REQUESTS_PER_SECOND * self._times)


limiter = Limiter()
