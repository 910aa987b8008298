"""The crew: in turn, few at a time, and nobody waits behind what takes long."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kesto.ops.crew import Crew

SIZE = 4
PATIENCE = 10


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(SIZE) as made:
        yield made


def test_work_is_begun_in_the_order_in_which_it_came(threads: ThreadPoolExecutor) -> None:
    crew, begun, is_done = Crew(threads, SIZE, at_work=1), list[int](), threading.Event()

    async def come() -> None:
        for number in range(200):
            crew.take(lambda number=number: begun.append(number))  # type: ignore[misc]  # a lambda
        crew.take(is_done.set)
        await asyncio.to_thread(is_done.wait, PATIENCE)

    asyncio.run(come())
    assert begun == [*range(200)]


def test_what_takes_long_gives_its_place_up_and_no_more_than_all_are_at_work(
    threads: ThreadPoolExecutor,
) -> None:
    crew, hold, lock = Crew(threads, SIZE, at_work=1), threading.Event(), threading.Lock()
    held, most, quick = 0, 0, threading.Event()

    def slow() -> None:
        nonlocal held, most
        with lock:
            held += 1
            most = max(most, held)
        hold.wait(PATIENCE)
        with lock:
            held -= 1

    async def come() -> None:
        for _ in range(SIZE - 1):
            crew.take(slow)
        crew.take(quick.set)
        assert await asyncio.to_thread(quick.wait, PATIENCE), "it waited behind what is slow"
        for _ in range(2 * SIZE):
            crew.take(slow)
        await asyncio.sleep(0.3)
        assert held == SIZE, "all that there are"
        quick.clear()
        crew.take(quick.set)
        hold.set()
        assert await asyncio.to_thread(quick.wait, PATIENCE), "nothing is left behind"

    asyncio.run(come())
    assert most == SIZE


def test_what_raises_keeps_nobody_from_being_served(threads: ThreadPoolExecutor) -> None:
    crew, is_done = Crew(threads, SIZE, at_work=1), threading.Event()

    def fails() -> None:
        raise ValueError

    async def come() -> None:
        for _ in range(20):
            crew.take(fails)
        crew.take(is_done.set)
        assert await asyncio.to_thread(is_done.wait, PATIENCE)

    asyncio.run(come())
