"""How many of a cohort were still there after each period, counted by tenure."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kesto.core.refusals import Invalid

Numbers = NDArray[np.float64]

FEWEST_POINTS = 3


class Tenures(Struct, frozen=True):
    """Customers by the periods they had behind them: who left in each, and who was last seen.

    Both have an entry for each tenure from 0 on; nobody leaves at 0.
    """

    left: tuple[int, ...]
    last_seen: tuple[int, ...]

    @property
    def customers(self) -> int:
        """Return how many customers there are."""
        return sum(self.left) + sum(self.last_seen)

    @property
    def renewals(self) -> int:
        """Return how many renewals the oldest cohort has behind it."""
        return len(self.left) - 1

    def first(self, points: int) -> "Tenures":
        """Return what was known when the oldest cohort had this many points."""
        later = self.customers - sum(self.left[:points]) - sum(self.last_seen[: points - 1])
        return Tenures(self.left[:points], (*self.last_seen[: points - 1], later))

    def observed(self) -> Numbers:
        """Return the share that is alive at each tenure (the product-limit estimate)."""
        alive, at_risk = [1.0], self.customers
        for left, last_seen in zip(self.left[1:], self.last_seen, strict=False):
            at_risk -= last_seen
            alive.append(alive[-1] * (1 - left / at_risk) if at_risk else alive[-1])
            at_risk -= left
        return np.array(alive)


def tenures_of(cohorts: Sequence[Sequence[int]]) -> Tenures:
    """Add up cohorts by tenure; each counts its survivors period by period, the start first."""
    longest = max(map(len, cohorts), default=0)
    left, last_seen = [0] * longest, [0] * longest
    for cohort in cohorts:
        _check(cohort)
        last_seen[len(cohort) - 1] += cohort[-1]
        for tenure in range(1, len(cohort)):
            left[tenure] += cohort[tenure - 1] - cohort[tenure]
    if longest < FEWEST_POINTS:
        raise Invalid(
            f"survivors need at least {FEWEST_POINTS} counts: the start and two periods after it",
            code="too_few_periods",
            field="survivors",
        )
    _check_losses(left, last_seen)
    return Tenures(tuple(left), tuple(last_seen))


def _check(cohort: Sequence[int]) -> None:
    if not cohort or cohort[0] == 0:
        raise Invalid(
            "survivors must begin with a count above zero: how many there were at the start",
            code="no_customers",
            field="survivors",
        )
    for tenure in range(1, len(cohort)):
        if cohort[tenure] > cohort[tenure - 1]:
            raise Invalid(
                f"survivors may not grow: {cohort[tenure]} after {cohort[tenure - 1]}"
                f" (place {tenure}); who comes back is a new customer",
                code="survivors_grow",
                field="survivors",
            )


def _check_losses(left: Sequence[int], last_seen: Sequence[int]) -> None:
    if not any(left):
        raise Invalid(
            "survivors lose nobody, so there is nothing to tell when customers leave;"
            " wait until some have left",
            code="nobody_left",
            field="survivors",
        )
    if not any(left[2:]) and not any(last_seen[1:]):
        raise Invalid(
            "survivors are all gone after the first period, so no curve can be fitted",
            code="everybody_left",
            field="survivors",
        )
