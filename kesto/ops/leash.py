"""A background process that ends when the one that started it is gone."""

import os
import signal
import threading

LOOK_SECONDS = 0.5


def end_with_parent() -> None:
    """Watch the parent from a thread and ask this process to end when it has died."""
    parent = int(os.environ.get("KESTO_PARENT", os.getppid()))
    os.environ.pop("KESTO_PARENT", None)
    threading.Thread(target=_watch, args=(parent,), name="leash", daemon=True).start()


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
