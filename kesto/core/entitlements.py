"""What a subscriber may do or have: what the plan and the add-ons give, added up."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from kesto.core.catalog import Entitlement
from kesto.core.exact import ZERO
from kesto.core.item import Course


class Entitled(Struct, frozen=True, gc=False):
    """What somebody has of a feature; `limit` None: without limit."""

    is_allowed: bool
    limit: Decimal | None = None


NOT_ENTITLED = Entitled(is_allowed=False, limit=ZERO)


def entitled(given: Iterable[tuple[Iterable[Entitlement], Decimal]]) -> Mapping[str, Entitled]:
    """Add up what plans and add-ons give, each taken in a quantity, by the code of the feature.

    One that gives a feature without limit makes it so; a limit of zero in all allows nothing, and
    neither does what is taken zero times.
    """
    found: dict[str, Entitled] = {}
    for entitlements, quantity in given:
        if quantity <= 0:
            continue
        for one in entitlements:
            before = found.get(one.feature, NOT_ENTITLED)
            found[one.feature] = _more(before, one.limit, quantity)
    return found


def quantity_on(day: date, quantity: Decimal, course: Course | None) -> Decimal:
    """In which quantity an item that runs gives something on a day: none while it is paused."""
    if course is None:
        return quantity
    for pause in course.pauses:
        if pause.start <= day and (pause.end is None or day < pause.end):
            return ZERO
    return next((step.quantity for step in reversed(course.steps) if step.on <= day), quantity)


def _more(before: Entitled, limit: Decimal | None, quantity: Decimal) -> Entitled:
    if limit is None or before.limit is None:
        return Entitled(is_allowed=True)
    together = before.limit + limit * quantity
    return Entitled(together > 0, together)
