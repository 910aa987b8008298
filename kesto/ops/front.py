"""The front: reads each request's body without holding a thread, then hands it on.

It asks at the doors first (`kesto.api.doors`), and hands to Django what comes to none.

The one asynchronous file of the product. A client that sends slowly, or announces a body and
never sends it, costs a little memory and no thread; honest requests go on (measured: four such
clients stopped everything when bodies were read by the threads themselves).
"""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from granian.rsgi import (  # type: ignore[attr-defined]  # named there, not exported
    HTTPProtocol,
    ProtocolClosed,
    Scope,
)

from kesto.ops import boot, disk, leash
from kesto.ops.home import Home, real_home
from kesto.web.ui import assets

if TYPE_CHECKING:
    from kesto.api.doors.door import Coming

ROOMS_OF_DOORS = ("/v1/", "/api/")
THREADS = 8
WAITING_REQUESTS = 200
BODY_BYTES = 10 * 1024 * 1024
HELD_BYTES = 64 * 1024 * 1024  # of all unfinished bodies together
BODY_SECONDS = 15.0
BODY_BYTES_PER_SECOND = 64 * 1024  # slower senders are turned away
ANSWER_SECONDS = 30.0
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]


class TurnedAway(Exception):  # noqa: N818 - an answer, not a bug
    """A request that never reaches Django."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.answer = plain(status, text)


class Front:
    """What granian calls for every request of one process."""

    def __init__(self, place: Callable[[], Home] = real_home, database: str = "") -> None:
        self._find_home = place
        self._database = database
        self._busy = 0
        self._held_bytes = 0

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Set up Django as kesto_app; refuse to serve as a role that bypasses."""
        leash.end_with_parent()
        self._loop = loop
        self._home = self._find_home()
        boot.boot(self._home, ("app",), self._database)
        boot.refuse_bypassing()
        assets.prepare()
        self._django = WSGIHandler()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the requests in hand finish."""
        self._threads.shutdown()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        try:
            status, headers, body = await self._answer(scope, protocol)
            protocol.response_bytes(status, headers, body)
        except ProtocolClosed:
            pass  # the client has gone

    async def _answer(self, scope: Scope, protocol: HTTPProtocol) -> Answer:
        if scope.path == "/livez":
            return plain(200, "alive")
        try:
            self._turn_away(scope)
            async with self._body(scope, protocol) as body:
                return await self._ask(environ(scope, body))
        except TurnedAway as refusal:
            return refusal.answer

    def _turn_away(self, scope: Scope) -> None:
        if self._busy >= THREADS + WAITING_REQUESTS:
            raise TurnedAway(503, "Too many requests are waiting; try again soon.")
        if scope.method not in READING_METHODS and disk.is_low(self._home):
            raise TurnedAway(507, "The disk is nearly full; nothing new is taken in.")

    @asynccontextmanager
    async def _body(self, scope: Scope, protocol: HTTPProtocol) -> AsyncIterator[bytes]:
        length = announced_bytes(scope)
        body = bytearray()
        try:
            if length or scope.headers.get("transfer-encoding"):
                await self._read(protocol, body, BODY_SECONDS + length / BODY_BYTES_PER_SECOND)
            yield bytes(body)
        finally:
            self._held_bytes -= len(body)

    async def _read(self, protocol: HTTPProtocol, body: bytearray, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                async for part in protocol:
                    body += part
                    self._held_bytes += len(part)
                    self._refuse_weight(len(body))
        except TimeoutError:
            raise TurnedAway(408, "The body was sent too slowly.") from None

    def _refuse_weight(self, size: int) -> None:
        if size > BODY_BYTES:
            raise TurnedAway(413, f"A body may have {BODY_BYTES} bytes at most.")
        if self._held_bytes > HELD_BYTES:
            raise TurnedAway(503, "Too much is being sent at once; try again soon.")

    async def _ask(self, surroundings: dict[str, Any]) -> Answer:
        work = self._threads.submit(self._call, surroundings)
        self._busy += 1
        # A thread that hangs stays busy, whether or not anybody still waits for its answer.
        work.add_done_callback(self._free_when_answered)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                coming = await asyncio.wrap_future(work)
                return await asyncio.wrap_future(coming) if isinstance(coming, Future) else coming
        except TimeoutError:
            raise TurnedAway(503, "The answer took too long; try again later.") from None

    def _free_when_answered(self, work: "Future[Coming]") -> None:
        coming = None if work.cancelled() or work.exception() else work.result()
        if isinstance(coming, Future):
            coming.add_done_callback(self._free_soon)
        else:
            self._free_soon(work)

    def _free_soon(self, _done: "Future[Any]") -> None:
        self._loop.call_soon_threadsafe(self._free_one)

    def _free_one(self) -> None:
        self._busy -= 1

    def _call(self, surroundings: dict[str, Any]) -> "Coming":
        """Answer at a door, where the request comes to one, else by Django."""
        is_for_doors = surroundings["PATH_INFO"].startswith(ROOMS_OF_DOORS)
        if is_for_doors and not _is_to_be_sent_on(surroundings):
            coming: Coming | None = _doors().open_door(surroundings)
            if coming is not None:
                return coming
        return self._call_django(surroundings)

    def _call_django(self, surroundings: dict[str, Any]) -> Answer:
        begun: list[tuple[str, Headers]] = []

        def start_response(
            status: str, headers: Headers, _error: Any = None, /
        ) -> Callable[[bytes], object]:
            begun.append((status, headers))
            return _never_written

        response = self._django(surroundings, start_response)
        try:
            body = b"".join(response)
        finally:
            response.close()
        status, headers = begun[-1]
        return int(status.split(" ", 1)[0]), headers, body


def plain(status: int, text: str) -> Answer:
    """A short answer of the front itself."""
    headers = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")]
    if status in {503, 507}:
        headers.append(("retry-after", "5"))
    return status, headers, f"{text}\n".encode()


def announced_bytes(scope: Scope) -> int:
    """The length that the request announces; too much is turned away unread."""
    text = scope.headers.get("content-length") or "0"
    if not text.isascii() or not text.isdigit():
        raise TurnedAway(400, "Content-Length is no number.")
    length = int(text)
    if length > BODY_BYTES:
        raise TurnedAway(413, f"A body may have {BODY_BYTES} bytes at most.")
    return length


def environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """The request as WSGI wants it."""
    server_name, _, server_port = scope.server.rpartition(":")
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server_name,
        "SERVER_PORT": server_port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        _add_header(found, name, value)
    return found


@cache
def _doors() -> Any:
    # Not at the top: a process that is never asked by a program holds none of the API.
    return import_module("kesto.api.doors")


def _is_to_be_sent_on(surroundings: dict[str, Any]) -> bool:
    """Whether Django sends the client to https."""
    return settings.SECURE_SSL_REDIRECT and surroundings.get("HTTP_X_FORWARDED_PROTO") != "https"


def _never_written(_data: bytes) -> object:
    raise NotImplementedError("Django gives its whole answer as one iterable")


def _add_header(found: dict[str, Any], name: str, value: str) -> None:
    # A name with an underscore would pass for the same name with a hyphen.
    if "_" in name or name == "content-length":
        return
    key = name.upper().replace("-", "_")
    key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
    if key in found:
        value = f"{found[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    found[key] = value


front = Front()
