"""Operation retention: how long customers stay, and what that is worth."""

from collections.abc import Sequence
from decimal import Decimal
from typing import get_args

from kesto.calculate.given import Answer
from kesto.core.exact import shown
from kesto.core.fields import LARGEST_COUNT, Fields
from kesto.insight.fitting import Wanted
from kesto.insight.retention import Forecast, forecast

MODELS: tuple[Wanted, ...] = get_args(Wanted)
MOST_PERIODS = 1000
MOST_COHORTS = 1000


def retention(fields: Fields) -> Answer:
    """Fit a curve to survivors, and project survival, residual lifetime and lifetime value."""
    cohorts = _cohorts(fields)
    model = fields.choice("model", MODELS, "best")
    horizon = _periods(fields, "horizon", least=1)
    tenure = _periods(fields, "tenure", 0)
    margin = fields.optional_decimal("margin")
    discount_rate = fields.optional_decimal("discount_rate")
    if discount_rate is not None and discount_rate >= 1:
        reason = 'must be below 1: a fraction a period, such as "0.01" for one percent'
        fields.refuse("bad_rate", "discount_rate", reason)
    fields.close()
    found = forecast(
        cohorts, model, horizon, margin=margin, discount_rate=discount_rate, tenure=tenure
    )
    return _answer(found)


def _cohorts(fields: Fields) -> list[list[int]]:
    """Read the survivors of one cohort, or of several as a list of lists."""
    given = fields.items("survivors")
    if not given or not isinstance(given[0], list | tuple):
        return [_counts(fields, "survivors", given)]
    if len(given) > MOST_COHORTS:
        fields.refuse("too_many", "survivors", f"may be at most {MOST_COHORTS} cohorts")
    cohorts = []
    for place, cohort in enumerate(given):
        name = f"survivors[{place}]"
        if not isinstance(cohort, list | tuple):
            fields.refuse("not_a_list", name, "must be a list, as the first cohort is one")
        cohorts.append(_counts(fields, name, cohort))
    return cohorts


def _counts(fields: Fields, name: str, given: Sequence[object]) -> list[int]:
    if len(given) > MOST_PERIODS:
        fields.refuse("too_many", name, f"may be at most {MOST_PERIODS} counts")
    return [_count(fields, f"{name}[{place}]", one) for place, one in enumerate(given)]


def _count(fields: Fields, name: str, given: object) -> int:
    """Read a number of customers: a whole number, also written as a string."""
    is_written = isinstance(given, str) and given.isascii() and given.isdigit()
    if not is_written and (not isinstance(given, int) or isinstance(given, bool)):
        fields.refuse("bad_count", name, "must be a whole number of customers")
    count = Decimal(str(given))
    if not 0 <= count <= LARGEST_COUNT:
        fields.refuse("bad_count", name, f"must be from 0 to {LARGEST_COUNT}")
    return int(count)


def _periods(fields: Fields, name: str, default: int | None = None, *, least: int = 0) -> int:
    periods = fields.count(name, default, least=least)
    if periods > MOST_PERIODS:
        fields.refuse("too_many", name, f"may be at most {MOST_PERIODS} periods")
    return periods


def _answer(found: Forecast) -> Answer:
    answer: Answer = {
        "model": found.model,
        "parameters": {name: shown(value) for name, value in found.parameters.items()},
        "log_likelihood": shown(found.log_likelihood),
        "survival": [shown(share) for share in found.survival],
        "retention": [shown(share) for share in found.retention],
        "residual_lifetime": shown(found.residual_lifetime),
        "derl": shown(found.derl),
    }
    if found.lifetime_value is not None:
        answer["lifetime_value"] = shown(found.lifetime_value)
    answer["over"] = dict(found.over)
    answer["intervals"] = {
        name: {"low": shown(low), "high": shown(high)}
        for name, (low, high) in found.intervals.items()
    }
    if found.hold_out_error is not None:
        answer["hold_out_error"] = shown(found.hold_out_error)
    if found.comparison is not None:
        answer["compared"] = {
            name: None if figure is None else shown(figure)
            for name, figure in found.comparison.items()
        }
    return answer
