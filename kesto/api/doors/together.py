"""Work that comes at the same time is done together: what waits shares the next transaction.

While one transaction of a merchant is on its way, what comes for the merchant waits in line, in the
order in which it came, and goes with the next one: one commit for many requests, each of which is
answered after it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID

from kesto.store.session import LOST

Work = TypeVar("Work")
Done = TypeVar("Done")

THREADS = 4
"""So many merchants are served at the same time by a process."""


class Together(Generic[Work, Done]):
    """Lines of work, one a merchant; `do` takes what waits in one go and answers each in order.

    `weight` says how much a piece of work is, `most` how much `do` takes at most; a heavier piece
    goes alone. An exception among the answers is raised to whom it answers.
    """

    def __init__(
        self,
        do: Callable[[UUID, Sequence[Work]], Sequence[Done | Exception]],
        weight: Callable[[Work], int],
        most: int,
    ) -> None:
        self._do = do
        self._weight = weight
        self._most = most
        self._lines: dict[UUID, deque[tuple[Work, Future[Done]]]] = {}
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="together")

    def join(self, merchant_id: UUID, work: Work) -> "Future[Done]":
        """Stand in line; the answer comes when it is done, and tells what went wrong."""
        coming: Future[Done] = Future()
        with self._lock:
            line = self._lines.get(merchant_id)
            if line is not None:
                line.append((work, coming))
                return coming
            self._lines[merchant_id] = deque([(work, coming)])
        self._threads.submit(self._serve, merchant_id)
        return coming

    def _serve(self, merchant_id: UUID) -> None:
        while members := self._next(merchant_id):
            self._finish(merchant_id, members)

    def _next(self, merchant_id: UUID) -> list[tuple[Work, "Future[Done]"]]:
        """Those who go together now, the first in line for sure; the empty line is given up."""
        with self._lock:
            line = self._lines[merchant_id]
            members: list[tuple[Work, Future[Done]]] = []
            weight = 0
            while line:
                weight += self._weight(line[0][0])
                if members and weight > self._most:
                    break
                members.append(line.popleft())
            if not members:
                del self._lines[merchant_id]
            return members

    def _finish(self, merchant_id: UUID, members: list[tuple[Work, "Future[Done]"]]) -> None:
        try:
            done = self._do(merchant_id, [work for work, _ in members])
        except Exception as trouble:  # noqa: BLE001 - each that waits is told what went wrong
            if len(members) == 1 or isinstance(trouble, LOST):
                for _, coming in members:
                    coming.set_exception(trouble)
                return
            # One of them may be to blame: the others are not to suffer for it.
            for member in members:
                self._finish(merchant_id, [member])
            return
        for (_, coming), answer in zip(members, done, strict=True):
            if isinstance(answer, Exception):
                coming.set_exception(answer)
            else:
                coming.set_result(answer)
