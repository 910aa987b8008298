"""Five thousand slow or half-sent requests: honest ones go on, at most twice as slow.

Run by `make soak`. The clients hold their connections open, half of them with headers that never
end, half with a body that never comes.
"""

import contextlib
import json
import resource
import socket
import time
from collections.abc import Iterator
from statistics import median

import pytest

from scripts.fuzz import home
from tests.faults.served import served

pytestmark = pytest.mark.soak
SLOW = 5_000
HONEST = 200
MOST = 2.0
ROUNDS = 3
HALF_HEADERS = b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-le"
HALF_BODY = b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900\r\n\r\n{"


def test_honest_requests_go_on_among_slow_ones() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 3 * SLOW)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    try:
        if wanted < SLOW + 100:
            pytest.skip("this system lets nobody hold so many connections")
        with home() as surroundings, served(surroundings, "tests.clients.served") as facts:
            port = int(surroundings["KESTO_PORT"])
            ratios = [ratio(port, facts["key"]) for _ in range(ROUNDS)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert median(ratios) <= MOST, ratios


def ratio(port: int, key: str) -> float:
    """How much slower honest requests are among slow ones than alone."""
    alone = honest_seconds(port, key, f"alone-{time.monotonic_ns()}")
    with slow_ones(port):
        among = honest_seconds(port, key, f"among-{time.monotonic_ns()}")
    return among / alone


@contextlib.contextmanager
def slow_ones(port: int) -> Iterator[None]:
    """Connections that send a part of a request and then nothing."""
    held: list[socket.socket] = []
    try:
        for number in range(SLOW):
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(HALF_BODY if number % 2 else HALF_HEADERS)
            held.append(one)
        yield
    finally:
        for one in held:
            one.close()


def honest_seconds(port: int, key: str, name: str) -> float:
    """The median of what honest requests take, each of which is answered after its commit."""
    found: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as line:
        for number in range(HONEST):
            event = {
                "id": f"{name}-{number}",
                "customer": "aino",
                "meter": "talk",
                "time": "2026-10-09T12:00:00Z",
                "value": 1,
            }
            body = json.dumps(event).encode()
            head = (
                "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                f"authorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            line.sendall(head.encode() + body)
            answer = line.recv(1 << 16)
            found.append(time.perf_counter() - began)
            assert b'"accepted":1' in answer, answer
    return median(found)
