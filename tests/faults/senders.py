"""Systems that send usage all the time, as good clients do: `python -m tests.faults.senders FILE`.

Each request has a moment at which it is due, whatever became of those before it; what it took is
counted from then. A request that is told to come again, or whose connection is lost, is sent again
with the same ids until it is answered. Some events are sent again though they were answered, and
some whole requests. One process, sockets and no more: it shares its cores with what it tries.

The file holds a `Plan` as JSON; what was heard is written beside it as `.heard`. SIGTERM ends the
time early.
"""

import itertools
import random
import re
import selectors
import signal
import socket
import sys
import time
from collections import Counter, deque
from heapq import heappop, heappush
from pathlib import Path

import msgspec
from msgspec import Struct

BATCH = 100
AGAIN = 3  # events of a batch that were answered before
WHOLE_AGAIN = 50  # each such request is one that was answered before
CUSTOMERS = 1_000
LATE = 50  # each such event is of an earlier day
REST_SECONDS = 0.2  # before a lost connection is opened again
SILENCE_SECONDS = 60.0  # after which nobody answers any more: the front gives up long before
PIECE = 1 << 16
END = b"\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
RETRY_AFTER = re.compile(rb"\r\nretry-after: *(\d+)", re.IGNORECASE)
COUNTS = re.compile(rb'"accepted":(\d+),"duplicate":(\d+),"rejected":(\d+)')
ZONES = ("EU", "US", "AS")


class Plan(Struct, frozen=True):
    """What is sent: where to, by which keys, events a second, from when (monotonic), how long.

    `patience` is for how long after the end what is not answered yet is sent again. `begins` are
    the numbers of each sender's first events, `days` the usual day of events and an earlier one.
    """

    port: int
    keys: list[str]
    rate: int
    starts: float
    seconds: float
    patience: float = 120.0
    connections: int = 4
    begins: tuple[int, ...] = ()
    days: tuple[str, str] = ("2026-11-01", "2026-10-28")


class Failure(Struct, frozen=True):
    """An answer that was none: when, an HTTP status or `lost`, and whether it said when to come."""

    at: float
    kind: str
    is_told_when: bool = False


class Request(Struct):
    """Events of one sender: new ones and others that were answered before; when it was due."""

    sender: int
    fresh: range
    again: list[int]
    due: float
    tries: int = 0

    @property
    def size(self) -> int:
        """How many events there are in it."""
        return len(self.fresh) + len(self.again)


class Heard(Struct, frozen=True):
    """What became of all: each request's due and answered moment, and the senders' own count.

    `events` are the numbers that follow each sender's last events. `sums` is what each customer
    used, in hundredths, and `counts` what the answers said; `wrong` are answers that can't be.
    """

    answers: list[tuple[float, float]]
    failures: list[Failure]
    events: list[int]
    sums: dict[int, int]
    unanswered: int
    counts: dict[str, int]
    unsure: int
    wrong: list[str]
    cpu_seconds: float


def mixed(sender: int, number: int) -> int:
    """A number that looks like chance and is the same each time."""
    found = (number * 2_654_435_761 + sender * 40_503 + 12_345) & 0xFFFFFFFF
    found ^= found >> 15
    return (found * 2_246_822_519) & 0xFFFFFFFF


def used(sender: int, number: int) -> tuple[int, int]:
    """Which customer an event is of, and how much it was, in hundredths."""
    chance = mixed(sender, number)
    return chance % CUSTOMERS, chance >> 10 & 0x3FFF


def event(sender: int, number: int, days: tuple[str, str]) -> str:
    """An event as it is sent; the same number is the same event, to the byte."""
    customer, hundredths = used(sender, number)
    chance = mixed(sender, number + 7)
    second = chance % 14_400
    day = days[not chance % LATE]
    moment = f"{5 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return (
        f'{{"id":"{sender}-{number}","customer":"u-{customer}","meter":"data",'
        f'"time":"{day}T{moment}Z","value":"{hundredths // 100}.{hundredths % 100:02}",'
        f'"properties":{{"zone":"{ZONES[chance % 3]}"}}}}'
    )


