"""A process dies at each named point of a flow, and the next one takes up its work.

What it did is there whole or not at all; doing it again completes it and doubles nothing.
"""

import contextlib
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from kesto.flows import bill
from kesto.ops import database
from kesto.ops.home import Home
from kesto.store import billing
from kesto.store.invoice_writer import COLUMNS
from kesto.store.session import reading
from tests.faults import postman, shipper
from tests.faults.actor import DEEDS, DIED, ROOT, act
from tests.faults.deeds import CHUNK_GROUPS, DONE_BEFORE, GROUPS, NOW, ready_for
from tests.faults.soundness import billed, broken, chunks_done, counts, findings, unfinished
from tests.faults.village import FIRST_DAY

Die = Callable[[str, UUID, str], None]

COPIED = [table for table in COLUMNS if table != "issued"]
"""The tables of a chunk; the process may die after each."""

# Where a billing run dies, and how many of its chunks are committed then: never none.
BILL_POINTS = {
    "bill.before_copy:3": 2,
    **{f"bill.between_tables:{2 * len(COPIED) + n + 1}": 2 for n in range(len(COPIED))},
    "bill.before_numbers:3": 2,
    "bill.after_numbers:3": 2,
    "bill.before_commit:3": 2,
    "bill.after_commit:3": 3,
}
HALVES_POINT = "bill.between_halves"
OTHER_POINTS = {
    "answer": [
        "answer_once.after_work",
        "answer_once.before_commit",
        "answer_once.after_commit",
    ],
    "import": [
        "import_customers.after_customers",
        "subscribe.after_groups",
        "subscribe.after_begin",
        "subscribe.before_commit",
        "import_customers.after_commit",
    ],
    "match": [
        "match.after_transactions",
        "match.after_payments",
        "match.after_settle",
        "match.before_commit",
        "match.after_commit",
    ],
    "write_off": [
        "write_off.before_booking",
        "write_off.before_commit",
        "write_off.after_commit",
    ],
    "give": [
        "give_credit.before_booking",
        "give_credit.before_commit",
        "give_credit.after_commit",
    ],
    "sell": ["give_credit.before_booking", "give_credit.before_commit"],
    "pay_back": ["pay_out.before_booking", "pay_out.before_commit"],
    "expire": ["expire_credit.after_expiry", "expire_credit.before_commit"],
    "settle": [
        "settle.after_mark",
        "match.after_payments",
        "settle.before_commit",
        "settle.after_commit",
    ],
    "credit": [
        "bill.between_tables",
        "credit.before_settle",
        "bill.after_numbers",
        "credit.before_commit",
        "credit.after_commit",
    ],
    "issue": [
        "bill.between_tables",
        "take_credit.before_taking",
        "issue_now.before_commit",
        "issue_now.after_commit",
    ],
    "change": ["change.after_events", "change.after_items", "change.before_commit"],
    "remind": ["remind.before_commit"],
    "watch": ["watch_usage.before_commit"],
    "send": [
        "accept_usage.after_batch",
        "accept_usage.after_events",
        "accept_usage.after_letters",
        "accept_usage.before_commit",
        "accept_usage.after_commit",
    ],
    "roll_up": ["open_rollups.opened", "open_rollups.before_commit"],
    "mend": ["mend_events.before_commit"],
    "migrate": ["migrate.before_commit"],
    "confirm": ["change.after_events", "confirm_quote.before_commit"],
    "close": [
        "close_month.after_close",
        "close_month.before_commit",
        "close_month.after_commit",
    ],
}


@pytest.fixture
def die(booted: Home, database_name: str) -> Die:
    def die(deed: str, merchant_id: UUID, crash_at: str) -> None:
        assert act(booted, database_name, deed, merchant_id, crash_at) == DIED

    return die


@pytest.fixture(scope="module")
def undisturbed(booted: Home) -> list[tuple[object, ...]]:
    """What the village is billed when nobody dies."""
    assert booted
    merchant_id = ready_for("bill")
    DEEDS["bill"](merchant_id)
    return billed(merchant_id, FIRST_DAY)


def test_every_crash_point_of_the_source_is_tried() -> None:
    named = set()
    for path in Path(ROOT, "kesto").rglob("*.py"):
        named |= set(re.findall(r'crash_point\("([^"]+)"\)', path.read_text("utf-8")))
    tried = {
        HALVES_POINT,
        *BILL_POINTS,
        *(point for tried in OTHER_POINTS.values() for point in tried),
        *postman.POINTS,
        *shipper.POINTS,
    }
    assert {point.partition(":")[0] for point in tried} == named


