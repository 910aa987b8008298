"""From survivors to a forecast: the curve, how long customers stay, and what that is worth."""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

import numpy as np
from msgspec import Struct

from kesto.core.refusals import Invalid
from kesto.insight.curves import Curve, Model
from kesto.insight.fitting import Comparison, Fit, Mixture, Wanted, compare, fit, held_out_error
from kesto.insight.lifetime import expected_periods, interval_of, is_endless
from kesto.insight.survivors import tenures_of

PLACES = 6
MIXTURES: tuple[Mixture, ...] = ("sbg", "bdw")
MIXTURE_OF: Mapping[Model, Mixture] = {"sbg": "sbg", "geometric": "sbg", "bdw": "bdw", "dw": "bdw"}

Interval = tuple[Decimal, Decimal]


class Forecast(Struct, frozen=True):
    """A fitted curve and what follows from it, in figures of six decimals.

    Survival goes from the start to the horizon, retention from the first period to it. `over` says
    whether a sum goes over the whole life or, where that has no end, over the horizon. Intervals
    hold nine times in ten; a figure without one can't be told from the data. `hold_out_error` is
    how far the first two thirds of the periods, projected, are off the rest on average (None: there
    are too few periods).
    """

    model: Model
    parameters: Mapping[str, Decimal]
    log_likelihood: Decimal
    survival: Sequence[Decimal]
    retention: Sequence[Decimal]
    residual_lifetime: Decimal
    derl: Decimal
    lifetime_value: Decimal | None
    over: Mapping[str, str]
    intervals: Mapping[str, Interval]
    hold_out_error: Decimal | None
    comparison: Mapping[str, Decimal | None] | None


def forecast(
    cohorts: Sequence[Sequence[int]],
    model: Wanted,
    horizon: int,
    *,
    margin: Decimal | None = None,
    discount_rate: Decimal | None = None,
    tenure: int = 0,
) -> Forecast:
    """Fit survivors and project them.

    `margin` is what a period earns, `discount_rate` a fraction a period, and `tenure` how many
    periods the customer that is valued has behind it (0: a new one).
    """
    found, comparison = _fitted(cohorts, model)
    curve, rate = found.curve, float(discount_rate or 0)
    _refuse_endless(curve, discount_rate)
    ends = None if not is_endless(curve) else horizon
    discounted_ends = None if rate else ends
    earned = float(margin or 0)
    figures: dict[str, Callable[[Curve], float]] = {
        name: _parameter(name) for name in found.family.names
    }
    figures["residual_lifetime"] = lambda one: expected_periods(one, tenure, 0.0, ends)
    figures["derl"] = lambda one: expected_periods(one, tenure, rate, discounted_ends)
    if margin:
        figures["lifetime_value"] = lambda one: earned * figures["derl"](one)
    values = {name: _written(figure(curve)) for name, figure in figures.items()}
    alive = np.exp(curve.log_alive(np.arange(horizon + 1, dtype=np.float64)))
    return Forecast(
        found.family.model,
        {name: values[name] for name in found.family.names},
        _written(found.log_likelihood),
        [_written(share) for share in alive],
        _retention(curve, horizon),
        values["residual_lifetime"],
        values["derl"],
        None if margin is None else values.get("lifetime_value", Decimal(0)),
        {"residual_lifetime": _over(ends), "derl": _over(discounted_ends)},
        _intervals(found, figures),
        _optional(held_out_error(tenures_of(cohorts), MIXTURE_OF[found.family.model])),
        comparison,
    )


def _fitted(
    cohorts: Sequence[Sequence[int]], model: Wanted
) -> tuple[Fit, Mapping[str, Decimal | None] | None]:
    """Fit the model that is asked for; `best` compares both where both can be fitted."""
    tenures = tenures_of(cohorts)
    if model != "best":
        return fit(tenures, model), None
    found = {mixture: one for mixture in MIXTURES if (one := _tried(cohorts, mixture)) is not None}
    if "sbg" in found and "bdw" in found:
        comparison = compare(tenures, found["sbg"], found["bdw"])
        return found["bdw" if comparison.prefers_bdw else "sbg"], _compared(comparison)
    if found:
        return next(iter(found.values())), None
    return fit(tenures, "sbg"), None


def _tried(cohorts: Sequence[Sequence[int]], mixture: Mixture) -> Fit | None:
    try:
        return fit(tenures_of(cohorts), mixture)
    except Invalid:
        return None


def _compared(comparison: Comparison) -> Mapping[str, Decimal | None]:
    errors = {"sbg_error": comparison.sbg_error, "bdw_error": comparison.bdw_error}
    return {
        "p_value": _written(comparison.p_value),
        **{name: _optional(error) for name, error in errors.items()},
    }


def _refuse_endless(curve: Curve, discount_rate: Decimal | None) -> None:
    """Refuse a discount of zero on a life without end; without a word of it the horizon counts."""
    if discount_rate is not None and not discount_rate:
        expected_periods(curve, 0)


def _parameter(name: str) -> Callable[[Curve], float]:
    return lambda curve: float(getattr(curve, name))


def _retention(curve: Curve, horizon: int) -> list[Decimal]:
    """Return the share of those alive that stay, from the first period on."""
    logs = curve.log_alive(np.arange(horizon + 1, dtype=np.float64))
    return [
        _written(math.exp(after - before)) if math.isfinite(before) else Decimal(0)
        for before, after in pairwise(logs)
    ]


def _intervals(found: Fit, figures: Mapping[str, Callable[[Curve], float]]) -> dict[str, Interval]:
    intervals = {}
    for name, figure in figures.items():
        if (found_interval := interval_of(found, figure)) is not None:
            low, high = found_interval
            intervals[name] = (_written(low), _written(high))
    return intervals


def _over(horizon: int | None) -> str:
    return "life" if horizon is None else "horizon"


def _optional(figure: float | None) -> Decimal | None:
    return None if figure is None else _written(figure)


def _written(figure: float) -> Decimal:
    """Return a figure with six decimals: more would differ from one machine to the next."""
    return Decimal(f"{figure:.{PLACES}f}")
