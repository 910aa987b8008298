"""Rounds: the product between two runs of its baseline, again where the machine was not steady."""

from collections.abc import Callable
from statistics import median

from msgspec import Struct

from kesto.bench.crew import Worked

MOST_TRIES = 3
"""A machine that is never steady gets this many times the rounds, and its steadiest are taken."""


class Round(Struct, frozen=True):
    """The product's run with the baseline right before and right after it."""

    before: Worked
    product: Worked
    after: Worked

    @property
    def baseline_seconds(self) -> float:
        """What the baseline needed, on average."""
        return (self.before.seconds + self.after.seconds) / 2

    @property
    def spread(self) -> float:
        """How much the two runs of the baseline differ, as a factor."""
        seconds = (self.before.seconds, self.after.seconds)
        return max(seconds) / min(seconds)

    @property
    def ratio(self) -> float:
        """How fast the product is, as a share of the baseline's speed."""
        return self.baseline_seconds / self.product.seconds


def interleaved(
    product: Callable[[], Worked],
    baseline: Callable[[], Worked],
    count: int,
    most_spread: float,
) -> list[Round]:
    """Measure rounds until `count` of them are steady."""
    rounds: list[Round] = []
    for _ in range(MOST_TRIES * count):
        rounds.append(Round(baseline(), product(), baseline()))
        if sum(one.spread <= most_spread for one in rounds) == count:
            break
    return sorted(rounds, key=lambda one: one.spread)[:count]


def median_of(rounds: list[Round], figure: Callable[[Round], float]) -> float:
    """The median of a figure over rounds."""
    return median(figure(one) for one in rounds)
