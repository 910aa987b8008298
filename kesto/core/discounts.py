"""Discounts: which comes first, how much it takes, and from which lines."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from kesto.core.exact import round_ratio
from kesto.core.money import allocate
from kesto.core.refusals import Invalid

PERCENT = 100
SCOPES = ("line", "subscription", "customer")
DiscountScope = Literal["line", "subscription", "customer"]


class Discount(Struct, frozen=True, gc=False):
    """An amount off, or a percentage off what earlier discounts left.

    `lines` are the places of the lines it applies to (None: all). `percent` belongs to kind
    percent, `amount_minor` to kind amount.
    """

    kind: Literal["percent", "amount"]
    percent: Decimal = Decimal(0)
    amount_minor: int = 0
    lines: tuple[int, ...] | None = None
    scope: DiscountScope = "line"

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= PERCENT or self.amount_minor < 0:
            raise Invalid(
                "a discount is from 0 to 100 percent, or an amount that is not negative",
                code="bad_discount",
                field="value",
            )


class Discounted(Struct, frozen=True, gc=False):
    """What discounts took: in all by discount, in the order given, and from each line."""

    by_discount: tuple[int, ...]
    by_line: tuple[int, ...]


def discounted(lines: Sequence[int], discounts: Sequence[Discount]) -> Discounted:
    """Apply discounts to line amounts in minor units, one after the other.

    Those of a line come first, then the subscription's, then the customer's; within each, the
    order given. None takes a line below zero, and lines at or below zero take no share.
    """
    left = list(lines)
    by_discount = [0] * len(discounts)
    in_order = sorted(range(len(discounts)), key=lambda place: SCOPES.index(discounts[place].scope))
    for place in in_order:
        by_discount[place] = take(discounts[place], left)
    return Discounted(
        tuple(by_discount), tuple(line - rest for line, rest in zip(lines, left, strict=True))
    )


def take(discount: Discount, left: list[int]) -> int:
    """Take one discount from what is left of the lines (changed in place); return how much."""
    places = range(len(left)) if discount.lines is None else discount.lines
    sharing = [place for place in places if left[place] > 0]
    amount = min(
        _wanted(discount, sum(left[place] for place in places)),
        sum(left[place] for place in sharing),
    )
    if amount <= 0:
        return 0
    shares = allocate(amount, [left[place] for place in sharing])
    for place, share in zip(sharing, shares, strict=True):
        left[place] -= share
    return amount


def _wanted(discount: Discount, base: int) -> int:
    if discount.kind == "amount":
        return discount.amount_minor
    numerator, denominator = discount.percent.as_integer_ratio()
    return round_ratio(base * numerator, PERCENT * denominator)
