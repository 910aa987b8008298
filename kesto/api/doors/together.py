"""Work that comes at the same time is done together: what waits shares the next transaction.

While transactions of a merchant are on their way, what comes for the merchant waits in line, in the
order in which it came, and goes with the next one: one commit for many requests, each of which is
answered after it. Where much waits, a second one is made ready while the database has the first.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from kesto.store.session import LOST

Work = TypeVar("Work")
Done = TypeVar("Done")
Tell = Callable[[Done | Exception], None]
"""Is told once what came of the work, or what went wrong; by a thread of its own."""

THREADS = 4
"""So many transactions are on their way at the same time in a process."""

ABREAST = 2
"""So many of them for one merchant, where enough waits."""


class _Line(Struct, Generic[Work, Done]):
    """What waits for a merchant, how much that is, and how many threads take from it."""

    waiting: deque[tuple[Work, Tell[Done]]]
    weight: int = 0
    serving: int = 0


class Together(Generic[Work, Done]):
    """Lines of work, one a merchant; `do` takes what waits in one go and answers each in order.

    `weight` says how much a piece of work is, `most` how much `do` takes at most; a heavier piece
    goes alone. While one is on its way, another starts where `enough` waits. An exception among the
    answers is told to whom it answers.
    """

    def __init__(
        self,
        do: Callable[[UUID, Sequence[Work]], Sequence[Done | Exception]],
        weight: Callable[[Work], int],
        most: int,
        enough: int,
    ) -> None:
        self._do = do
        self._weight = weight
        self._most = most
        self._enough = enough
        self._lines: dict[UUID, _Line[Work, Done]] = {}
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="together")

    def join(self, merchant_id: UUID, work: Work, tell: Tell[Done]) -> None:
        """Stand in line; `tell` is called when it is done."""
        with self._lock:
            line = self._lines.get(merchant_id)
            if line is None:
                line = self._lines[merchant_id] = _Line(deque())
            line.waiting.append((work, tell))
            line.weight += self._weight(work)
            if not self._takes_another(line):
                return
            line.serving += 1
        self._threads.submit(self._serve, merchant_id)

    def _serve(self, merchant_id: UUID) -> None:
        """Do what waits now; what has come meanwhile is for the next turn, after other merchants.

        Nothing is left for a thread that was called when another had taken all.
        """
        self._finish(merchant_id, self._next(merchant_id))
        with self._lock:
            line = self._lines[merchant_id]
            line.serving -= 1
            if not self._takes_another(line):
                if not line.serving:
                    del self._lines[merchant_id]
                return
            line.serving += 1
        self._threads.submit(self._serve, merchant_id)

    def _takes_another(self, line: _Line[Work, Done]) -> bool:
        if not line.serving:
            return bool(line.waiting)
        return line.serving < ABREAST and line.weight >= self._enough

    def _next(self, merchant_id: UUID) -> list[tuple[Work, Tell[Done]]]:
        """Those who go together now, the first in line for sure."""
        with self._lock:
            line = self._lines[merchant_id]
            members: list[tuple[Work, Tell[Done]]] = []
            taken = 0
            while line.waiting:
                weight = self._weight(line.waiting[0][0])
                if members and taken + weight > self._most:
                    break
                members.append(line.waiting.popleft())
                taken += weight
            line.weight -= taken
            return members

    def _finish(self, merchant_id: UUID, members: list[tuple[Work, Tell[Done]]]) -> None:
        if not members:
            return
        try:
            done = self._do(merchant_id, [work for work, _ in members])
        except Exception as trouble:  # noqa: BLE001 - each that waits is told what went wrong
            if len(members) == 1 or isinstance(trouble, LOST):
                for _, tell in members:
                    tell(trouble)
                return
            # One of them may be to blame: the others are not to suffer for it.
            for member in members:
                self._finish(merchant_id, [member])
            return
        for (_, tell), answer in zip(members, done, strict=True):
            tell(answer)
