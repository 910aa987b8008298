"""Alerts: how much usage somebody wants to be told of, in each period once."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct

from kesto.core.exact import ZERO, Exact, fraction
from kesto.core.refusals import Invalid

AlertKind = Literal["quantity", "share", "amount"]
ALERT_KINDS: tuple[AlertKind, ...] = get_args(AlertKind)
MOST_ALERTS = 20
"""Of one subscription."""

LARGEST = Decimal(10) ** 15
LARGEST_SHARE = Decimal(10_000)
MOST_PLACES = 12


class Alert(Struct, frozen=True):
    """What somebody wants to be told of: usage of a meter in a subscription.

    `threshold` is a quantity, a percentage of what is included, or an amount in minor units.
    `set_by` is who set it.
    """

    id: UUID
    subscription_id: UUID
    meter: str
    kind: AlertKind
    threshold: Decimal
    set_by: str

    @property
    def number(self) -> int:
        """A whole number of its own: the time and chance at the beginning of its id."""
        return self.id.int >> 65


class PriceUsed(Struct, frozen=True):
    """What a price counts so far: in its own units, what of them is included, and the amount."""

    quantity: Exact
    priced: Exact
    included: Exact
    amount_minor: int


def is_reached(alert: Alert, used: Sequence[PriceUsed]) -> bool:
    """Whether the usage of a running period, by each price that counts it, reaches an alert."""
    if not used:
        return False
    limit = fraction(alert.threshold)
    match alert.kind:
        case "quantity":
            return max(fraction(one.quantity) for one in used) >= limit
        case "amount":
            return sum(one.amount_minor for one in used) >= limit
        case "share":
            return any(
                one.included and fraction(one.priced) * 100 >= fraction(one.included) * limit
                for one in used
            )


def check_threshold(kind: str, threshold: Decimal) -> AlertKind:
    """Refuse what can't be a threshold. Raises Invalid naming the field."""
    found = next((one for one in ALERT_KINDS if one == kind), None)
    if found is None:
        detail = f"must be one of {', '.join(ALERT_KINDS)}"
        raise Invalid(detail, code="bad_choice", field="kind")
    exponent = threshold.as_tuple().exponent if threshold.is_finite() else None
    if not isinstance(exponent, int) or -exponent > MOST_PLACES:
        detail = f"must be a number with at most {MOST_PLACES} decimals"
        raise Invalid(detail, code="bad_decimal", field="threshold")
    largest = LARGEST_SHARE if found == "share" else LARGEST
    if not ZERO < threshold <= largest:
        detail = f"must be above 0 and at most {largest:f}"
        raise Invalid(detail, code="out_of_range", field="threshold")
    if found == "amount" and threshold % 1:
        raise Invalid("must be whole minor units", code="bad_decimal", field="threshold")
    return found
