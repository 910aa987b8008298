"""Usage comes in all the time while customers are billed and everything is killed in turn.

What was answered is stored once, what is stored is billed, and nobody waits long but in the moments
after a kill. KESTO_SOAK_MINUTES, KESTO_SOAK_RATE (events a second) and KESTO_SOAK_SUBSCRIPTIONS say
how much `make soak` does; what it found stands in `.made/soak/ingest.txt`.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from msgspec import Struct

from kesto.flows.move_clock import move_clock
from kesto.ops import database
from kesto.ops.home import Home
from kesto.store.session import forget_connections
from tests.faults import metered_town, soak_report
from tests.faults.battlefield import BillCommand, Watch, booted_at, moves_on
from tests.faults.installation import Up, command, prepared_home, working_in
from tests.faults.metered_town import BILLED_ON, CODE, Stored
from tests.faults.senders import Heard, Plan
from tests.faults.sending import AHEAD_SECONDS, Sending
from tests.faults.soundness import QUEUES, broken, counts, findings, unfinished

KEYS = 8
READY_SECONDS = 10.0
MOST_MILLISECONDS = 250.0  # of 99 answers in 100, outside the windows of the database


class Size(Struct, frozen=True):
    """How much of everything; `is_timed` says whether answers must also be quick.

    They must not where the machine is shared: KESTO_SOAK_TIMED=0 says that it is.
    """

    seconds: float
    rate: int
    subscriptions: int
    is_timed: bool


SMALL = Size(seconds=10, rate=500, subscriptions=1_500, is_timed=False)


def full() -> Size:
    """What the environment asks for."""
    return Size(
        seconds=60 * float(os.environ.get("KESTO_SOAK_MINUTES", "10")),
        rate=int(os.environ.get("KESTO_SOAK_RATE", "10000")),
        subscriptions=int(os.environ.get("KESTO_SOAK_SUBSCRIPTIONS", "100000")),
        is_timed=soak_report.is_timed(),
    )


@pytest.mark.parametrize("size", [SMALL, pytest.param(None, marks=pytest.mark.soak)])
def test_nothing_is_lost_of_what_was_answered(tmp_path: Path, size: Size | None) -> None:
    size, load = size or full(), os.getloadavg()
    with prepared_home() as place:
        with working_in(place):
            merchant_id, keys = metered_town.open_metered_town(place, size.subscriptions, KEYS)
        with Up(place) as up, booted_at(place):
            before = metered_town.written_ahead(place)
            starts = time.monotonic() + AHEAD_SECONDS
            plan = Plan(up.port, keys, size.rate, starts, size.seconds)
            with Sending(tmp_path, plan) as sender:
                storm(sender, up, merchant_id, max(20, size.subscriptions // 200))
                heard = sender.heard()
            facts: dict[str, object] = {
                "size": size,
                "log written ahead": f"{(metered_town.written_ahead(place) - before) >> 20:,} MiB",
                "recoveries": "; ".join(metered_town.recoveries(place)),
                **billed_after(place, merchant_id, size),
            }
            report = soak_report.told(heard, up.kills, starts, facts, load)
            if size is not SMALL:
                soak_report.keep("ingest", report)
            is_stored_once(place, heard)
    noticed = soak_report.windows(up.kills, starts)
    assert soak_report.unpromised(heard, noticed) == [], report
    assert {one.kind for one in up.kills} >= {"web", "database", "runner"}, report
    if size.is_timed:
        assert all(one.recovery_seconds < READY_SECONDS for one in up.kills), report
        assert soak_report.outside(heard, noticed, "database").p99 < MOST_MILLISECONDS, report


def storm(sender: Sending, up: Up, merchant_id: UUID, chunk: int) -> None:
    """Bill in three runs while one after the other is killed."""
    first, second, third = BILLED_ON
    sender.wait_for(0.08)
    with billing(up, merchant_id, first, chunk) as (run, watch):
        if moves_on(run, watch):
            up.kill_billing(run.workers()[:1])
        sender.wait_for(0.12)
        up.kill_runner()
        run.wait_done()
    sender.wait_for(0.25)
    up.kill_web()
    sender.wait_for(0.40)
    with billing(up, merchant_id, second, chunk) as (run, watch):
        moves_on(run, watch)
        up.kill_database()
        run.wait_done()
    sender.wait_for(0.55)
    up.kill_one_web()
    sender.wait_for(0.65)
    with billing(up, merchant_id, third, chunk) as (run, watch):
        if moves_on(run, watch):
            up.kill_billing(run.workers())
        moves_on(run, watch)
        up.kill_database()
        run.wait_done()
    sender.wait_for(0.85)
    up.kill_runner()


@contextmanager
def billing(
    up: Up, merchant_id: UUID, through: str, chunk: int
) -> Iterator[tuple[BillCommand, Watch]]:
    """A billing run through a day, and who watches it."""
    with (
        BillCommand(up.home, CODE, 2, chunk, through) as run,
        Watch(up.home, merchant_id) as watch,
    ):
        yield run, watch


def billed_after(place: Home, merchant_id: UUID, size: Size) -> dict[str, object]:
    """Bill again, which adds nothing, and then what was used; prove all of it."""
    forget_connections()  # they may be to a database that was killed
    assert unfinished(merchant_id, date.fromisoformat(BILLED_ON[-1])) == []
    before = kept(merchant_id)
    assert before["invoice"] == size.subscriptions
    again = bill(place, BILLED_ON[-1])
    assert (again["invoices"], kept(merchant_id)) == (0, before)
    move_clock(merchant_id, metered_town.AFTER)
    usage = bill(place, metered_town.USAGE_BILLED_ON)
    assert bill(place, metered_town.USAGE_BILLED_ON)["invoices"] == 0
    assert broken(merchant_id, is_village=False) == []
    began = time.monotonic()
    proof = command(place, "verify", "--json")
    assert json.loads(proof.stdout) == {"findings": []}, findings(merchant_id)[:5]
    return {
        "billed while it went on": f"{before['invoice']:,} invoices in {len(BILLED_ON)} runs",
        "billed afterwards": f"{usage['invoices']:,} invoices; billed again: 0",
        "kesto verify": f"0 findings in {time.monotonic() - began:.0f} s",
    }


def kept(merchant_id: UUID) -> dict[str, int]:
    """How many rows there are of what is kept for good."""
    return {table: rows for table, rows in counts(merchant_id).items() if table not in QUEUES}


def bill(place: Home, through: str) -> dict[str, int]:
    """Bill by the command; answers what it printed."""
    done = command(place, "bill", "--through", through, "--merchant", CODE, "--json")
    assert done.returncode == 0, done.stderr
    printed: dict[str, int] = json.loads(done.stdout)
    return printed


def is_stored_once(place: Home, heard: Heard) -> None:
    """What the senders counted is what is stored, and what is billed."""
    with database.as_superuser(place, database.address(place), database.DATABASE) as connection:
        stored = metered_town.stored(connection)
        in_store = metered_town.used_in_store(connection)
        on_invoices = metered_town.used_on_invoices(connection)
    assert heard.unanswered == 0
    assert heard.wrong == []
    assert stored == {
        sender: Stored(count, count, 0, count - 1) for sender, count in enumerate(heard.events)
    }
    assert heard.counts["rejected"] == 0
    assert heard.counts["accepted"] + heard.unsure == sum(heard.events)
    assert in_store == heard.sums
    assert on_invoices == heard.sums
