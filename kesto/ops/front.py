"""The front: reads each request's body without holding a thread, then hands it on.

It asks at the doors first (`kesto.api.doors`), and hands to Django what comes to none.

The one asynchronous file of the product. A client that sends slowly, or announces a body and
never sends it, costs a little memory and no thread; honest requests go on (measured: four such
clients stopped everything when bodies were read by the threads themselves).
"""

import asyncio
import gc
import io
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from granian.rsgi import (  # type: ignore[attr-defined]  # named there, not exported
    HTTPProtocol,
    ProtocolClosed,
    Scope,
)

from kesto.ops import backends, boot, disk, leash
from kesto.ops.crew import AT_WORK, Crew
from kesto.ops.home import Home, real_home
from kesto.web.ui import assets

ROOMS_OF_DOORS = ("/v1/", "/api/")
THREADS = 8
WAITING_REQUESTS = 200
BODY_BYTES = 10 * 1024 * 1024
HELD_BYTES = 64 * 1024 * 1024  # of all unfinished bodies together
BODY_SECONDS = 15.0
BODY_BYTES_PER_SECOND = 64 * 1024  # slower senders are turned away
ANSWER_SECONDS = 30.0
WHOLE_BYTES = 64 * 1024
"""A body that announces so little is read in one piece."""

QUICK_BYTES = 32 * 1024
"""A body of so little is read by a quick door without a thread, in a moment."""

YOUNG_OBJECTS = 20_000
"""So many are made before cycles are looked for among them: by then most of them are gone."""

FINISH_SECONDS = 20.0  # in which the requests in hand are answered when the process ends
ROOM_SECONDS = 1.0  # how long the room on the disk is believed
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]
Tell = Callable[[Answer | Exception], None]


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
        self._announced_bytes = 0
        self._answered: deque[tuple[asyncio.Future[Answer], Answer | Exception]] = deque()
        self._is_called = False
        self._room_seen_at = 0.0
        self._is_low = False

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Set up Django as kesto_app; refuse to serve as a role that bypasses."""
        leash.end_with_parent()
        self._loop = loop
        self._home = self._find_home()
        boot.boot(self._home, ("app",), self._database)
        backends.keep_near()
        boot.refuse_bypassing()
        assets.prepare()
        self._django = WSGIHandler()
        # Django looks after connections twice for each request, and empties lists that only its
        # debugging fills: once, before the request, is enough.
        request_finished.disconnect(close_old_connections)
        request_started.disconnect(reset_queries)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")
        self._crew = Crew(self._threads, THREADS - AT_WORK)
        self._light_crew = Crew(self._threads, THREADS)
        # What stands now stays: the search for cycles need not go through it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the requests in hand finish; `serve` ends the process then."""
        loop.run_until_complete(self._all_answered())
        self._threads.shutdown(wait=False)

    async def _all_answered(self) -> None:
        last = self._loop.time() + FINISH_SECONDS
        while self._busy and self._loop.time() < last:  # noqa: ASYNC110 - once, at the end of the process
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)  # in which the last answers go out

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
            length = announced_bytes(scope)
            if 0 < length <= WHOLE_BYTES and self._announced_bytes + length <= HELD_BYTES:
                return await self._ask(environ(scope, await self._whole(protocol, length)))
            async with self._body(scope, protocol, length) as body:
                return await self._ask(environ(scope, body))
        except TurnedAway as refusal:
            return refusal.answer

    def _turn_away(self, scope: Scope) -> None:
        if self._busy >= THREADS + WAITING_REQUESTS:
            raise TurnedAway(503, "Too many requests are waiting; try again soon.")
        if scope.method not in READING_METHODS and self._has_no_room():
            raise TurnedAway(507, "The disk is nearly full; nothing new is taken in.")

    def _has_no_room(self) -> bool:
        now = self._loop.time()
        if not self._room_seen_at or now - self._room_seen_at > ROOM_SECONDS:
            self._is_low, self._room_seen_at = disk.is_low(self._home), now
        return self._is_low

    async def _whole(self, protocol: HTTPProtocol, length: int) -> bytes:
        """A small body, which costs a fraction of reading it part by part."""
        self._announced_bytes += length
        try:
            async with asyncio.timeout(BODY_SECONDS + length / BODY_BYTES_PER_SECOND):
                return await protocol()
        except TimeoutError:
            raise TurnedAway(408, "The body was sent too slowly.") from None
        finally:
            self._announced_bytes -= length

    @asynccontextmanager
    async def _body(
        self, scope: Scope, protocol: HTTPProtocol, length: int
    ) -> AsyncIterator[bytes]:
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
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        # What hangs stays busy, whether or not anybody still waits for its answer.
        self._busy += 1

        def tell(answer: Answer | Exception) -> None:
            self._answered.append((waiting, answer))
            if not self._is_called:  # many answers come at once, after one commit
                self._is_called = True
                self._loop.call_soon_threadsafe(self._hand_out)

        if not self._answer_at_once(surroundings, tell):
            self._hand_on(surroundings, tell)
        late = self._loop.call_later(ANSWER_SECONDS, _give_up, waiting)
        try:
            return await waiting
        finally:
            late.cancel()

    def _hand_on(self, surroundings: dict[str, Any], tell: Tell) -> None:
        """Have it answered by a thread in its turn; who looks at a door waits for no page."""

        def work() -> None:
            try:
                self._call(surroundings, tell)
            except BaseException as bug:
                tell(bug if isinstance(bug, Exception) else RuntimeError("the thread ended"))
                raise

        (self._light_crew if self._is_light(surroundings) else self._crew).take(work)

    def _is_light(self, surroundings: dict[str, Any]) -> bool:
        """Whether it comes to a door; not said before the doors are loaded."""
        if not _is_for_doors(surroundings) or not _doors.cache_info().currsize:
            return False
        return bool(_doors().is_door(surroundings))

    def _hand_out(self) -> None:
        self._is_called = False
        while self._answered:
            waiting, answer = self._answered.popleft()
            self._busy -= 1
            if waiting.done():
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)

    def _answer_at_once(self, surroundings: dict[str, Any], tell: Tell) -> bool:
        """Answer at a quick door without a thread; False where that cannot be."""
        if int(surroundings["CONTENT_LENGTH"]) > QUICK_BYTES or not _is_for_doors(surroundings):
            return False
        # Loading the doors takes a while, in which a thread waits and nobody else.
        return _doors.cache_info().currsize > 0 and _doors().open_at_once(surroundings, tell)

    def _call(self, surroundings: dict[str, Any], tell: Tell) -> None:
        """Answer at a door, where the request comes to one, else by Django."""
        if not _is_for_doors(surroundings) or not _doors().open_door(surroundings, tell):
            tell(self._call_django(surroundings))

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


def _is_for_doors(surroundings: dict[str, Any]) -> bool:
    """Whether a door may answer."""
    is_room = surroundings["PATH_INFO"].startswith(ROOMS_OF_DOORS)
    return is_room and not _is_to_be_sent_on(surroundings)


def _is_to_be_sent_on(surroundings: dict[str, Any]) -> bool:
    """Whether Django sends the client to https."""
    return settings.SECURE_SSL_REDIRECT and surroundings.get("HTTP_X_FORWARDED_PROTO") != "https"


def _give_up(waiting: "asyncio.Future[Answer]") -> None:
    if not waiting.done():
        waiting.set_exception(TurnedAway(503, "The answer took too long; try again later."))


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
