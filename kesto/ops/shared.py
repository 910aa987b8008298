"""What the web processes of one installation share: a port, and what each key has asked so far.

Each listens at a socket of its own, among which the system spreads connections: who ends gets no
more, and the others answer. (One socket for all was tried: the first to look took nearly every
connection.) Requests of keys are counted in a piece of memory, which who starts the processes
hands on to them as a descriptor that the environment names.
"""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from kesto.core.refusals import Conflict, NotAllowed

COUNTS = "KESTO_COUNTS"
HOST = "127.0.0.1"
PAGES_LATER = "--pages-later"
"""Tells a web process to load pages when they are asked for."""

LOOK_SECONDS = 0.1


class Shared(Struct, frozen=True):
    """What is handed on to each web process: its surroundings, and descriptors named there."""

    port: int
    surroundings: dict[str, str]
    descriptors: tuple[int, ...]


@contextmanager
def opened(port: int, processes: int, patience_seconds: float = 0.0) -> Iterator[Shared]:
    """Take the port, 0 for any, for so many processes, and make what they share.

    `patience_seconds`: how long to wait for whoever has the port to go. Raises NotAllowed where
    this user may not have it, Conflict where it is in use.
    """
    with _reserved(port, time.monotonic() + patience_seconds) as own, _memory() as counts:
        surroundings = {
            "KESTO_PORT": str(own),
            "KESTO_WEB_PROCESSES": str(processes),
            COUNTS: str(counts),
        }
        yield Shared(own, surroundings, (counts,))


def handed(name: str) -> int | None:
    """The descriptor that this process was handed under a name; nobody gets it from here."""
    text = os.environ.get(name, "")
    if not text:
        return None
    os.set_inheritable(int(text), False)
    return int(text)


@contextmanager
def _memory() -> Iterator[int]:
    counts = os.memfd_create("kesto-counts")
    try:
        yield counts
    finally:
        os.close(counts)


@contextmanager
def _reserved(port: int, deadline: float) -> Iterator[int]:
    """Hold a port that nobody has; only processes of ours that say so listen at it meanwhile.

    Else a second installation of this user could be started at the same moment, and each would
    get a part of the other's connections.
    """
    while not _is_free(port):
        if time.monotonic() > deadline:
            raise Conflict(
                f"Port {port} is in use: name another one in KESTO_PORT",
                code="port_taken",
                field="KESTO_PORT",
            )
        time.sleep(LOOK_SECONDS)
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        # Where connections of another program have not quite ended, it can't be held, but used.
        with contextlib.suppress(OSError):
            held.bind((HOST, port))
        yield port or int(held.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise NotAllowed(
                f"Port {port} may not be used by this user: name one above 1023 in KESTO_PORT",
                code="port_forbidden",
                field="KESTO_PORT",
            ) from None
        except OSError:
            return False
    return True
