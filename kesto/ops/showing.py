"""Leaving the demo's product running, to click through."""

import os
import socket
from urllib.parse import urlsplit

from kesto.ops import config, together
from kesto.ops.home import Home

TRIED_PORTS = 50
WORKERS = "2"


def choose_ports(place: Home) -> None:
    """Settle where the demo is reached: where it runs already, else the first free ports."""
    up = together.current(place)
    if up is not None:
        os.environ["KESTO_PORT"] = str(urlsplit(up.address).port)
        return
    for name, usual in (
        ("KESTO_PORT", config.web_port()),
        ("KESTO_MAILBOX_PORT", config.mailbox_port()),
    ):
        os.environ.setdefault(name, str(_free_port(usual)))


def leave_running(place: Home) -> str:
    """Start web, workers, mailbox and database in the background; answers the address."""
    up = together.current(place)
    if up is not None:
        return up.address
    place.mailbox.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("KESTO_WORKERS", WORKERS)
    return together.start_detached(place)


def _free_port(usual: int) -> int:
    """The usual port, or the next one that nobody listens on."""
    for port in range(usual, usual + TRIED_PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return usual
