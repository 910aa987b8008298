"""Workers, the database, the command itself: each is killed in the middle of billing runs.

The runs end by themselves, or the next command ends them; customers are billed the same as where
nobody was killed. There are twelve kills in `make test`, and many more in `make soak`.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from itertools import count

import psutil
import pytest

from kesto.flows import bill
from kesto.ops.home import Home
from kesto.store import merchants
from kesto.store.session import forget_connections
from tests.faults import soak_report
from tests.faults.battlefield import (
    BillCommand,
    Watch,
    comes_true,
    kill_database,
    moves_on,
    temporary_site,
)
from tests.faults.soundness import billed, broken, counts, findings, unfinished
from tests.faults.village import FIRST_DAY, morning, settled, wait_until

SIZE = 1_000
CHUNK_GROUPS = 50
KILLS = 12
READY_SECONDS = 10.0  # the promise: ready again by itself within this time
MOMENT_SECONDS = 0.05  # about as long as a chunk takes

Record = Callable[[str, object], None]


class Campaign:
    """A merchant whose months are billed one after the other."""

    def __init__(self, place: Home) -> None:
        self.home = place
        self.merchant_id = settled(SIZE)
        self.code = next(
            one.code for one in merchants.all_merchants() if one.id == self.merchant_id
        )
        self.day = FIRST_DAY

    def starts(self, workers: int) -> BillCommand:
        """`kesto bill` for what is due by today."""
        return BillCommand(self.home, self.code, workers, CHUNK_GROUPS)

    def bills(self) -> int:
        """The same in this process, by one worker in one chunk."""
        return bill.bill(self.merchant_id, self.day, morning(self.day))

    def is_billed(self) -> None:
        """Nothing that is due by today is left over."""
        forget_connections()  # they may be to a database that was killed
        assert unfinished(self.merchant_id, self.day) == []

    def goes_on(self) -> None:
        """Let it be the first of the next month."""
        year, month = divmod(self.day.year * 12 + self.day.month, 12)
        self.day = date(year, month + 1, 1)
        wait_until(self.merchant_id, self.day)


@pytest.fixture(scope="module")
def site() -> Iterator[Home]:
    with temporary_site() as place:
        yield place


@pytest.fixture(scope="module")
def undisturbed(site: Home) -> Campaign:
    campaign = Campaign(site)
    campaign.bills()
    return campaign


@pytest.mark.parametrize("kills", [KILLS, pytest.param(200, marks=pytest.mark.soak)])
def test_killed_workers_are_replaced(site: Home, undisturbed: Campaign, kills: int) -> None:
    campaign, chance = Campaign(site), random.Random(kills)  # noqa: S311 - chance, not a secret
    killed = a_month_of_killed_workers(campaign, kills, chance)
    while killed < kills:
        campaign.goes_on()
        killed += a_month_of_killed_workers(campaign, kills - killed, chance)
    is_sound(campaign, undisturbed)
    if kills > KILLS:
        soak_report.keep("kills-workers", f"{killed} workers killed, through {campaign.day}\n")


@pytest.mark.parametrize("kills", [KILLS, pytest.param(100, marks=pytest.mark.soak)])
def test_killed_database_is_back_and_workers_go_on(
    site: Home, undisturbed: Campaign, kills: int, record_testsuite_property: Record
) -> None:
    campaign, chance = Campaign(site), random.Random(kills)  # noqa: S311 - chance, not a secret
    recoveries = a_month_of_a_killed_database(campaign, kills, chance)
    while len(recoveries) < kills:
        campaign.goes_on()
        recoveries += a_month_of_a_killed_database(campaign, kills - len(recoveries), chance)
    worst = f"{max(recoveries):.2f}"
    record_testsuite_property("worst_recovery_seconds", worst)
    is_sound(campaign, undisturbed)
    if kills > KILLS:
        told = f"the database killed {len(recoveries)} times, ready within {worst} s\n"
        soak_report.keep("kills-database", told)
    assert max(recoveries) < READY_SECONDS


@pytest.mark.parametrize("also", ["nothing else", "its workers", "its workers and the database"])
def test_run_of_a_killed_command_is_finished_by_the_next(
    site: Home, undisturbed: Campaign, also: str
) -> None:
    campaign = Campaign(site)
    with (
        ExitStack() as later,
        campaign.starts(workers=2) as command,
        Watch(site, campaign.merchant_id) as watch,
    ):
        assert moves_on(command, watch)
        workers = command.workers()
        with watch.counters_held():
            assert comes_true(lambda: watch.workers_waiting() == len(workers))
            assert 0 < watch.chunks_done() < SIZE // CHUNK_GROUPS
            command.kill()
            kill(workers if "workers" in also else [])
            if "database" in also:
                assert kill_database(site) < READY_SECONDS
            again = later.enter_context(campaign.starts(workers=2))
            # What the dead had in hand is still theirs; the next command goes past it and waits.
            assert "database" in also or comes_true(lambda: watch.workers_waiting() > len(workers))
        assert again.wait_done()["invoices"] == SIZE
    assert psutil.wait_procs(workers, timeout=READY_SECONDS)[1] == []
    is_sound(campaign, undisturbed)


def test_run_goes_on_when_each_worker_dies_after_a_chunk(
    site: Home, undisturbed: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = Campaign(site)
    monkeypatch.setenv("KESTO_CRASH_AT", "bill.after_commit")
    with BillCommand(site, campaign.code, workers=3, chunk=SIZE // KILLS) as command:
        command.wait_done()
    monkeypatch.delenv("KESTO_CRASH_AT")
    is_sound(campaign, undisturbed)


def a_month_of_killed_workers(campaign: Campaign, most: int, chance: random.Random) -> int:
    """Bill a month while workers are killed; answers how many were.

    In turns some die at any moment, and all before they number what they have written.
    """
    killed, turn = 0, count()
    with campaign.starts(workers=3) as command, Watch(campaign.home, campaign.merchant_id) as watch:
        while killed < most and moves_on(command, watch):
            if next(turn) % 2:
                with watch.counters_held():
                    comes_true(lambda: watch.workers_waiting() > 0 or not command.is_running)
                    killed += kill(command.workers())
            else:
                time.sleep(chance.uniform(0, MOMENT_SECONDS))
                killed += kill(command.workers()[: chance.randint(1, 3)])
        command.wait_done()
    campaign.is_billed()
    return killed


def a_month_of_a_killed_database(
    campaign: Campaign, most: int, chance: random.Random
) -> list[float]:
    """Bill a month while the database is killed; answers the seconds of each recovery."""
    recoveries: list[float] = []
    workers: set[int] = set()
    with campaign.starts(workers=2) as command, Watch(campaign.home, campaign.merchant_id) as watch:
        while len(recoveries) < most and moves_on(command, watch):
            workers |= {worker.pid for worker in command.workers()}
            time.sleep(chance.uniform(0, MOMENT_SECONDS))
            recoveries.append(kill_database(campaign.home))
        command.wait_done()
    assert len(workers) <= 2, "a worker died of the database's death"
    campaign.is_billed()
    return recoveries


def kill(workers: list[psutil.Process]) -> int:
    for worker in workers:
        worker.kill()
    return len(workers)


def is_sound(campaign: Campaign, undisturbed: Campaign) -> None:
    """Nothing lost, doubled, unbalanced or skipped, and nothing left for a further run."""
    campaign.is_billed()
    while undisturbed.day < campaign.day:
        undisturbed.goes_on()
        undisturbed.bills()
    assert broken(campaign.merchant_id) == []
    assert billed(campaign.merchant_id, campaign.day) == billed(
        undisturbed.merchant_id, campaign.day
    )
    before = counts(campaign.merchant_id)
    assert campaign.bills() == 0
    assert counts(campaign.merchant_id) == before
    assert findings(campaign.merchant_id) == []
