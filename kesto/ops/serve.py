"""A web process: granian with the front. Started by `kesto up` as `python -m kesto.ops.serve`."""

import logging
import os
import resource
import sys
from importlib import import_module
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from kesto.ops import boot, gate, shared
from kesto.ops.config import web_port
from kesto.ops.home import real_home

FRONT = "kesto.ops.front:front"
OFFICE = "kesto.web.office.urls"
HEADER_MILLISECONDS = 10_000
MOST_FILES = 20_000
"""So many connections may be open, as far as the system lets us: slow clients hold theirs long."""


class _InThisProcess(MPServer):
    """granian whose one worker is this very process.

    Who started it looks after it and starts it again; a process between them would only cost
    memory and time.
    """

    def _serve(self, spawn_target: Any, target_loader: Any) -> None:
        self._init_shared_socket()  # type: ignore[no-untyped-call]  # granian has no types there
        self._start_ipc()  # type: ignore[no-untyped-call]  # nor here
        self._spawn_worker(0, spawn_target, target_loader).inner.run()


def main(front: str = FRONT, *, has_pages: bool = True) -> None:
    """Serve until told to end; the front watches whether who started it still lives.

    Others may listen at the same port: the system spreads connections among them. `has_pages`:
    whether the office is there before somebody asks for it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    os.environ.pop("KESTO_DATABASE_URL", None)
    # Django has to be set up before what answers requests is imported.
    boot.boot(real_home(), (), has_models=False)
    module, _, name = front.partition(":")
    application = getattr(import_module(module), name)
    # What people open first is there at once; API and portal are loaded when they are asked.
    if has_pages:
        import_module(OFFICE)
    gate.wait()
    server = _InThisProcess(
        front,
        address=shared.HOST,
        port=web_port(),
        interface=Interfaces.RSGI,
        websockets=False,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=lambda: application, wrap_loader=False)
    # Threads of granian's own may still end a connection: one that meets a Python that is being
    # taken apart aborts the process.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main(has_pages=shared.PAGES_LATER not in sys.argv)
