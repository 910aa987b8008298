"""What a subscriber may do or have: what the plan and the add-ons give, added up."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec import Struct

from kesto.core.catalog import Entitlement
from kesto.core.exact import ZERO


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


def _more(before: Entitled, limit: Decimal | None, quantity: Decimal) -> Entitled:
    if limit is None or before.limit is None:
        return Entitled(is_allowed=True)
    together = before.limit + limit * quantity
    return Entitled(together > 0, together)
