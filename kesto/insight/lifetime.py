"""What a customer is still expected to stay, and to be worth: sums over a survival curve."""

import math
from collections.abc import Callable

import numpy as np

from kesto.core.refusals import Invalid
from kesto.insight.curves import Curve
from kesto.insight.fitting import Fit
from kesto.insight.survivors import Numbers

ADDED_ONE_BY_ONE = 2000
FURTHEST = 1e12
NEGLIGIBLE = 45.0  # e to the power of -45 is nothing beside 1
STEP = 1e-5
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(20)
NORMAL_90 = 1.6448536269514722

Interval = tuple[float, float]


def is_endless(curve: Curve) -> bool:
    """Tell whether the expected lifetime has no end without a discount."""
    return curve.tail <= 1


def expected_periods(
    curve: Curve, tenure: int, discount_rate: float = 0.0, horizon: int | None = None
) -> float:
    """Return the periods still to be paid, each discounted to the next renewal.

    `tenure` is how many periods a customer has behind it, valued just before the next renewal; 0 is
    a new one, whose first period is certain. Raises Invalid when it has no end.
    """
    if horizon is None and discount_rate == 0 and is_endless(curve):
        raise Invalid(
            "discount_rate must be above zero: without a discount this lifetime has no end;"
            " leave it out to count within the horizon",
            code="endless_lifetime",
            field="discount_rate",
        )
    known = curve.log_alive(np.array([float(max(tenure - 1, 0))]))[0]
    discount = math.log1p(discount_rate)

    def worth(periods: Numbers) -> Numbers:
        alive = curve.log_alive(periods + tenure) - known
        return np.asarray(np.exp(alive - periods * discount))

    if horizon is not None:
        return float(worth(np.arange(horizon, dtype=np.float64)).sum())
    first = float(worth(np.arange(ADDED_ONE_BY_ONE, dtype=np.float64)).sum())
    return first + _rest(worth, curve.tail, discount)


def interval_of(found: Fit, figure: Callable[[Curve], float]) -> Interval | None:
    """Return where a positive figure lies nine times in ten (delta method on its logarithm).

    None where the data don't tell.
    """
    if found.covariance is None:
        return None
    at, slopes = np.array(found.at), []
    for step in np.eye(len(found.at)) * STEP:
        try:
            above, below = (figure(found.family.curve(at + sign * step)) for sign in (1, -1))
        except Invalid:
            return None
        if above <= 0 or below <= 0:
            return None
        slopes.append((math.log(above) - math.log(below)) / (2 * STEP))
    slope, middle = np.array(slopes), figure(found.curve)
    variance = float(slope @ np.array(found.covariance) @ slope)
    reach = NORMAL_90 * math.sqrt(max(variance, 0.0))
    return (middle * math.exp(-reach), middle * math.exp(min(reach, NEGLIGIBLE)))


def _rest(worth: Callable[[Numbers], Numbers], tail: float, discount: float) -> float:
    """Return the sum beyond what was added one by one (Euler and Maclaurin)."""
    start = float(ADDED_ONE_BY_ONE)
    at, above, below = worth(np.array([start, start + 0.5, start - 0.5]))
    end = start + NEGLIGIBLE / discount if discount else FURTHEST

    area = _area(worth, math.log(start), math.log(end))
    beyond = 0.0
    if not discount and math.isfinite(tail):
        beyond = float(worth(np.array([end]))[0]) * end / (tail - 1)
    return float(area + beyond + at / 2 - (above - below) / 12)


def _area(worth: Callable[[Numbers], Numbers], low: float, high: float) -> float:
    """Return the integral of a falling worth between two logarithms of time (Gauss)."""
    panels = math.ceil(high - low)
    width = (high - low) / panels
    middles = low + width * (np.arange(panels) + 0.5)
    times = np.exp(middles[:, None] + POINTS * width / 2).ravel()
    return float((worth(times) * times * np.tile(WEIGHTS, panels)).sum() * width / 2)
