"""A thousand kills while everybody works: orders, changes, payments, credits, usage, bills, mail.

`kesto up` serves, runs its jobs and delivers; clerks work beside it, months are billed, usage comes
in over HTTP, a visitor looks at pages and asks the API, and at random one of them is killed by
kill -9. After each block of kills everything must be sound. `make soak` kills KESTO_SOAK_KILLS
times here (700; with the kills of kills_test.py there are a thousand) and counts them in
`.made/soak/kills.txt`.
"""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

import psutil
import pytest

from kesto.demo import mailbox
from kesto.flows import bill
from kesto.flows.move_clock import move_clock
from kesto.ops import database
from kesto.ops.home import Home
from kesto.store.session import forget_connections, reading
from tests.faults import metered_town, soak_report
from tests.faults.actor import ROOT
from tests.faults.battlefield import BillCommand, Watch, booted_at, comes_true, kill_database
from tests.faults.clerk import DEEDS
from tests.faults.installation import Up, prepared_home, working_in
from tests.faults.metered_town import CODE, Stored
from tests.faults.senders import Heard, Plan
from tests.faults.sending import AHEAD_SECONDS, Sending
from tests.faults.soundness import QUEUES, broken, counts, findings, unfinished
from tests.faults.visitor import Visitor

SIZE = 600
FEW = 14
BLOCK = 50
WHOLE_WEB = 0.5  # so often all web processes are killed at once, else one of them
KINDS = {"billing worker": 35, "clerk": 30, "database": 15, "runner": 12, "web": 8}
"""What is killed, and how often of a hundred times, as far as it is there to be killed."""

FIRST_DAY = date(2026, 11, 1)
AT_FIRST = datetime(2026, 11, 1, 9, tzinfo=UTC)
KEYS = 2
RATE = 300
CHUNK_GROUPS = 20
READY_SECONDS = 10.0
LONG_SECONDS = 3_600.0
MOMENT_SECONDS = 0.2


class Clerks:
    """The clerks of a merchant; one that is killed is replaced by another of its kind."""

    def __init__(self, place: Home, merchant_id: UUID, folder: Path) -> None:
        self._words = (str(place.path), str(merchant_id))
        self._folder = folder
        self._seeds = count()
        self._clerks: dict[str, subprocess.Popen[bytes]] = {}
        self._begun: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for clerk in self._clerks.values():
            clerk.kill()
            clerk.wait()

    def work(self) -> None:
        """Let one of each kind work; nobody may have ended by itself."""
        for kind in DEEDS:
            if kind in self._clerks:
                assert self._clerks[kind].poll() is None, f"the clerk of {kind} died by itself"
                continue
            self._begun[kind] = self._noted_bytes(kind)
            words = [*self._words, kind, str(self.notes(kind)), str(next(self._seeds))]
            self._clerks[kind] = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.clerk", *words], cwd=ROOT
            )

    def kill(self, chance: random.Random) -> int:
        """Kill one of those that have done something already; answers how many."""
        busy = [kind for kind in self._clerks if self._noted_bytes(kind) > self._begun[kind]]
        if not busy:
            return 0
        kind = chance.choice(busy)
        clerk = self._clerks.pop(kind)
        clerk.kill()
        clerk.wait()
        return 1

    def stop(self) -> None:
        """Let all go home when they have done what they have in hand."""
        for clerk in self._clerks.values():
            clerk.terminate()
        for clerk in self._clerks.values():
            assert clerk.wait(60) == 0
        self._clerks.clear()

    def notes(self, kind: str) -> Path:
        return self._folder / f"{kind}.notes"

    def _noted_bytes(self, kind: str) -> int:
        path = self.notes(kind)
        return path.stat().st_size if path.exists() else 0

    def noted(self, kind: str) -> set[str]:
        """What was committed, as they noted it."""
        path = self.notes(kind)
        # The last line may be cut off, when its writer was killed.
        return set(path.read_text("ascii").split("\n")[:-1]) if path.exists() else set()


