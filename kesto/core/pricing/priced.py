"""What a price comes to: exact, explained, and rounded once."""

from msgspec import Struct

from kesto.core.exact import ZERO, Exact
from kesto.core.money import round_minor
from kesto.core.pricing.part import Part


class Priced(Struct, frozen=True, gc=False):
    """A line's exact amount after the maximum, with the parts that add up to it.

    `minimum` is what the period must come to when this line is the one that has to see to it.
    """

    exact: Exact
    parts: tuple[Part, ...]
    minimum: Exact | None = None
    previously_billed: Exact = ZERO

    def minor(self, currency: str) -> int:
        """Return the line's amount in minor units, without the minimum."""
        return round_minor(self.exact, currency)

    def true_up_minor(self, currency: str) -> int:
        """Return what the minimum adds: it rounded, less the rounded amounts of the period."""
        if self.minimum is None:
            return 0
        billed = round_minor(self.previously_billed, currency) + self.minor(currency)
        return max(round_minor(self.minimum, currency) - billed, 0)