class Line:
    """One connection of one sender, and the request that is on it."""

    def __init__(self, sender: int) -> None:
        self.sender = sender
        self.socket: socket.socket | None = None
        self.request: Request | None = None
        self.sent_at = self.open_at = 0.0
        self.heard = bytearray()

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket = None


class Senders:
    """All senders, their lines, what waits to be sent and what was heard."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.chance = random.Random(plan.rate)  # noqa: S311 - chance, not a secret
        count = len(plan.keys)
        self.lines = [Line(n % count) for n in range(count * plan.connections)]
        self.selector = selectors.DefaultSelector()
        self.waiting: list[deque[Request]] = [deque() for _ in plan.keys]
        self.later: list[tuple[float, int, Request]] = []
        self.events = [*plan.begins] or [0] * count
        self.answered: list[list[range]] = [[] for _ in plan.keys]
        self.made = self.open = self.unsure = 0
        self.wanted = int(plan.seconds * plan.rate / BATCH)
        self.until = plan.starts + plan.seconds + plan.patience
        self.places = itertools.count()
        self.heads = [
            f"POST /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n"
            "content-type: application/json\r\ncontent-length: "
            for key in plan.keys
        ]
        self.answers: list[tuple[float, float]] = []
        self.failures: list[Failure] = []
        self.sums: Counter[int] = Counter()
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self) -> Heard:
        """Send until the time is over and everything is answered, or patience ends."""
        while (self.made < self.wanted or self.open) and time.monotonic() < self.until:
            now = time.monotonic()
            self._make_due(now)
            self._send_waiting(now)
            for key, _ in self.selector.select(self._pause(now)):
                self._hear(key.data)
            self._give_up_silent(time.monotonic())
        return Heard(
            *(self.answers, self.failures, self.events, dict(self.sums), self.open),
            *(dict(self.counts), self.unsure, self.wrong, time.process_time()),
        )

    def make_no_more(self) -> None:
        """End the time now: what was made already is still sent until it is answered."""
        self.wanted = self.made
        self.until = time.monotonic() + self.plan.patience

    def _pause(self, now: float) -> float:
        """How long nothing is to be done but listening."""
        next_due = self._due(self.made) - now if self.made < self.wanted else REST_SECONDS
        if self.later:
            next_due = min(next_due, self.later[0][0] - now)
        return min(max(next_due, 0.0005), REST_SECONDS / 4)

    def _due(self, number: int) -> float:
        return self.plan.starts + number * BATCH / self.plan.rate

    def _make_due(self, now: float) -> None:
        while self.made < self.wanted and self._due(self.made) <= now:
            sender = self.made % len(self.plan.keys)
            self.waiting[sender].append(self._made(sender, self._due(self.made)))
            self.made += 1
            self.open += 1
        while self.later and self.later[0][0] <= now:
            request = heappop(self.later)[2]
            self.waiting[request.sender].append(request)

    def _made(self, sender: int, due: float) -> Request:
        before, first = self.answered[sender], self.events[sender]
        if before and not self.made % WHOLE_AGAIN:
            return Request(sender, range(0), [*self.chance.choice(before)], due)
        again = [self.chance.choice(self.chance.choice(before)) for _ in range(AGAIN) if before]
        self.events[sender] += BATCH - len(again)
        return Request(sender, range(first, self.events[sender]), again, due)

    def _send_waiting(self, now: float) -> None:
        for line in self.lines:
            waiting = self.waiting[line.sender]
            if waiting and line.request is None and line.open_at <= now and self._is_open(line):
                self._send(line, waiting.popleft())

    def _is_open(self, line: Line) -> bool:
        if line.socket is None:
            try:
                line.socket = socket.create_connection(("127.0.0.1", self.plan.port), 5)
            except OSError:
                line.open_at = time.monotonic() + REST_SECONDS
                return False
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(line.socket, selectors.EVENT_READ, line)
        return True

    def _send(self, line: Line, request: Request) -> None:
        assert line.socket is not None
        numbers = [*request.fresh, *request.again]
        random.Random(numbers[0]).shuffle(numbers)  # noqa: S311 - chance, not a secret
        body = f"[{','.join(event(request.sender, one, self.plan.days) for one in numbers)}]"
        line.request, line.sent_at = request, time.monotonic()
        line.heard.clear()
        request.tries += 1
        try:
            line.socket.sendall(f"{self.heads[line.sender]}{len(body)}\r\n\r\n{body}".encode())
        except OSError:
            self._lose(line, "lost")

    def _hear(self, line: Line) -> None:
        assert line.socket is not None
        try:
            piece = line.socket.recv(PIECE)
        except OSError:
            piece = b""
        if not piece:
            self._lose(line, "lost" if line.request else "idle")
            return
        line.heard += piece
        end = line.heard.find(END)
        if end < 0 or line.request is None:
            return
        head = bytes(line.heard[:end])
        length = LENGTH.search(head)
        if length is not None and len(line.heard) >= end + len(END) + int(length[1]):
            self._settle(line, line.request, head, bytes(line.heard[end + len(END) :]))

    def _settle(self, line: Line, request: Request, head: bytes, body: bytes) -> None:
        """Take an answer that came whole."""
        line.request, now = None, time.monotonic()
        status = head[9:12].decode()
        if status == "200":
            self._note(request, body, now)
            return
        told = RETRY_AFTER.search(head)
        self.failures.append(Failure(now - self.plan.starts, status, told is not None))
        self._again(request, now + (int(told[1]) if told else 1))

    def _note(self, request: Request, body: bytes, now: float) -> None:
        """Hold an answer against what was sent; what is new and answered is added up here."""
        self.open -= 1
        self.answers.append((request.due - self.plan.starts, now - self.plan.starts))
        counts = COUNTS.search(body)
        accepted, duplicate, rejected = map(int, counts.groups()) if counts else (0, 0, 0)
        self.counts.update(accepted=accepted, duplicate=duplicate, rejected=rejected)
        most = len(request.again) if request.tries == 1 else request.size
        is_right = accepted + duplicate == request.size and not rejected
        if not is_right or not len(request.again) <= duplicate <= most:
            self.wrong.append(f"try {request.tries}: {body[:200].decode('utf-8', 'replace')}")
        self.unsure += duplicate - len(request.again)
        for number in request.fresh:
            customer, hundredths = used(request.sender, number)
            self.sums[customer] += hundredths
        if request.fresh:
            self.answered[request.sender].append(request.fresh)

    def _lose(self, line: Line, kind: str) -> None:
        """The connection is gone; what was on it is sent again, nobody knows whether it came."""
        assert line.socket is not None
        self.selector.unregister(line.socket)
        line.close()
        now = time.monotonic()
        line.open_at = now + REST_SECONDS
        request, line.request = line.request, None
        if kind != "idle":
            self.failures.append(Failure(now - self.plan.starts, kind))
        if request is not None:
            self._again(request, now + REST_SECONDS)

    def _again(self, request: Request, at: float) -> None:
        heappush(self.later, (at, next(self.places), request))

    def _give_up_silent(self, now: float) -> None:
        for line in self.lines:
            if line.request is not None and now - line.sent_at > SILENCE_SECONDS:
                self._lose(line, "silence")


def main() -> None:
    """Send as the file says, and write down what was heard."""
    path = Path(sys.argv[1])
    plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    senders = Senders(plan)
    signal.signal(signal.SIGTERM, lambda *_: senders.make_no_more())
    heard = senders.run()
    path.with_suffix(".heard").write_bytes(msgspec.json.encode(heard))


if __name__ == "__main__":
    main()
