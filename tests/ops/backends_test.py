"""The database's processes that work for our connections."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest
from django.db import connections
from django.db.backends.signals import connection_created

from kesto.ops import backends
from kesto.ops.backends import Backend


@contextmanager
def done_with_each(do: Callable[[Backend], object]) -> Iterator[int]:
    """Do something with the backend of a connection that is opened now; answers its number."""
    backends.each_new(do)
    try:
        connections["default"].close()
        with connections["default"].cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            yield cursor.fetchone()[0]
    finally:
        connection_created.disconnect(dispatch_uid=(backends.__name__, do))
        connections["default"].close()


@pytest.mark.usefixtures("booted")
def test_one_that_may_not_be_changed_stays_as_it_is_and_works() -> None:
    def refuse(backend: Backend) -> None:
        asked.append(backend.pid)
        raise psutil.AccessDenied

    asked: list[int] = []
    with done_with_each(refuse) as own:
        assert asked == [own]


@pytest.mark.usefixtures("backends_may_be_changed")
def test_one_runs_where_its_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    one = {max(os.sched_getaffinity(0))}
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: one)
    with done_with_each(backends._keep_near) as own:
        assert psutil.Process(own).cpu_affinity() == [*one]
