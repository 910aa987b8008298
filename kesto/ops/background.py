"""Work that can wait gives way: whoever asks over the web is answered first.

A billing run takes all the cores there are. Beside it customers look at their bills and systems
send usage, and both the web processes and the database's work for them come first: the system
gives a run what they leave over.
"""

import contextlib
from typing import Any

import psutil
from django.db.backends.signals import connection_created

GIVES_WAY = 10
"""How nice it is, as the system counts: a tenth of what others get where both want one core."""


def give_way() -> None:
    """Let this process, and the database's processes that work for it, come after all others."""
    _be_nice(psutil.Process())
    connection_created.connect(_let_backend_give_way, dispatch_uid=__name__)


def _let_backend_give_way(*, connection: Any, **_: object) -> None:
    info = connection.connection.info
    if not info.host.startswith("/"):
        return  # on another machine the number means somebody else
    # Also behind a socket there may be another system, with numbers of its own: only who says so
    # is meant. Who may not change it leaves it: a run is then as important as everybody else.
    with contextlib.suppress(psutil.Error):
        backend = psutil.Process(info.backend_pid)
        if " ".join(backend.cmdline()).startswith(f"postgres: {info.user} "):
            _be_nice(backend)


def _be_nice(process: psutil.Process) -> None:
    if process.nice() < GIVES_WAY:
        process.nice(GIVES_WAY)
