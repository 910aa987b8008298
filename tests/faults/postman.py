"""A process that delivers and is killed in the middle of it, and the mailbox it delivers to."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kesto.adapters.blobs.folder import FolderBlobs
from kesto.adapters.channels.letter import LetterFolder
from kesto.adapters.channels.port import MailServer
from kesto.adapters.channels.smtp import SmtpChannel
from kesto.flows.deliver import deliver
from kesto.flows.mailroom import Mailroom
from kesto.ops import boot
from kesto.ops.home import Home
from kesto.store import messages
from tests.contracts.delivery_office import NOW, PlainMaker, free_port
from tests.faults.actor import ROOT

POINTS = (
    *("deliver.messages_made", "deliver.mail_begun", "deliver.mail_begun:7"),
    *("deliver.mail_sent", "deliver.mail_sent:7", "deliver.letters_printed"),
)
"""Where a delivery dies."""

SENDS_AGAIN = """
    update message set state = 'waiting', document_sha256 = null
    where merchant_id = %s and state = 'sending' and due_at <= %s
"""


def start(
    place: Home,
    database: str,
    merchant_id: UUID,
    folder: Path,
    port: int,
    *,
    crash_at: str = "",
    hours: int = 0,
    mutant: str = "",
) -> "subprocess.Popen[bytes]":
    """Let a process deliver all that is due, so many hours later than the first."""
    words = [str(place.path), database, str(merchant_id), str(folder), str(port), str(hours)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.postman", *words, mutant],
        cwd=ROOT,
        env={**os.environ, "KESTO_CRASH_AT": crash_at},
    )


@contextlib.contextmanager
def mailbox(folder: Path) -> Iterator[int]:
    """The demo's mailbox in a process of its own; answers its port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "kesto.demo.mailbox", str(folder), str(port)], cwd=ROOT
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError("the mailbox did not start")


def main() -> None:
    """Be that process."""
    home, database, merchant, folder, port, hours, mutant = sys.argv[1:]
    boot.boot(Home(Path(home)), ("app", "run"), database)
    place = Path(folder)
    channel = SmtpChannel(MailServer("127.0.0.1", int(port)))
    room = Mailroom(
        maker=PlainMaker(),
        blobs=FolderBlobs(place / "documents"),
        letters=LetterFolder(place / "letters"),
        open_mail=lambda _server: channel,
        clock=lambda: NOW + timedelta(hours=int(hours)),
        public_url="https://bills.example",
        test_server=channel.server,
        secret=lambda _code: "",
    )
    with pytest.MonkeyPatch.context() as patch:
        if mutant == "sends_again":
            patch.setattr(messages, "LOST", SENDS_AGAIN)
        deliver(UUID(merchant), room, rounds=0)


if __name__ == "__main__":
    main()
