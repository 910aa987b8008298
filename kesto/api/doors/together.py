"""Work that comes at the same time is done together: what waits shares the next transaction.

While a transaction of a merchant is on its way, what comes for the merchant waits in line, in the
order in which it came, and goes with the next one: one commit for many requests, each of which is
answered after it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID

from kesto.store.session import LOST

Work = TypeVar("Work")
Done = TypeVar("Done")
Tell = Callable[[Done | Exception], None]
"""Is told once what came of the work, or what went wrong; by a thread of its own."""

THREADS = 4
"""So many transactions are on their way at the same time in a process."""


class Together(Generic[Work, Done]):
    """Lines of work, one a merchant; `do` takes what waits in one go and answers each in order.

    `weight` says how much a piece of work is, `most` how much `do` takes at most; a heavier piece
    goes alone. An exception among the answers is told to whom it answers.
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
        # What waits for each merchant of whom a thread has what came before it.
        self._lines: dict[UUID, deque[tuple[Work, Tell[Done]]]] = {}
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="together")

    def join(self, merchant_id: UUID, work: Work, tell: Tell[Done]) -> None:
        """Stand in line; `tell` is called when it is done."""
        with self._lock:
            line = self._lines.get(merchant_id)
            if line is not None:
                line.append((work, tell))
                return
            self._lines[merchant_id] = deque([(work, tell)])
        self._threads.submit(self._serve, merchant_id)

    def _serve(self, merchant_id: UUID) -> None:
        """Do what waits now; what has come meanwhile has its turn after other merchants."""
        self._finish(merchant_id, self._next(merchant_id))
        with self._lock:
            if not self._lines[merchant_id]:
                del self._lines[merchant_id]
                return
        self._threads.submit(self._serve, merchant_id)

    def _next(self, merchant_id: UUID) -> list[tuple[Work, Tell[Done]]]:
        """Those who go together now, the first in line for sure."""
        with self._lock:
            line = self._lines[merchant_id]
            members: list[tuple[Work, Tell[Done]]] = []
            taken = 0
            while line:
                weight = self._weight(line[0][0])
                if members and taken + weight > self._most:
                    break
                members.append(line.popleft())
                taken += weight
            return members

    def _finish(self, merchant_id: UUID, members: list[tuple[Work, Tell[Done]]]) -> None:
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