class World:
    """A merchant under `kesto up`, who works there, and the months that are billed."""

    def __init__(
        self, up: Up, merchant_id: UUID, keys: list[str], clerks: Clerks, folder: Path
    ) -> None:
        self.up, self.merchant_id, self.keys, self.folder = up, merchant_id, keys, folder
        self.clerks = clerks
        self.day = FIRST_DAY
        self.kills: Counter[str] = Counter()
        self.recoveries: list[float] = []
        self.begins = [0] * len(keys)
        self.heard: list[Heard] = []

    def lives_through(self, kills: int, chance: random.Random) -> None:
        """Let everybody work while so many kills are made; then hold everything to account."""
        wanted = self.kills.total() + kills
        earlier = self.day - timedelta(days=3)
        plan = Plan(
            *(self.up.port, self.keys, RATE, time.monotonic() + AHEAD_SECONDS, LONG_SECONDS),
            begins=tuple(self.begins),
            days=(self.day.isoformat(), earlier.isoformat()),
        )
        with Sending(self.folder, plan) as sender, Visitor(self.up.port, self.keys[0]) as visitor:
            while self.kills.total() < wanted:
                self._lives_through_a_month(wanted, chance)
            self.clerks.stop()
            sender.make_no_more()
            heard = sender.heard()
        assert visitor.answers[200] > 0
        assert visitor.unfriendly == []
        assert heard.unanswered == 0
        assert heard.wrong == []
        self.begins = heard.events
        self.heard.append(heard)
        self.is_sound()

    def _lives_through_a_month(self, wanted: int, chance: random.Random) -> None:
        self._goes_on(days=31)
        through = self.day.isoformat()
        with (
            BillCommand(self.up.home, CODE, 2, CHUNK_GROUPS, through) as run,
            Watch(self.up.home, self.merchant_id) as watch,
        ):
            seen = began = watch.chunks_done()
            while self.kills.total() < wanted and run.is_running:
                self.clerks.work()
                time.sleep(chance.uniform(0, MOMENT_SECONDS))
                done = watch.chunks_done()
                victims = run.workers() if done > seen else []
                (kind,) = chance.choices([*KINDS], [*KINDS.values()])
                if kind == "database" and done <= began:
                    continue  # the run is not under way yet, and is what shall meet with it
                killed = self._kill(kind, victims, chance)
                seen = done if kind == "billing worker" and killed else seen
                self.kills[kind] += killed
            run.wait_done()

    def _kill(self, kind: str, billing: list[psutil.Process], chance: random.Random) -> int:
        """Kill one of a kind; answers whether there was one."""
        if kind == "clerk":
            return self.clerks.kill(chance)
        if kind == "database":
            self.recoveries.append(kill_database(self.up.home))
            return 1
        found = {"web": self.up.web(), "runner": self.up.runners(), "billing worker": billing}[kind]
        if not found:
            return 0
        is_whole = kind == "web" and chance.random() < WHOLE_WEB
        for victim in found if is_whole else [chance.choice(found)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        return 1

    def _goes_on(self, days: int) -> None:
        forget_connections()  # they may be to a database that was killed
        self.day += timedelta(days=days)
        move_clock(self.merchant_id, self._now())

    def _now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC)

    def is_sound(self) -> None:
        """Nothing lost, doubled or skipped; what is left over is billed once, and then no more."""
        self._goes_on(days=1)
        bill.bill(self.merchant_id, self.day, self._now())
        before = self._kept()
        assert bill.bill(self.merchant_id, self.day, self._now()) == 0
        assert self._kept() == before
        assert unfinished(self.merchant_id, self.day) == []
        assert broken(self.merchant_id, is_village=False) == []
        assert findings(self.merchant_id) == []
        self._is_all_there()

    def _kept(self) -> dict[str, int]:
        found = counts(self.merchant_id)
        return {table: rows for table, rows in found.items() if table not in QUEUES}

    def _is_all_there(self) -> None:
        """What clerks and senders were told is done is there, once."""
        with reading(self.merchant_id) as session:
            orders = {row[0] for row in session.rows("select external_id from subscription")}
            files = [row[0] for row in session.rows("select message_id from bank_file")]
        assert {f"{one}-0" for one in self.clerks.noted("orders")} <= orders
        assert self.clerks.noted("payments") <= set(files)
        assert len(set(files)) == len(files)
        place = self.up.home
        with database.as_superuser(place, database.address(place), database.DATABASE) as connection:
            stored = metered_town.stored(connection)
            in_store = metered_town.used_in_store(connection)
        assert stored == {
            sender: Stored(events, events, 0, events - 1)
            for sender, events in enumerate(self.begins)
        }
        sums: Counter[int] = Counter()
        for heard in self.heard:
            sums.update(heard.sums)
        assert in_store == dict(sums)
        assert mailbox.count(place.mailbox).doubles == 0


@pytest.mark.parametrize("kills", [FEW, pytest.param(0, marks=pytest.mark.soak)])
def test_the_world_goes_on(tmp_path: Path, kills: int) -> None:
    wanted = kills or int(os.environ.get("KESTO_SOAK_KILLS", "700"))
    chance = random.Random(wanted)  # noqa: S311 - chance, not a secret
    began = time.monotonic()
    with prepared_home() as place:
        place.mailbox.mkdir(mode=0o700)
        with working_in(place):
            merchant_id, keys = metered_town.open_metered_town(place, SIZE, KEYS)
        with (
            Up(place, workers=2) as up,
            booted_at(place),
            Clerks(place, merchant_id, tmp_path) as clerks,
        ):
            bill.bill(merchant_id, FIRST_DAY, AT_FIRST)
            world = World(up, merchant_id, keys, clerks, tmp_path)
            while (left := wanted - world.kills.total()) > 0:
                world.lives_through(min(left, BLOCK), chance)
                if not kills:
                    soak_report.keep("kills", told(world, time.monotonic() - began))
            if not kills and soak_report.is_timed():
                assert max(world.recoveries) < READY_SECONDS
            assert comes_true(lambda: mailbox.count(place.mailbox).received > 0)
    assert world.kills.total() == wanted


def told(world: World, seconds: float) -> str:
    """The kills by kind, and what was done meanwhile."""
    kinds = ", ".join(f"{kind} {number}" for kind, number in world.kills.most_common())
    done = ", ".join(f"{kind} {len(world.clerks.noted(kind))}" for kind in DEEDS)
    return (
        f"{world.kills.total()} kills in {seconds:,.0f} s: {kinds}\n"
        f"the database was ready after {max(world.recoveries, default=0):.2f} s at the longest\n"
        f"done by clerks: {done}; events: {sum(world.begins):,}; billed through {world.day}\n"
        f"e-mails: {mailbox.count(world.up.home.mailbox).received:,}, none twice\n"
        f"all sound after each block of {BLOCK}\n"
    )