@pytest.mark.parametrize(("crash_at", "committed"), BILL_POINTS.items(), ids=BILL_POINTS)
def test_bill_that_dies_is_finished_by_the_next(
    die: Die, undisturbed: list[tuple[object, ...]], crash_at: str, committed: int
) -> None:
    merchant_id = ready_for("bill")
    die("bill", merchant_id, crash_at)
    assert (chunks_done(merchant_id), broken(merchant_id)) == (committed, [])
    rest = GROUPS - committed * CHUNK_GROUPS
    assert bill.bill(merchant_id, FIRST_DAY, NOW) == rest
    assert unfinished(merchant_id, FIRST_DAY) == []
    assert billed(merchant_id, FIRST_DAY) == undisturbed
    before = counts(merchant_id)
    assert bill.bill(merchant_id, FIRST_DAY, NOW) == 0
    assert counts(merchant_id) == before
    assert (broken(merchant_id), findings(merchant_id)) == ([], [])


@pytest.mark.parametrize("halves", [2, 4], ids=["before it is parked", "after it is parked"])
def test_bill_that_dies_while_it_looks_for_the_group_at_fault(
    booted: Home, database_name: str, die: Die, halves: int
) -> None:
    merchant_id = ready_for("bill")
    with reading(merchant_id) as session:
        groups = [row[0] for row in session.rows("select id from billing_group order by id")]
    spoiled = groups[CHUNK_GROUPS + 10]  # in the first half of the second chunk
    with database.as_superuser(booted, database.address(booted), database_name) as connection:
        connection.execute(
            "update subscription set alignment = 'askew' where billing_group_id = %s", [spoiled]
        )
    die("bill", merchant_id, f"{HALVES_POINT}:{halves}")
    assert chunks_done(merchant_id) == 1
    assert bill.bill(merchant_id, FIRST_DAY, NOW) > 0
    assert unfinished(merchant_id, FIRST_DAY) == []
    with reading(merchant_id) as session:
        assert [row[0] for row in billing.parked_groups(session)] == [spoiled]
    with reading(merchant_id) as session:
        run_id, parked = session.rows("select run_id, sum(parked) from billing_chunk group by 1")[0]
        assert (parked, billing.progress(session, run_id).invoices) == (1, GROUPS - 1)
    found = [one for one in broken(merchant_id) if not one.startswith("group set aside")]
    assert found == []
    before = counts(merchant_id)
    assert bill.bill(merchant_id, FIRST_DAY, NOW) == 0
    assert counts(merchant_id) == before


@pytest.mark.parametrize(
    ("deed", "crash_at"),
    [(deed, point) for deed, points in OTHER_POINTS.items() for point in points],
)
def test_deed_that_dies_is_done_by_the_next(die: Die, deed: str, crash_at: str) -> None:
    merchant_id = ready_for(deed)
    before = counts(merchant_id)
    die(deed, merchant_id, crash_at)
    is_done = crash_at.endswith("after_commit")
    assert broken(merchant_id) == []
    assert (counts(merchant_id) != before) == is_done
    if not is_done:
        DEEDS[deed](merchant_id)
    done = counts(merchant_id)
    with pytest.raises(DONE_BEFORE[deed]) if deed in DONE_BEFORE else contextlib.nullcontext():
        DEEDS[deed](merchant_id)
    assert counts(merchant_id) == done
    assert (broken(merchant_id), findings(merchant_id)) == ([], [])


@pytest.mark.parametrize("crash_at", ["bill.before_commit", "bill.after_commit:2"])
def test_time_that_passes_goes_on_where_it_stopped(die: Die, crash_at: str) -> None:
    merchant_id, undisturbed = ready_for("live"), ready_for("live")
    die("live", merchant_id, crash_at)
    assert broken(merchant_id) == []
    DEEDS["live"](merchant_id)
    DEEDS["live"](undisturbed)
    assert billed_days(merchant_id) == billed_days(undisturbed)
    assert len(billed_days(merchant_id)) > 1
    assert findings(merchant_id) == []


def billed_days(merchant_id: UUID) -> dict[date, tuple[int, int]]:
    """How many invoices stand on each day, and what they come to."""
    with reading(merchant_id) as session:
        rows = session.rows(
            "select invoice_on, count(*), sum(total_minor)::bigint from invoice group by 1"
        )
    return {day: (count, total) for day, count, total in rows}
