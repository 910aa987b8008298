"""What a price is asked for: a quantity, entries of it, transaction amounts, or levels."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kesto.core.exact import ZERO, Exact, total
from kesto.core.pricing.time_series import Interval

HOUR = 60


class Entry(Struct, frozen=True, gc=False):
    """Units of one interval, of one kind, or that come (or go, below zero) within a period.

    `share` is the part of the period they are there for (None: the line's own); `keys` are what
    the price may go by: the value of each dimension, or the interval.
    """

    quantity: Exact
    share: Fraction | None = None
    keys: tuple[tuple[str, str], ...] = ()


class Unpriced(Struct, frozen=True, gc=False):
    """What was used in intervals that have no price yet; nothing else of a usage counts it.

    `intervals` of `minutes` each, the first from `first_at` on, lack one in the price series of
    the code `series` (empty: in the plan itself).
    """

    quantity: Decimal
    intervals: int
    first_at: datetime
    minutes: int = 60
    series: str = ""

    @property
    def reason(self) -> str:
        """Why it can't be billed, for a person."""
        named = f" in {self.series!r}" if self.series else ""
        length = "hours" if self.minutes == HOUR else "quarter-hours"
        return (
            f"prices of {self.intervals} {length} from {self.first_at:%Y-%m-%d %H:%M} are"
            f" missing{named}"
        )


class Usage(Struct, frozen=True, gc=False):
    """What was used in a period: one of these, in the model's own kind.

    `amounts` are those of transactions, in major units; `levels` are the highest ones of each unit.
    `cost` is what the intervals of a series came to, where their quantity was added up already;
    else `series` are their prices. What has no price yet is `unpriced`.
    """

    quantity: Exact = ZERO
    entries: tuple[Entry, ...] | None = None
    amounts: tuple[Exact, ...] | None = None
    levels: tuple[tuple[str, Exact], ...] | None = None
    cost: Exact | None = None
    series: tuple[Interval, ...] | None = None
    unpriced: Unpriced | None = None

    @property
    def total(self) -> Exact:
        """The whole quantity: of amounts it is their sum."""
        if self.entries is None and self.amounts is None:
            return self.quantity
        found = [self.quantity, *(entry.quantity for entry in self.entries or ())]
        return total([*found, *(self.amounts or ())])

    @property
    def comes_and_goes(self) -> bool:
        """Whether an entry has its own share of the period: then entries are changes in order."""
        return any(entry.share is not None for entry in self.entries or ())

    def each(self) -> Iterator[tuple["Usage", Fraction | None]]:
        """Return each entry or amount by itself, with its share of the period."""
        if self.amounts is not None:
            for amount in self.amounts:
                yield Usage(amounts=(amount,)), None
        elif self.entries is not None:
            for entry in self.entries:
                alone = (Entry(entry.quantity, None, entry.keys),)
                yield Usage(entries=alone, series=self.series), entry.share
        else:
            yield self, None
