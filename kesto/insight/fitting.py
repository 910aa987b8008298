"""Fitting a survival curve by maximum likelihood, on counts by tenure: the same cost for any size.

The log-likelihood is the sum of leavers x ln(S(t-1) - S(t)) and survivors x ln S(t), without the
multinomial constant.
"""

import math
from typing import Literal

import numpy as np
from msgspec import Struct

from kesto.core.refusals import Invalid
from kesto.insight.curves import FAMILIES, LIMITS, Curve, Family, Model
from kesto.insight.survivors import Numbers, Tenures

Wanted = Literal["sbg", "bdw", "best"]
Mixture = Literal["sbg", "bdw"]

FEWEST_RENEWALS: dict[Model, int] = {"sbg": 2, "bdw": 3}
ALIKE = 1e-3  # a mixture that says no more than this beyond its limit is reported as the limit
EDGE = 0.5
STEP = 1e-5
MOST_STEPS = 100
MOST_HALVINGS = 30
LONGEST_STEP = 2.0
SIGNIFICANT = 0.05
LEAST_FOR_HOLD_OUT = 6


class Fit(Struct, frozen=True):
    """A fitted curve, where its coordinates stand and how far they may be off."""

    family: Family
    at: tuple[float, ...]
    log_likelihood: float
    covariance: tuple[tuple[float, ...], ...] | None

    @property
    def curve(self) -> Curve:
        """Return the curve."""
        return self.family.curve(np.array(self.at))


class Comparison(Struct, frozen=True):
    """Both mixtures on the same counts: the likelihood-ratio test and the errors held out.

    An error is the mean of how far the projected survivors are off, as a share; None when there are
    too few periods to hold some out.
    """

    p_value: float
    sbg_error: float | None
    bdw_error: float | None

    @property
    def prefers_bdw(self) -> bool:
        """Whether the third parameter earns its place, in the data and out of them."""
        if self.p_value >= SIGNIFICANT or self.sbg_error is None or self.bdw_error is None:
            return False
        return self.bdw_error < self.sbg_error


def fit(tenures: Tenures, model: Mixture) -> Fit:
    """Fit a mixture; when customers turn out to be alike, its limit is what is reported."""
    least = FEWEST_RENEWALS[model]
    if tenures.renewals < least:
        raise Invalid(
            f"survivors need at least {least + 1} counts for model {model}",
            code="too_few_periods",
            field="survivors",
        )
    mixed, alike = _best_of(FAMILIES[model], tenures), _best_of(FAMILIES[LIMITS[model]], tenures)
    found = alike if mixed.log_likelihood - alike.log_likelihood < ALIKE else mixed
    _check_inside(found)
    return found


def compare(tenures: Tenures, sbg: Fit, bdw: Fit) -> Comparison:
    """Tell whether a beta discrete Weibull says more than a shifted beta-geometric."""
    ratio = 2 * max(bdw.log_likelihood - sbg.log_likelihood, 0.0)
    p_value = math.erfc(math.sqrt(ratio / 2))  # the chi-square tail with one degree of freedom
    return Comparison(p_value, held_out_error(tenures, "sbg"), held_out_error(tenures, "bdw"))


