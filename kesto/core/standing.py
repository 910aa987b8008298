"""How a subscription stands on a day."""

from collections.abc import Collection
from datetime import date
from typing import Literal
from uuid import UUID

from kesto.core.life import PLAN, Life, LifeItem

State = Literal["upcoming", "trialing", "active", "paused", "ending", "ended"]
"""The first that holds of ended, upcoming, paused, ending, trialing, active."""


def standing(life: Life, day: date, trials: Collection[UUID]) -> State:
    """How it stands; `trials` are its items that stand in a trial phase of their plan version."""
    end_on = life.end_on
    if end_on is not None and (end_on <= day or end_on == life.start_on):
        return "ended"
    if life.start_on > day:
        return "upcoming"
    running = [item for item in life.items if item.kind == PLAN and item.runs(day)]
    if any(_pauses(item, day) for item in running):
        return "paused"
    if end_on is not None:
        return "ending"
    return "trialing" if any(item.id in trials for item in running) else "active"


def _pauses(item: LifeItem, day: date) -> bool:
    pauses = item.course.pauses if item.course is not None else ()
    return any(one.start <= day and (one.end is None or day < one.end) for one in pauses)
