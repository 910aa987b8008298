"""A connection is asked whether it still stands, unless it answered a moment ago.

Django asks once a request. Where requests follow each other closely that is a sixth of what each of
them asks; a database that goes away in such a moment is noticed by the query itself.
"""

import threading
import time

from django.core.signals import request_finished, request_started
from django.db import connections

SECONDS = 1.0


def believe_recent(alias: str = "default") -> None:
    """Begin to believe connections of this process that answered within the last second."""

    def begin(**_signal: object) -> None:
        if time.monotonic() - getattr(_own, "answered_at", 0.0) < SECONDS:
            connections[alias].health_check_done = True  # type: ignore[attr-defined]  # left out of the types

    def end(**_signal: object) -> None:
        connection = connections[alias]
        if connection.connection is not None and not connection.errors_occurred:
            _own.answered_at = time.monotonic()

    # Django's own come before these: they forget that a connection was asked.
    request_started.connect(begin, weak=False, dispatch_uid="kesto.believing.begin")
    request_finished.connect(end, weak=False, dispatch_uid="kesto.believing.end")


_own = threading.local()
