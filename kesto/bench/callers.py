"""Callers: many connections that ask a web process one thing after another, from one thread."""

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence

from msgspec import Struct

END = b"\r\n\r\n"
LENGTH = b"content-length:"
PIECE = 1 << 16


class Called(Struct, frozen=True):
    """What the callers heard: how long all took, each answer's seconds, and the statuses."""

    seconds: float
    latencies: list[float]
    statuses: Mapping[int, int]

    def percentile(self, share: float) -> float:
        """The seconds in which that share of all answers came."""
        found = sorted(self.latencies)
        return found[min(int(len(found) * share), len(found) - 1)]


class _Line:
    """One connection: what was sent when, and what came of the answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self.heard = bytearray()

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self.heard.clear()
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> int | None:
        """Read on; the status when the whole answer has come."""
        piece = self.socket.recv(PIECE)
        if not piece:
            raise ConnectionError("the web process hung up")
        self.heard += piece
        end = self.heard.find(END)
        if end < 0:
            return None
        head = bytes(self.heard[:end]).lower()
        length = int(head.partition(LENGTH)[2].split(b"\r\n", 1)[0] or 0)
        return int(head[9:12]) if len(self.heard) >= end + len(END) + length else None


def call(port: int, requests: Sequence[bytes], connections: int) -> Called:
    """Send all requests over so many connections, each connection one at a time."""
    waiting = deque(requests)
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    lines = [_Line(port) for _ in range(min(connections, len(requests)))]
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
        began = time.perf_counter()
        for line in lines:
            line.ask(waiting.popleft())
        while len(latencies) < len(requests):
            for key, _ in selector.select():
                line = key.data
                status = line.answer()
                if status is None:
                    continue
                latencies.append(time.perf_counter() - line.began)
                statuses[status] += 1
                if waiting:
                    line.ask(waiting.popleft())
        seconds = time.perf_counter() - began
    for line in lines:
        line.socket.close()
    return Called(seconds, latencies, dict(statuses))


def request(method: str, path: str, key: str = "", body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "host: localhost", f"authorization: Bearer {key}"]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + END + body
