"""How a subscription stands: the first that holds."""

from decimal import Decimal
from uuid import UUID

from kesto.core.history import (
    Cancelled,
    ItemStart,
    Paused,
    PlanChanged,
    Resumed,
    Subscribed,
    SubscriptionEvent,
    Told,
)
from kesto.core.play import play
from kesto.core.standing import standing
from tests.simulator.story import day

OWN, ITEM, LATER = UUID(int=1), UUID(int=2), UUID(int=3)
BEGUN = Subscribed(
    day("2026-10-01"), "anniversary", (ItemStart(ITEM, OWN, "plan", "1", "plan", phase=0),)
)


def stands(on: str, *events: SubscriptionEvent) -> str:
    told = [Told(seq, OWN, event) for seq, event in enumerate((BEGUN, *events), 1)]
    return standing(play(told), day(on), {ITEM})


def test_it_is_upcoming_then_on_trial_then_active() -> None:
    after = PlanChanged(day("2026-11-01"), (ItemStart(LATER, OWN, "plan", "1", "plan"),))
    assert stands("2026-09-30", after) == "upcoming"
    assert stands("2026-10-01", after) == stands("2026-10-31", after) == "trialing"
    assert stands("2026-11-01", after) == "active"


def test_a_pause_counts_before_an_end_that_is_known_and_an_end_before_all() -> None:
    pause = Paused(day("2026-10-10"), None, Decimal(0))
    back = Resumed(day("2026-10-20"))
    notice = Cancelled(day("2026-12-01"), day("2026-10-02"))
    assert stands("2026-10-09", pause, back, notice) == "ending"
    assert stands("2026-10-10", pause, back, notice) == "paused"
    assert stands("2026-10-20", pause, back, notice) == "ending"
    assert stands("2026-12-01", pause, notice) == "ended"
