"""Connections to the database are cut again and again, or the database hangs: nothing is lost.

Usage comes in, a run goes on and a visitor looks around; none of them hears worse than a 503 that
says when to come again, and everything goes on by itself. Run by `make soak`.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from kesto.ops import database, postgres, processes
from kesto.ops.home import Home
from tests.faults import metered_town, soak_report
from tests.faults.battlefield import BillCommand, Watch, booted_at, comes_true, moves_on
from tests.faults.installation import Up, prepared_home, working_in
from tests.faults.metered_proof import is_sound
from tests.faults.metered_town import BILLED_ON, CODE
from tests.faults.senders import Plan
from tests.faults.sending import AHEAD_SECONDS, Sending
from tests.faults.visitor import Visitor

pytestmark = pytest.mark.soak
SIZE = 3_000
CHUNK_GROUPS = 20
RATE = 300
KEYS = 2
LONG_SECONDS = 3_600.0
CUT_SECONDS = 20.0
PAUSE_SECONDS = 0.5
HANG_SECONDS = 40.0  # longer than the front lets anybody wait
BACK_SECONDS = 60.0
CUT = """
    select count(pg_terminate_backend(pid)) from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()
"""

Trouble = Callable[[Home], None]


def cut(place: Home) -> None:
    """Cut all connections, twice a second for a while."""
    until = time.monotonic() + CUT_SECONDS
    with database.as_superuser(place, database.address(place)) as connection:
        while time.monotonic() < until:
            connection.execute(CUT)
            time.sleep(PAUSE_SECONDS)


def hang(place: Home) -> None:
    """Stop the database's processes, and let them go on after a while."""
    running = postgres.alive(place)
    assert running is not None
    stopped = [running.process.pid, *processes.working_in(place.data)]
    try:
        signal_all(stopped, signal.SIGSTOP)
        time.sleep(HANG_SECONDS)
    finally:
        signal_all(stopped, signal.SIGCONT)
    now = postgres.alive(place)
    assert now is not None
    assert now.process == running.process, "a database that hangs is waited for"


@pytest.mark.parametrize("trouble", [cut, hang], ids=lambda trouble: trouble.__name__)
def test_nothing_is_lost_and_everything_goes_on(tmp_path: Path, trouble: Trouble) -> None:
    with prepared_home() as place:
        with working_in(place):
            merchant_id, keys = metered_town.open_metered_town(place, SIZE, KEYS + 1)
        *sending, visiting = keys
        with Up(place) as up, booted_at(place):
            plan = Plan(up.port, sending, RATE, time.monotonic() + AHEAD_SECONDS, LONG_SECONDS)
            with (
                Sending(tmp_path, plan) as sender,
                Visitor(up.port, visiting) as visitor,
                BillCommand(place, CODE, 2, CHUNK_GROUPS, BILLED_ON[-1]) as run,
                Watch(place, merchant_id) as watch,
            ):
                assert moves_on(run, watch)
                trouble(place)
                assert comes_true(lambda: answers(place), BACK_SECONDS)
                time.sleep(PAUSE_SECONDS)
                code = run.process.wait(300)  # it may have given up, and is begun again below
                sender.make_no_more()
                heard = sender.heard()
            told = f"the billing run ended with {code}; the visitor heard {dict(visitor.answers)}\n"
            soak_report.keep(f"connections-{trouble.__name__}", told)
            is_sound(place, merchant_id, heard, {"503"})
    assert visitor.unfriendly == []


def answers(place: Home) -> bool:
    with contextlib.suppress(psycopg.Error):
        return database.answers(place)
    return False


def signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
