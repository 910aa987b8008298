"""The disk is full to the last byte while usage comes in and customers are billed.

The database falls for want of a place for its log. Nothing that was answered is lost, whoever
sends is told to come again, and once there is space everything goes on by itself: with space that
was kept back, and without. Run by `make soak`, as root.
"""

import contextlib
import time
from collections import Counter
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from kesto.flows import bill
from kesto.ops import database, disk
from kesto.ops.home import Home
from kesto.store.session import forget_connections
from tests.faults import metered_town, soak_report
from tests.faults.battlefield import BillCommand, Watch, booted_at, comes_true, moves_on
from tests.faults.installation import Up, prepared_home, working_in
from tests.faults.metered_town import AFTER, CODE, Stored
from tests.faults.senders import Heard, Plan
from tests.faults.sending import AHEAD_SECONDS, Sending
from tests.faults.small_disk import disk_of_its_own, fill
from tests.faults.soundness import broken, findings, unfinished

pytestmark = pytest.mark.soak
DISK_MEBIBYTES = 700
SIZE = 3_000
CHUNK_GROUPS = 20
RATE = 300
KEYS = 2
FULL_SECONDS = 10.0
BACK_SECONDS = 30.0
LONG_SECONDS = 3_600.0
TOLD = {"503", "507"}
EIGHT_MEBIBYTES = "select pg_logical_emit_message(false, 'full', repeat('x', 8388608))"


@pytest.mark.parametrize("ballast_mebibytes", [16, 0])
def test_a_full_disk_loses_nothing_and_everything_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ballast_mebibytes: int
) -> None:
    monkeypatch.setenv("KESTO_BALLAST_MB", str(ballast_mebibytes))
    with prepared_home(partial(disk_of_its_own, mebibytes=DISK_MEBIBYTES)) as place:
        with working_in(place):
            merchant_id, keys = metered_town.open_metered_town(place, SIZE, KEYS)
        with Up(place) as up, booted_at(place):
            starts = time.monotonic() + AHEAD_SECONDS
            plan = Plan(up.port, keys, RATE, starts, LONG_SECONDS)
            with Sending(tmp_path, plan) as sender:
                told = is_full_for_a_while(place, merchant_id)
                sender.make_no_more()
                heard = sender.heard()
            kinds = Counter(one.kind for one in heard.failures)
            told += f"; the senders were answered {dict(kinds)} before 200\n"
            soak_report.keep(f"disk-{ballast_mebibytes}", told)
            is_sound(place, merchant_id, heard)


def is_full_for_a_while(place: Home, merchant_id: UUID) -> str:
    """Fill the disk in the middle of a billing run, let the database fall, and give space back.

    Answers what came of it: it must be ready by itself, soon.
    """
    through = metered_town.BILLED_ON[-1]
    with (
        BillCommand(place, CODE, 2, CHUNK_GROUPS, through) as run,
        Watch(place, merchant_id) as watch,
    ):
        assert moves_on(run, watch)
        filling = fill(place)
        assert falls(place), "the database was to find no place for its log"
        until = time.monotonic() + FULL_SECONDS
        while time.monotonic() < until:
            fill(place)
            time.sleep(0.1)
        assert disk.free_bytes(place.path) < disk.MEBIBYTE
        filling.unlink()
        freed_at = time.monotonic()
        assert comes_true(lambda: database.answers(place), BACK_SECONDS)
        ready = time.monotonic() - freed_at
        code = run.process.wait(300)  # it may have given up, and is begun again below
    return f"ready {ready:.1f} s after there was space; the billing run ended with {code}"


def falls(place: Home) -> bool:
    """Write to the database's log until there is no space for it; tell whether it fell of that."""
    log = place.logs / "postgres.log"
    with (
        contextlib.suppress(psycopg.Error),
        database.as_superuser(place, database.address(place), database.DATABASE) as connection,
    ):
        for _ in range(DISK_MEBIBYTES // 8):
            fill(place)
            connection.execute(EIGHT_MEBIBYTES)
    return comes_true(lambda: "PANIC" in log.read_text("utf-8", "replace"), BACK_SECONDS)


def is_sound(place: Home, merchant_id: UUID, heard: Heard) -> None:
    """What was answered is there, once; what was refused was told when to come again."""
    assert heard.unanswered == 0
    assert heard.wrong == []
    kinds = {one.kind for one in heard.failures}
    assert kinds
    assert kinds <= TOLD
    assert all(one.is_told_when for one in heard.failures)
    forget_connections()
    day = AFTER.date()
    bill.bill(merchant_id, day, AFTER)  # an open run is finished first
    bill.bill(merchant_id, day, AFTER)
    assert bill.bill(merchant_id, day, AFTER) == 0
    assert unfinished(merchant_id, day) == []
    assert broken(merchant_id, is_village=False) == []
    assert findings(merchant_id) == []
    with database.as_superuser(place, database.address(place), database.DATABASE) as connection:
        stored = metered_town.stored(connection)
        assert metered_town.used_in_store(connection) == heard.sums
        assert metered_town.used_on_invoices(connection) == heard.sums
    assert stored == {
        sender: Stored(count, count, 0, count - 1) for sender, count in enumerate(heard.events)
    }
