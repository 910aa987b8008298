"""The web process: granian with the front. Started by `kesto up` as `python -m kesto.ops.serve`."""

import multiprocessing
import os
import resource

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from kesto.ops import leash
from kesto.ops.config import web_port

HEADER_MILLISECONDS = 10_000
STOP_SECONDS = 25
MOST_FILES = 20_000
"""So many connections may be open, as far as the system lets us: slow clients hold theirs long."""


def main(front: str = "kesto.ops.front:front") -> None:
    """Serve until told to end."""
    leash.end_with_parent()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    # Not by forking: this process has a thread, and its child shall inherit nothing.
    multiprocessing.set_start_method("spawn")
    os.environ.pop("KESTO_DATABASE_URL", None)
    server = Server(
        front,
        address="127.0.0.1",
        port=web_port(),
        interface=Interfaces.RSGI,
        websockets=False,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    )
    server.serve()


if __name__ == "__main__":
    main()
