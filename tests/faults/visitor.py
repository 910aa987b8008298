"""A visitor who looks at pages and asks the API all the time, and remembers what was unfriendly."""

import http.client
import itertools
import threading
from collections import Counter
from types import TracebackType
from typing import Self

PATHS = (
    "/v1/customers?limit=1",
    "/office/",
    "/v1/subscriptions?limit=1",
    "/portal/",
    "/v1/invoices?limit=1",
    "/readyz",
)
PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 40.0
FIRST_OF_OURS = 500
AWAY = 503


class Visitor:
    """Comes from a thread of its own; a web that is not there is asked again."""

    def __init__(self, port: int, key: str) -> None:
        self.answers: Counter[int] = Counter()
        self.unfriendly: list[str] = []
        self._port = port
        self._headers = {"authorization": f"Bearer {key}", "host": "localhost"}
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._look_around, name="visitor", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leaving.set()
        self._thread.join()

    def _look_around(self) -> None:
        for path in itertools.cycle(PATHS):
            if self._leaving.wait(PAUSE_SECONDS):
                return
            try:
                self._look(path)
            except (OSError, http.client.HTTPException):
                self.answers[0] += 1

    def _look(self, path: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            line.request("GET", path, headers=self._headers)
            answer = line.getresponse()
            body = answer.read()
        finally:
            line.close()
        self.answers[answer.status] += 1
        is_promised = answer.status == AWAY and (
            answer.getheader("retry-after") or "readyz" in path
        )
        if answer.status >= FIRST_OF_OURS and not is_promised:
            self.unfriendly.append(f"{path}: {answer.status} {body[:200].decode(errors='replace')}")
