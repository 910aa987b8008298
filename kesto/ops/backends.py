"""The database's processes that work for our connections, where they run on this machine."""

import contextlib
import os
from collections.abc import Callable
from typing import Any

import psutil
from django.db.backends.signals import connection_created

Backend = psutil.Process


def each_new(do: Callable[[Backend], object]) -> None:
    """Do something with the one of each connection that this process opens from now on."""

    def opened(*, connection: Any, **_: object) -> None:
        info = connection.connection.info
        if not info.host.startswith("/"):
            return  # on another machine the number means somebody else
        # Also behind a socket there may be another system, with numbers of its own: only who says
        # so is meant. Who may not change it leaves it as it is.
        with contextlib.suppress(psutil.Error):
            backend = Backend(info.backend_pid)
            if " ".join(backend.cmdline()).startswith(f"postgres: {info.user} "):
                do(backend)

    connection_created.connect(opened, weak=False, dispatch_uid=(__name__, do))


def keep_near() -> None:
    """Let them run on the cores that this process keeps to (see `cores`), and on no others."""
    each_new(_keep_near)


def _keep_near(backend: Backend) -> None:
    backend.cpu_affinity([*os.sched_getaffinity(0)])
