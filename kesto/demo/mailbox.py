"""The demo's mailbox: a small SMTP server on this machine that keeps what it takes.

    python -m kesto.demo.mailbox FOLDER PORT

Each e-mail is a file `new/<Message-ID>.eml` in the folder; one that comes again under the same
Message-ID is kept beside it as a double and counted. It speaks plain SMTP and listens on the
loopback address only: nothing leaves this machine.
"""

import asyncio
import contextlib
import re
import signal
import sys
from pathlib import Path

from msgspec import Struct

HOST = "127.0.0.1"
LONGEST_LINE = 65_536
LONGEST_MAIL = 30_000_000
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>\r\n]+)>", re.IGNORECASE | re.MULTILINE)
UNSAFE = re.compile(r"[^\w.@+-]")


class Count(Struct, frozen=True):
    """How many different e-mails were received, and how many came again."""

    received: int
    doubles: int


def count(folder: Path) -> Count:
    """What a mailbox holds."""
    names = [path.name for path in (folder / "new").glob("*.eml")]
    doubles = sum(".double-" in name for name in names)
    return Count(len(names) - doubles, doubles)


class Mailbox:
    """Takes e-mail for everybody and keeps it in a folder."""

    def __init__(self, folder: Path) -> None:
        self._new = folder / "new"
        self._new.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._parts = 0

    async def serve(self, port: int) -> asyncio.Server:
        """Listen on a port of this machine; 0 takes a free one."""
        return await asyncio.start_server(self.talk, HOST, port, limit=LONGEST_LINE)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's conversation."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            await self._converse(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = b"220 mailbox ready"
        has_recipient = False
        while True:
            writer.write(answer + b"\r\n")
            await writer.drain()
            line = await reader.readline()
            verb = line[:4].upper().strip()
            if not line or verb == b"QUIT":
                writer.write(b"221 bye\r\n" if line else b"")
                return
            if verb == b"DATA" and has_recipient:
                writer.write(b"354 go on\r\n")
                await writer.drain()
                answer = self._taken(await _data(reader))
                has_recipient = False
                continue
            has_recipient = verb == b"RCPT" or (has_recipient and verb == b"NOOP")
            answer = _answer(verb)

    def _taken(self, data: bytes) -> bytes:
        """Keep an e-mail; the file has its name when it is whole."""
        if len(data) > LONGEST_MAIL:
            return b"552 too large"
        found = MESSAGE_ID.search(data)
        if found is None:
            return b"550 it has no Message-ID"
        name = UNSAFE.sub("_", found[1].decode("ascii", "replace"))
        self._parts += 1
        part = self._new / f".{name}.{self._parts}"
        part.write_bytes(data)
        place, double = self._new / f"{name}.eml", 0
        while place.exists():
            double += 1
            place = self._new / f"{name}.double-{double}.eml"
        part.replace(place)
        return b"250 taken"


async def _data(reader: asyncio.StreamReader) -> bytes:
    """The e-mail's lines up to the single dot, each as it was before it travelled."""
    lines: list[bytes] = []
    while (line := await reader.readline()) != b".\r\n":
        if not line:
            raise ConnectionError("the client left in the middle of an e-mail")
        lines.append(line.removeprefix(b"."))
    return b"".join(lines)


def _answer(verb: bytes) -> bytes:
    known = {b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"}
    if verb == b"DATA":
        return b"503 say for whom first"
    return b"250 ok" if verb in known else b"502 not known here"


async def _run(folder: Path, port: int) -> None:
    server = await Mailbox(folder).serve(port)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with server:
        await stop.wait()


def run(folder: Path, port: int) -> None:
    """Take e-mail until told to end."""
    asyncio.run(_run(folder, port))


def main() -> None:
    """Be that process."""
    folder, port = sys.argv[1:]
    run(Path(folder), int(port))


if __name__ == "__main__":
    main()
