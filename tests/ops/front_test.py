"""What the front makes of a request before Django sees it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from granian.rsgi import Scope

from kesto.ops import disk, front
from kesto.ops.crew import Crew
from kesto.ops.home import Home


class Headers:
    """Headers as granian gives them: lower case, in order, some more than once."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return list(self._pairs)

    def get(self, name: str, default: str | None = None) -> str | None:
        return dict(self._pairs).get(name, default)


def scope(*headers: tuple[str, str], **given: str) -> Scope:
    words = {
        "method": "GET",
        "path": "/",
        "query_string": "",
        "http_version": "1.1",
        "server": "127.0.0.1:8000",
        "client": "[::1]:50000",
        "scheme": "http",
    }
    return cast("Scope", SimpleNamespace(headers=Headers(*headers), **{**words, **given}))


def test_path_is_decoded_as_bytes() -> None:
    assert front.environ(scope(path="/k%C3%A4"), b"")["PATH_INFO"] == "/kä".encode().decode(
        "latin-1"
    )


def test_repeated_headers_are_joined() -> None:
    found = front.environ(
        scope(("accept", "a"), ("accept", "b"), ("cookie", "x=1"), ("cookie", "y=2")), b""
    )
    assert (found["HTTP_ACCEPT"], found["HTTP_COOKIE"]) == ("a,b", "x=1; y=2")


def test_header_with_an_underscore_is_dropped() -> None:
    assert "HTTP_X_MERCHANT" not in front.environ(scope(("x_merchant", "8")), b"")


def test_length_is_that_of_the_body_as_received() -> None:
    found = front.environ(scope(("content-length", "3"), ("content-type", "text/plain")), b"ab")
    assert (found["CONTENT_LENGTH"], found["CONTENT_TYPE"]) == ("2", "text/plain")
    assert "HTTP_CONTENT_LENGTH" not in found


def test_client_address_has_no_port() -> None:
    assert front.environ(scope(), b"")["REMOTE_ADDR"] == "::1"


@pytest.mark.parametrize("text", ["-1", "1e3", "٣", "many", " 1"])
def test_length_that_is_no_number_is_turned_away(text: str) -> None:
    with pytest.raises(front.TurnedAway) as refused:
        front.announced_bytes(scope(("content-length", text)))
    assert refused.value.answer[0] == 400


def test_length_above_the_limit_is_turned_away() -> None:
    with pytest.raises(front.TurnedAway) as refused:
        front.announced_bytes(scope(("content-length", str(front.BODY_BYTES + 1))))
    assert refused.value.answer[0] == 413


def test_refusal_for_want_of_room_says_when_to_try_again() -> None:
    assert ("retry-after", "5") in front.plain(507, "full")[1]


class Sender:
    """A client that sends these parts of a body, and then no more, or the end of it."""

    def __init__(self, *parts: bytes, hangs: bool = False) -> None:
        self._parts = parts
        self._hangs = hangs

    async def __call__(self) -> bytes:
        return b"".join([part async for part in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part
        if self._hangs:
            await asyncio.sleep(60)


class Bench:
    """A front whose Django only says how much it was given."""

    def __init__(self, home: Home) -> None:
        self.front = front.Front()
        self.front._home = home
        self.front._threads = ThreadPoolExecutor(2)
        self.front._crew = Crew(self.front._threads, 2)
        self.front._call_django = self.answer  # type: ignore[method-assign]  # the part played by Django
        self.hold = threading.Event()
        self.hold.set()

    def answer(self, surroundings: dict[str, Any]) -> front.Answer:
        self.hold.wait()
        return front.plain(200, surroundings["CONTENT_LENGTH"])

    async def send(self, sender: Sender, *headers: tuple[str, str], **given: str) -> int:
        self.front._loop = asyncio.get_running_loop()
        status, _, _ = await self.front._answer(
            scope(*headers, **{"method": "POST", **given}), cast("Any", sender)
        )
        return status

    def status(self, sender: Sender, *headers: tuple[str, str], **given: str) -> int:
        return asyncio.run(self.send(sender, *headers, **given))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(Home(tmp_path))
    yield made
    made.hold.set()
    made.front._threads.shutdown()


def test_whole_body_is_handed_over(bench: Bench) -> None:
    assert bench.status(Sender(b"ab", b"c"), ("content-length", "3")) == 200
    assert bench.front._held_bytes == 0


def test_body_that_never_ends_is_turned_away(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "BODY_SECONDS", 0.01)
    assert bench.status(Sender(b"ab", hangs=True), ("content-length", "3")) == 408
    assert bench.front._held_bytes == 0


def test_body_that_outgrows_the_limit_is_turned_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "BODY_BYTES", 3)
    assert bench.status(Sender(b"ab", b"cd"), ("transfer-encoding", "chunked")) == 413


def test_bodies_that_are_too_much_together_are_turned_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "HELD_BYTES", 3)
    assert bench.status(Sender(b"ab", b"cd"), ("content-length", "4")) == 503
    assert bench.status(Sender(b"ab", b"cd"), ("transfer-encoding", "chunked")) == 503


def test_writing_is_refused_while_the_disk_is_low(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: 0)
    assert bench.status(Sender()) == 507
    assert bench.status(Sender(), method="GET") == 200


def test_answer_that_takes_too_long_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "ANSWER_SECONDS", 0.01)
    bench.hold.clear()
    assert bench.status(Sender()) == 503


def test_request_behind_too_many_others_is_turned_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "WAITING_REQUESTS", 2 - front.THREADS)
    bench.hold.clear()

    async def three() -> list[int]:
        first = [asyncio.create_task(bench.send(Sender())) for _ in range(2)]
        await asyncio.sleep(0.05)
        third = await bench.send(Sender())
        bench.hold.set()
        return [*await asyncio.gather(*first), third]

    assert asyncio.run(three()) == [200, 200, 503]


def test_livez_needs_nothing(bench: Bench) -> None:
    bench.hold.clear()
    assert bench.status(Sender(), path="/livez", method="GET") == 200
