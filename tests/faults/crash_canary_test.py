"""Flows made wrong on purpose die where the right ones survive: the checks must find it."""

import pytest

from kesto.flows import bill
from kesto.ops.home import Home
from tests.faults.actor import DIED, act
from tests.faults.crash_points_test import COPIED
from tests.faults.deeds import NOW, ready_for
from tests.faults.soundness import broken, findings
from tests.faults.village import FIRST_DAY

# Where each mutant dies, and what must be found then.
DEATHS = {
    "cursors first": ("bill.before_copy:3", {"chunk not whole", "cursor without its invoice"}),
    "invoices first": ("bill.before_commit:3", {"chunk not whole", "invoice without its cursor"}),
    "table by table": (
        f"bill.between_tables:{2 * len(COPIED) + COPIED.index('journal_entry') + 1}",
        {"money event not booked", "booking of nothing", "invoice half written"},
    ),
    "numbers apart": ("bill.after_numbers:3", {"numbers with a gap"}),
}


@pytest.mark.parametrize("mutant", DEATHS)
def test_mutant_is_found(booted: Home, database_name: str, mutant: str) -> None:
    crash_at, wanted = DEATHS[mutant]
    merchant_id = ready_for("bill")
    assert act(booted, database_name, mutant, merchant_id, crash_at) == DIED
    assert names(broken(merchant_id)) >= wanted
    assert findings(merchant_id), "verify must see it too"
    bill.bill(merchant_id, FIRST_DAY, NOW)
    assert names(broken(merchant_id)), "finishing the run must not hide it"


@pytest.mark.parametrize("mutant", DEATHS)
def test_mutant_that_nobody_kills_is_sound(booted: Home, database_name: str, mutant: str) -> None:
    merchant_id = ready_for("bill")
    assert act(booted, database_name, mutant, merchant_id, "") == 0
    assert broken(merchant_id) == []


def names(found: list[str]) -> set[str]:
    return {one.partition(":")[0] for one in found}
