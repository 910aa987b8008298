"""Whose key it is, remembered for two seconds: a revoked key reads and opens doors that long."""

import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from django.conf import settings
from msgspec.structs import replace

from kesto.store import api_keys
from kesto.store.api_keys import Holder, key_hash

SECOND = 1_000_000_000  # nanoseconds, as the stopwatch counts
SECONDS = 2
MOST_KEYS = 10_000

LookUp = Callable[[str], Holder | None]


def _now() -> datetime:
    now: datetime = settings.KESTO_CLOCK()
    return now


class NotRemembered(Exception):  # noqa: N818 - no error: it is to be looked up
    """A key that was not let in a moment ago, be it right or wrong."""


class KeyCache:
    """Remembers whose keys are that were let in a moment ago, by their hash; no others."""

    def __init__(
        self,
        look_up: LookUp,
        stopwatch: Callable[[], int] = time.monotonic_ns,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._look_up = look_up
        self._clock = clock
        self._stopwatch = stopwatch
        self._known: dict[bytes, tuple[int, Holder]] = {}
        self._lock = Lock()

    def remembered(self, key: str) -> Holder:
        """Whose key it is, at once. Raises NotRemembered where it takes asking the database."""
        found = self._fresh(key_hash(key))
        if found is None:
            raise NotRemembered
        return found

    def holder_of(self, key: str) -> Holder | None:
        """Whose key it is, or None for one that is unknown, revoked or run out."""
        own, now = key_hash(key), self._stopwatch()
        found = self._fresh(own)
        if found is not None:
            return found
        holder = self._look_up(key)
        with self._lock:
            if holder is None:
                self._known.pop(own, None)
            else:
                if len(self._known) >= MOST_KEYS:
                    self._known.clear()
                # Its use is noted by who looked it up; for all others it was used just now.
                used = replace(holder, last_used_at=self._clock())
                self._known[own] = now + SECONDS * SECOND, used
        return holder

    def _fresh(self, own: bytes) -> Holder | None:
        found = self._known.get(own)
        return found[1] if found is not None and self._stopwatch() < found[0] else None


def remembered(key: str) -> Holder:
    """Whose key it is, at once. Raises NotRemembered where it takes asking the database."""
    return _cache.remembered(key)


def holder_of(key: str) -> Holder | None:
    """The same for all reads and doors of this process."""
    return _cache.holder_of(key)


_cache = KeyCache(api_keys.holder_of)