def held_out_error(tenures: Tenures, model: Mixture) -> float | None:
    """Fit the first two thirds, project the rest, and return how far it is off on average.

    None where there are too few periods to hold some out, or the first ones tell no curve.
    """
    points = tenures.renewals + 1
    if points < LEAST_FOR_HOLD_OUT:
        return None
    known = -(-2 * points // 3)
    observed = tenures.observed()[known:]
    try:
        curve = fit(tenures.first(known), model).curve
    except Invalid:
        return None
    projected = np.exp(curve.log_alive(np.arange(known, points, dtype=np.float64)))
    is_alive = observed > 0
    if not is_alive.any():
        return None
    return float(np.mean(np.abs(projected[is_alive] / observed[is_alive] - 1)))


def log_likelihood(family: Family, at: Numbers, tenures: Tenures) -> tuple[float, Numbers]:
    """Return the log-likelihood and how it moves with each coordinate."""
    tenure = np.arange(tenures.renewals + 1, dtype=np.float64)
    left = np.array(tenures.left[1:], dtype=np.float64)
    last_seen = np.array(tenures.last_seen, dtype=np.float64)
    alive, slopes = family.curve(at).log_alive(tenure), family.slopes(at, tenure)
    with np.errstate(all="ignore"):
        drop = np.minimum(np.diff(alive), -1e-300)
        of_leaving = alive[:-1] + np.log(-np.expm1(drop))
        weight = -1 / np.expm1(-drop)
        of_leaving_slopes = slopes[:-1] + weight[:, None] * np.diff(slopes, axis=0)
        # Who is not there counts for nothing, even where the curve has fallen to zero.
        value = np.where(left > 0, left * of_leaving, 0).sum()
        value += np.where(last_seen > 0, last_seen * alive, 0).sum()
        slope = np.where(left[:, None] > 0, left[:, None] * of_leaving_slopes, 0).sum(axis=0)
        slope += (last_seen[:, None] * slopes).sum(axis=0)
    return float(value), np.asarray(slope)


def _best_of(family: Family, tenures: Tenures) -> Fit:
    """Climb from each start and keep the highest place."""
    places = [_climbed(family, np.array(start), tenures) for start in family.starts]
    at = max(places, key=lambda place: log_likelihood(family, place, tenures)[0])
    value, _ = log_likelihood(family, at, tenures)
    return Fit(family, tuple(map(float, at)), value, _covariance(family, at, tenures))


def _climbed(family: Family, at: Numbers, tenures: Tenures) -> Numbers:
    """Climb the likelihood by Newton's steps, each halved until it leads upwards."""
    low, high = np.array(family.limits).T
    value, slope = log_likelihood(family, at, tenures)
    for _ in range(MOST_STEPS):
        step = _step(_curvature(family, at, tenures), slope)
        for _ in range(MOST_HALVINGS):
            there = np.clip(at + step, low, high)
            new_value, new_slope = log_likelihood(family, there, tenures)
            if new_value > value or _is_flatter(new_value, new_slope, value, slope):
                break
            step = step / 2
        else:
            break
        at, value, slope = there, new_value, new_slope
    return at


def _step(curvature: Numbers, slope: Numbers) -> Numbers:
    """Return Newton's step, turned uphill where the likelihood curves the other way."""
    if not np.isfinite(curvature).all():
        return np.asarray(slope / np.abs(slope).max())
    bends, directions = np.linalg.eigh(curvature)
    bends = np.maximum(np.abs(bends), 1e-9 * np.abs(bends).max() + 1e-12)
    step = directions @ ((directions.T @ slope) / bends)
    return np.asarray(step * min(1.0, LONGEST_STEP / max(np.abs(step).max(), 1e-300)))


def _is_flatter(new_value: float, new_slope: Numbers, value: float, slope: Numbers) -> bool:
    """Tell whether a place is as high within the last digits, and nearer to the top."""
    is_as_high = new_value > value - 1e-13 * abs(value)
    return bool(is_as_high and np.abs(new_slope).max() < np.abs(slope).max() / 2)


def _curvature(family: Family, at: Numbers, tenures: Tenures) -> Numbers:
    """Return the second derivatives, by central differences of the first."""
    rows = []
    for step in np.eye(len(at)) * STEP:
        _, above = log_likelihood(family, at + step, tenures)
        _, below = log_likelihood(family, at - step, tenures)
        rows.append((above - below) / (2 * STEP))
    found = np.stack(rows)
    return np.asarray((found + found.T) / 2)


def _covariance(
    family: Family, at: Numbers, tenures: Tenures
) -> tuple[tuple[float, ...], ...] | None:
    """Return how the coordinates may be off together; None where the data don't tell."""
    information = -_curvature(family, at, tenures)
    if not np.isfinite(information).all() or np.linalg.eigvalsh(information).min() <= 0:
        return None
    return tuple(tuple(map(float, row)) for row in np.linalg.inv(information))


def _check_inside(found: Fit) -> None:
    """Refuse a fit that ran to the edge: the curve then says what nobody has seen."""
    pairs = zip(found.at, found.family.limits, strict=True)
    if any(not low + EDGE < x < high - EDGE for x, (low, high) in pairs):
        raise Invalid(
            f"survivors don't tell a curve of model {found.family.model}: too few leave, or all"
            " at once; give more periods, or larger cohorts",
            code="no_fit",
            field="survivors",
        )
