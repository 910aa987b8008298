"""A history in a few words, and the life that it comes to."""

from datetime import date
from typing import Any
from uuid import UUID

from kesto.core.catalog import PlanTerms
from kesto.core.history import ItemStart, Subscribed, SubscriptionEvent, Told
from kesto.core.life import ADD_ON, PLAN, Life, LifeItem
from kesto.core.play import play

SUBSCRIPTION, GROUP, OTHER_GROUP, PAYER, SEED = (UUID(int=n) for n in range(1, 6))
BASIC, PLUS, STORAGE, CARE = (UUID(int=n) for n in range(11, 15))
START = date(2027, 10, 1)
TERMS = PlanTerms(minimum_months=12, notice_days=30)


def on(text: str) -> date:
    return date.fromisoformat(text)


def plan_item(
    number: int = 100, owner: UUID = BASIC, quantity: str = "2", **more: Any
) -> ItemStart:
    return ItemStart(UUID(int=number), owner, PLAN, quantity, "plan", **more)


def add_on_item(number: int, owner: UUID = STORAGE, code: str = "storage") -> ItemStart:
    return ItemStart(UUID(int=number), owner, ADD_ON, "1", code)


BEGUN = Subscribed(START, "anniversary", (plan_item(),), terms=TERMS, currency="EUR")


def lived(*events: SubscriptionEvent, begun: Subscribed = BEGUN) -> Life:
    told = [Told(seq, SUBSCRIPTION, event) for seq, event in enumerate((begun, *events))]
    return play(told, GROUP)


def spans(life: Life) -> list[tuple[int, str, str | None]]:
    """When each item runs, by its number."""
    return [
        (item.id.int, str(item.start_on), str(item.end_on) if item.end_on else None)
        for item in life.items
    ]


def numbered(life: Life, number: int) -> LifeItem:
    return next(item for item in life.items if item.id.int == number)
