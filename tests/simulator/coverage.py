"""What the simulated lives went through: which operation followed which, on what kind of day."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import get_args

from msgspec import Struct, field

from kesto.core.changes import ChangeCurrency, Command

SUBSCRIBE, BILL, USE = "subscribe", "bill", "use"
COMMANDS = tuple(
    str(one.__struct_config__.tag)
    for one in get_args(Command)
    if one is not ChangeCurrency  # the simulated office sells in one
)
OPERATIONS = (SUBSCRIBE, BILL, USE, *COMMANDS)
CLOCK_NIGHTS = {
    date(2027, 3, 14),
    date(2027, 3, 28),
    date(2027, 4, 4),
    date(2027, 10, 31),
    date(2027, 11, 7),
    date(2028, 3, 12),
    date(2028, 3, 26),
    date(2028, 10, 29),
}
"""Nights on which clocks were turned in Helsinki, New York or Auckland."""

UNDOING = ("keep", "resume", "call_off", "end_discount", "unskip_delivery")
# Nothing has happened that could be undone, or it was undone a moment ago for good.
IMPOSSIBLE = {
    *((SUBSCRIBE, one) for one in UNDOING),
    ("keep", "keep"),
    ("withdraw", "renew"),
}


class Coverage(Struct):
    """Counts of a simulation; those of several add up."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    histories: int = 0
    customer_days: int = 0
    operations: int = 0
    invoices: int = 0
    released: int = 0

    def add(self, other: "Coverage") -> None:
        """Add another one's counts."""
        self.pairs.update(other.pairs)
        self.days.update(other.days)
        self.refusals.update(other.refusals)
        self.histories += other.histories
        self.customer_days += other.customer_days
        self.operations += other.operations
        self.invoices += other.invoices
        self.released += other.released

    def saw(self, before: str, operation: str, day: date) -> None:
        """Count an operation that followed another on a day."""
        self.operations += 1
        self.pairs[before, operation] += 1
        for kind in kinds_of(day):
            self.days[kind] += 1

    def rare(self, least: int) -> list[tuple[str, str]]:
        """The pairs that followed one another less often than that."""
        return [pair for pair in wanted_pairs() if self.pairs[pair] < least]

    def rarest(self, count: int) -> str:
        """The pairs that followed one another least often, for people to read."""
        pairs = sorted(wanted_pairs(), key=lambda pair: self.pairs[pair])
        return ", ".join(f"{' > '.join(pair)} {self.pairs[pair]:,}" for pair in pairs[:count])

    def __str__(self) -> str:
        wanted = list(wanted_pairs())
        fewest = min(wanted, key=lambda pair: self.pairs[pair])
        days = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.days.items()))
        return (
            f"{self.histories:,} histories, {self.customer_days // 365:,} customer-years,"
            f" {self.operations:,} operations, {self.invoices:,} invoices,"
            f" {self.released:,} released, {sum(self.refusals.values()):,} refused;"
            f" {sum(1 for pair in wanted if self.pairs[pair])} of {len(wanted)} pairs, the rarest"
            f" {' > '.join(fewest)} {self.pairs[fewest]:,} times; {days}"
        )


def wanted_pairs() -> Iterator[tuple[str, str]]:
    """Every pair of operations that can follow one another in one life."""
    for before in OPERATIONS:
        for after in OPERATIONS:
            if after != SUBSCRIBE and (before, after) not in IMPOSSIBLE:
                yield before, after


@cache
def kinds_of(day: date) -> list[str]:
    """What is special about a day."""
    kinds = [f"{day:%a}".lower()]
    if day.day == monthrange(day.year, day.month)[1]:
        kinds.append("month_end")
    if (day.month, day.day) == (2, 29):
        kinds.append("leap_day")
    if day in CLOCK_NIGHTS:
        kinds.append("clock_night")
    return kinds
