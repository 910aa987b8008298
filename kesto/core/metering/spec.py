"""A meter: which events it counts, and how."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from kesto.core.exact import ZERO, Exact, fraction, round_ratio

Carry = Literal["period", "since_start"]
RoundTo = Literal["up", "down", "nearest"]


class Rounding(Struct, frozen=True, gc=False):
    """To how many digits after the point a quantity is rounded (below 0: before it), and where."""

    round: RoundTo
    digits: int = 0

    def rounded(self, number: Fraction) -> Fraction:
        """Return a number that is not below zero, rounded; nearest is half away from zero."""
        unit = Fraction(10) ** -self.digits
        units = number / unit
        match self.round:
            case "up":
                return -(-units.numerator // units.denominator) * unit
            case "down":
                return units.numerator // units.denominator * unit
            case "nearest":
                return round_ratio(units.numerator, units.denominator) * unit


class Meter(Struct, frozen=True):
    """How events become a quantity.

    The value is the event's own, the property called `property_name`, or what an `expression` of
    them comes to. `accepted` holds the
    values that pass the filter, by property. `initial` is the level carried in (None: nothing is).
    `is_prorated` weighs by the days of the whole regular period.
    """

    aggregation: str
    property_name: str | None = None
    accepted: Mapping[str, frozenset[str]] = {}
    group_by: tuple[str, ...] = ()
    carry: Carry = "period"
    initial: Exact | None = None
    is_prorated: bool = False
    rounding: Rounding | None = None
    expression: str = ""

    @property
    def carried_in(self) -> Fraction:
        """Return the level at the start."""
        return fraction(self.initial or ZERO)


class Measured(Struct, frozen=True, gc=False):
    """What an aggregation found: the exact quantity, and the level that goes on after the end.

    Both may be below zero.
    """

    quantity: Fraction
    level: Fraction
