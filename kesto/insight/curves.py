"""Survival curves of contracts, and how they move with what they are fitted by.

Shifted beta-geometric (Fader and Hardie 2007), beta discrete Weibull (Fader, Hardie, Liu, Davin and
Steenburgh 2018) and their limits when all customers are alike: geometric and discrete Weibull.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import scipy
from msgspec import Struct

from kesto.insight.survivors import Numbers

Model = Literal["sbg", "bdw", "geometric", "dw"]


class Mixed(Struct, frozen=True):
    """A chance to leave that differs by customer (beta of a and b) and moves with tenure (c)."""

    a: float
    b: float
    c: float = 1.0

    def log_alive(self, tenure: Numbers) -> Numbers:
        """Return the logarithm of the share that is alive."""
        reach = self.b + tenure**self.c
        return np.asarray(
            scipy.special.betaln(self.a, reach) - scipy.special.betaln(self.a, self.b)
        )

    @property
    def tail(self) -> float:
        """Return the power of tenure that the share alive falls with in the end."""
        return self.a * self.c


class Alike(Struct, frozen=True):
    """One chance to leave (theta) for every customer, moving with tenure (c)."""

    theta: float
    c: float = 1.0

    def log_alive(self, tenure: Numbers) -> Numbers:
        """Return the logarithm of the share that is alive."""
        return np.asarray(tenure**self.c * np.log1p(-self.theta))

    @property
    def tail(self) -> float:
        """Return the power of tenure that the share alive falls with: faster than any."""
        return np.inf


Curve = Mixed | Alike


class Family(Struct, frozen=True):
    """What a model is fitted by: coordinates without bounds, and the curve that they stand for."""

    model: Model
    names: tuple[str, ...]
    curve: Callable[[Numbers], Curve]
    slopes: Callable[[Numbers, Numbers], Numbers]
    starts: tuple[tuple[float, ...], ...]
    limits: tuple[tuple[float, float], ...]


# Coordinates: logit of the mean churn, logit of the polarization 1 / (a + b + 1), logarithm of c.
CHURN, POLARIZATION, SHAPE = (-25.0, 25.0), (-14.0, 12.0), (-3.0, 3.0)


def _mixed(at: Numbers) -> Mixed:
    mean, spread = scipy.special.expit(at[0]), np.exp(-at[1])
    c = 1.0 if len(at) == len((CHURN, POLARIZATION)) else float(np.exp(at[2]))
    return Mixed(float(mean * spread), float(scipy.special.expit(-at[0]) * spread), c)


def _alike(at: Numbers) -> Alike:
    return Alike(float(scipy.special.expit(at[0])), float(np.exp(at[1])) if len(at) > 1 else 1.0)


def _mixed_slopes(at: Numbers, tenure: Numbers) -> Numbers:
    """Return how the logarithm of the share alive moves with each coordinate, a row a tenure."""
    curve, mean = _mixed(at), scipy.special.expit(at[0])
    a, b, digamma = curve.a, curve.b, scipy.special.digamma
    reach = b + tenure**curve.c
    by_reach = digamma(reach) - digamma(a + reach)
    by_a = digamma(a + b) - digamma(a + reach)
    by_b = by_reach - digamma(b) + digamma(a + b)
    slopes = [by_a * a * (1 - mean) - by_b * b * mean, -(a * by_a + b * by_b)]
    slopes.append(by_reach * _stretch(tenure, curve.c))
    return np.stack(slopes[: len(at)], axis=-1)


def _alike_slopes(at: Numbers, tenure: Numbers) -> Numbers:
    curve = _alike(at)
    by_churn = -(tenure**curve.c) * curve.theta
    by_shape = np.log1p(-curve.theta) * _stretch(tenure, curve.c)
    return np.stack([by_churn, by_shape][: len(at)], axis=-1)


def _stretch(tenure: Numbers, c: float) -> Numbers:
    """Return how tenure to the power c moves with the logarithm of c; at tenure 0 not at all."""
    return np.asarray(c * tenure**c * np.log(np.maximum(tenure, 1.0)))


FAMILIES: Mapping[Model, Family] = {
    "sbg": Family(
        "sbg",
        ("a", "b"),
        _mixed,
        _mixed_slopes,
        ((-1.5, -1.5), (-3.0, 0.0), (-1.0, -5.0)),
        (CHURN, POLARIZATION),
    ),
    "bdw": Family(
        "bdw",
        ("a", "b", "c"),
        _mixed,
        _mixed_slopes,
        ((-1.5, -1.5, 0.0), (-3.0, 0.0, 0.3), (-1.0, -5.0, -0.2)),
        (CHURN, POLARIZATION, SHAPE),
    ),
    "geometric": Family("geometric", ("theta",), _alike, _alike_slopes, ((-1.5,),), (CHURN,)),
    "dw": Family(
        "dw", ("theta", "c"), _alike, _alike_slopes, ((-1.5, 0.0), (-3.0, 0.5)), (CHURN, SHAPE)
    ),
}

# What a model is when its customers turn out to be alike.
LIMITS: Mapping[Model, Model] = {"sbg": "geometric", "bdw": "dw"}
