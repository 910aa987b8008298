"""How long a billing run puts up with a database that goes away and with workers that die."""

import multiprocessing
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime
from itertools import count, repeat
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import OperationalError

from kesto.core.refusals import Conflict
from kesto.flows import bill
from kesto.flows.bill import Run
from kesto.ops import billing, boot, desk
from kesto.ops.billing import MOST_FALLS
from kesto.ops.home import Home
from kesto.store.billing import Progress

DAY = date(2026, 11, 1)
RUN = Run(UUID(int=1), UUID(int=2), DAY, DAY, groups=1_000, is_resumed=False, usage_seen=0)
NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
PLACE = Home(Path("nowhere"))


class Dying:
    """A worker process that dies as soon as it is started."""

    exitcode = -9
    started = 0

    def __init__(self, **_: object) -> None:
        """Take what a process takes."""

    def start(self) -> None:
        Dying.started += 1

    def terminate(self) -> None:
        """End what has ended."""

    def join(self) -> None:
        """Wait for what has ended."""


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(billing, "forget_connections", lambda: None)
    monkeypatch.setattr(billing, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: SimpleNamespace(Process=Dying))
    Dying.started = 0


def chunks_done(monkeypatch: pytest.MonkeyPatch, figures: Iterator[int]) -> None:
    """Let each look at the run's progress find the next of these figures."""
    monkeypatch.setattr(
        billing, "_progress", lambda _: Progress(1_000, next(figures), 1_000, 0, 0, 0, 0)
    )


def loses_the_database(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    losses = count()

    def work(*_: object) -> int:
        if next(losses) < times:
            raise OperationalError("the server closed the connection")
        return 0

    monkeypatch.setattr(bill, "work", work)


def test_database_may_go_away_ever_again_while_chunks_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chunks_done(monkeypatch, count())
    loses_the_database(monkeypatch, times=10 * MOST_FALLS)
    billing._work_off(RUN, NOW)


def test_work_that_gets_nowhere_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks_done(monkeypatch, repeat(3))
    loses_the_database(monkeypatch, times=10 * MOST_FALLS)
    with pytest.raises(OperationalError):
        billing._work_off(RUN, NOW)


def test_chunk_that_another_still_holds_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = [998, 998, 999, 1_000]
    chunks_done(monkeypatch, iter(figures))
    calls = count()
    monkeypatch.setattr(bill, "begin", lambda *_: RUN)
    monkeypatch.setattr(bill, "work", lambda *_: next(calls))
    done = billing.run_billing(PLACE, RUN.merchant_id, RUN.through, NOW, workers=1)
    assert (next(calls), done.chunks_done) == (len(figures), 1_000)


def test_workers_that_die_without_a_chunk_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks_done(monkeypatch, repeat(3))
    with pytest.raises(Conflict, match="no chunk was done in between"):
        billing._in_processes(PLACE, RUN, NOW, 2, lambda _: None)
    assert Dying.started > 2 * MOST_FALLS


def test_workers_may_die_ever_again_while_chunks_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks_done(monkeypatch, iter(range(10 * MOST_FALLS)))
    with pytest.raises(StopIteration):  # the figures end, not the patience
        billing._in_processes(PLACE, RUN, NOW, 2, lambda _: None)


def test_command_that_meets_a_falling_database_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    falls = [OperationalError("the database system is starting up")] * 3
    booted: list[Home] = []

    def migrate(_: Home) -> None:
        if falls:
            raise falls.pop()

    monkeypatch.setattr(desk, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(boot, "running", lambda _: nullcontext())
    monkeypatch.setattr(boot, "migrate", migrate)
    monkeypatch.setattr(boot, "boot", lambda place, _: booted.append(place))
    with desk.installation(PLACE) as place:
        assert (place, booted, falls) == (PLACE, [PLACE], [])


def test_command_gives_a_database_up_that_does_not_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def migrate(_: Home) -> None:
        raise OperationalError("the database system is starting up")

    monkeypatch.setattr(desk, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(boot, "running", lambda _: nullcontext())
    monkeypatch.setattr(boot, "migrate", migrate)
    with pytest.raises(OperationalError), desk.installation(PLACE):
        pass
