"""Retention curves against published figures, against each other, and against what made them."""

from typing import Any

import numpy as np
import pytest
import scipy

from kesto.calculate import calculate
from kesto.core.refusals import Invalid
from kesto.insight.curves import FAMILIES, Alike, Curve, Mixed, Model
from kesto.insight.fitting import Mixture, fit, log_likelihood
from kesto.insight.lifetime import expected_periods, interval_of
from kesto.insight.survivors import Tenures, tenures_of

# Per cent alive by year, of Fader and Hardie (2007), table 1, taken of a thousand.
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
# Fader and Hardie (2010): four cohorts, of five, four, three and two points.
CASE_1 = [10000, 8000, 6480, 5307, 4391]
CASE_2 = [10000, 8000, 7600, 7383, 7235]
ASKED: dict[str, Any] = {"op": "retention", "horizon": 12}
EIGHT = ASKED | {"survivors": HIGH_END[:8]}


def answer(**more: object) -> dict[str, Any]:
    found: dict[str, Any] = calculate(EIGHT | more)
    assert "error" not in found, found
    return found


def fitted(model: Mixture, *cohorts: list[int]) -> Curve:
    return fit(tenures_of(cohorts), model).curve


def figures(curve: Curve) -> list[float]:
    return [getattr(curve, name) for name in curve.__struct_fields__]


def direct(curve: Curve, tenure: int, rate: float, terms: int = 200_000) -> float:
    """The sum term by term, with nothing clever."""
    periods = np.arange(terms, dtype=np.float64)
    before = curve.log_alive(np.array([max(tenure - 1.0, 0.0)]))
    alive = np.exp(curve.log_alive(periods + tenure) - before)
    return float((alive * np.exp(-periods * np.log1p(rate))).sum())


def test_high_end_of_eight_points_is_what_was_published() -> None:
    found = fit(tenures_of([HIGH_END[:8]]), "sbg")
    assert figures(found.curve) == pytest.approx([0.668088, 3.806095, 1], abs=1e-6)
    assert found.log_likelihood == pytest.approx(-1611.158147, abs=1e-6)


@pytest.mark.parametrize(
    ("model", "cohort", "wanted"),
    [
        ("sbg", REGULAR[:8], [0.704, 1.182, 1]),
        ("bdw", HIGH_END[:5], [0.259, 1.722, 1.584]),
        ("sbg", HIGH_END[:5], [1.281, 7.790, 1]),
    ],
)
def test_published_parameters(model: Mixture, cohort: list[int], wanted: list[float]) -> None:
    assert figures(fitted(model, cohort)) == pytest.approx(wanted, abs=6e-4)


@pytest.mark.parametrize(
    ("case", "wanted"), [(CASE_1, [3.80, 15.19, 1]), (CASE_2, [0.067, 0.267, 1])]
)
def test_cohorts_of_several_ages_are_added_up_by_tenure(
    case: list[int], wanted: list[float]
) -> None:
    curve = fitted("sbg", *(case[:points] for points in (5, 4, 3, 2)))
    assert figures(curve) == pytest.approx(wanted, abs=6e-3)


def test_the_published_residual_lifetime() -> None:
    assert expected_periods(Mixed(0.668, 3.806), 8, 0.1) == pytest.approx(7.529950, abs=1e-6)


@pytest.mark.parametrize("years", [12, 9])
def test_the_weibull_foresees_the_later_years_better(years: int) -> None:
    tenure = np.arange(5, years + 1, dtype=np.float64)
    seen = np.array(HIGH_END[5 : years + 1]) / 1000
    errors = {
        model: np.abs(np.exp(fitted(model, HIGH_END[:5]).log_alive(tenure)) - seen).mean()
        for model in ("sbg", "bdw")
    }
    assert errors["bdw"] * 3 < errors["sbg"]


@pytest.mark.parametrize("tenure", [1, 2, 8, 30])
@pytest.mark.parametrize(("a", "b"), [(0.668, 3.806), (2.0, 3.0), (0.1, 0.05), (30.0, 40.0)])
@pytest.mark.parametrize("rate", [0.5, 0.1, 0.01])
def test_the_sum_is_the_closed_form_and_the_direct_sum(
    a: float, b: float, tenure: int, rate: float
) -> None:
    found = expected_periods(Mixed(a, b), tenure, rate)
    series = scipy.special.hyp2f1(1, b + tenure, a + b + tenure, 1 / (1 + rate))
    closed = (b + tenure - 1) / (a + b + tenure - 1) * series
    assert found == pytest.approx(closed, rel=1e-9)
    assert found == pytest.approx(direct(Mixed(a, b), tenure, rate), rel=1e-9)


@pytest.mark.parametrize(("a", "b"), [(2.0, 3.0), (1.05, 5.0), (40.0, 300.0)])
def test_without_a_discount_the_sum_is_its_limit(a: float, b: float) -> None:
    assert expected_periods(Mixed(a, b), 0) == pytest.approx((a + b - 1) / (a - 1), rel=1e-8)
    assert expected_periods(Mixed(a, b), 5) == pytest.approx((b + 4) / (a - 1), rel=1e-8)
    assert expected_periods(Mixed(0.9, 5, 1.5), 0) > 0


@pytest.mark.parametrize("rate", [0.0, 0.02])
def test_a_new_customer_pays_the_first_period_for_certain(rate: float) -> None:
    curve = Alike(0.1)
    assert expected_periods(curve, 0, rate) == pytest.approx((1 + rate) / (rate + 0.1), rel=1e-9)
    assert expected_periods(curve, 7, rate) == pytest.approx(0.9 * (1 + rate) / (rate + 0.1))
    mixed = Mixed(0.668, 3.806)
    series = scipy.special.hyp2f1(1, 3.806, 0.668 + 3.806, 1 / 1.02)
    assert expected_periods(mixed, 0, 0.02) == pytest.approx(series, rel=1e-9)


@pytest.mark.parametrize("tenure", [0, 4])
def test_the_weibulls_of_steady_customers_are_the_geometric_ones(tenure: int) -> None:
    periods = np.arange(20, dtype=np.float64)
    mixed, steady = Mixed(0.7, 3.8), Mixed(0.7, 3.8, 1.0)
    assert (mixed.log_alive(periods) == steady.log_alive(periods)).all()
    assert expected_periods(mixed, tenure, 0.1) == expected_periods(steady, tenure, 0.1)
    at = np.array([-1.0, -2.0, 0.0])
    counted = tenures_of([HIGH_END])
    of_three, _ = log_likelihood(FAMILIES["bdw"], at, counted)
    of_two, _ = log_likelihood(FAMILIES["sbg"], at[:2], counted)
    assert of_three == pytest.approx(of_two, rel=1e-13)


@pytest.mark.parametrize("model", FAMILIES)
@pytest.mark.parametrize("place", [(-1.2, -1.5, 0.3), (0.5, 1.0, -0.4), (-3.0, -4.0, 0.8)])
def test_the_slope_is_that_of_the_likelihood(
    model: Model, place: tuple[float, float, float]
) -> None:
    family, counted = FAMILIES[model], tenures_of([REGULAR, HIGH_END[:4]])
    at = np.array(place[: len(family.names)])
    _, slope = log_likelihood(family, at, counted)
    for step, found in zip(np.eye(len(at)) * 1e-6, slope, strict=True):
        above, _ = log_likelihood(family, at + step, counted)
        below, _ = log_likelihood(family, at - step, counted)
        assert (above - below) / 2e-6 == pytest.approx(found, rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("cohort", [HIGH_END, REGULAR, CASE_1, [100, 50, 40, 20, 3], [9, 6, 5, 3]])
def test_a_third_parameter_never_fits_worse(cohort: list[int]) -> None:
    counted = tenures_of([cohort])
    assert fit(counted, "bdw").log_likelihood > fit(counted, "sbg").log_likelihood - 1e-3


def test_customers_one_by_one_make_the_same_fit_as_their_counts() -> None:
    people = [[1, 1, 1, 0]] * 3 + [[1, 1, 0]] * 4 + [[1, 0]] * 5 + [[1, 1, 1, 1]] * 8
    together = tenures_of([[20, 15, 11, 8]])
    one_by_one = tenures_of(people)
    assert one_by_one.left == together.left
    assert one_by_one.last_seen[3] == together.last_seen[3]
    assert fit(one_by_one, "sbg") == fit(together, "sbg")


@pytest.mark.parametrize(("c", "wanted"), [(1.0, "geometric"), (1.5, "dw"), (0.7, "dw")])
def test_customers_who_are_alike_are_reported_as_alike(c: float, wanted: str) -> None:
    cohort = [round(1_000_000 * 0.9 ** (period**c)) for period in range(10)]
    model: Mixture = "sbg" if c == 1 else "bdw"
    found = fit(tenures_of([cohort]), model)
    assert found.family.model == wanted
    assert figures(found.curve) == pytest.approx([0.1, c], abs=1e-4)


def drawn(curve: Curve, customers: int, periods: int, seed: int) -> Tenures:
    alive = np.exp(curve.log_alive(np.arange(periods + 1, dtype=np.float64)))
    chances = [*-np.diff(alive), alive[-1]]
    left = np.random.default_rng(seed).multinomial(customers, chances)
    gone = np.concatenate([[0], np.cumsum(left[:-1])])
    return tenures_of([[int(customers - lost) for lost in gone]])


@pytest.mark.parametrize("model", ["sbg", "bdw"])
def test_intervals_hold_what_made_the_data_nine_times_in_ten(model: Mixture) -> None:
    truth = Mixed(0.8, 3.5, 1.0 if model == "sbg" else 1.4)
    holds = {"a": 0, "b": 0, "worth": 0}
    draws = 40
    for seed in range(draws):
        found = fit(drawn(truth, 4000, 12, seed), model)
        for name in holds:
            interval = interval_of(found, lambda curve, name=name: measured(name, curve))  # type: ignore[misc]  # bound at once
            assert interval is not None
            holds[name] += interval[0] <= measured(name, truth) <= interval[1]
    assert all(0.78 <= held / draws <= 0.99 for held in holds.values()), holds


def measured(name: str, curve: Curve) -> float:
    if name == "worth":
        return expected_periods(curve, 5, 0.05)
    return float(getattr(curve, name))


def test_a_life_without_end_needs_a_discount_or_a_horizon() -> None:
    with pytest.raises(Invalid, match="discount_rate"):
        expected_periods(Mixed(0.668, 3.806), 0)
    assert expected_periods(Mixed(0.668, 3.806), 0, horizon=1) == 1
    error = calculate(EIGHT | {"model": "sbg", "discount_rate": "0"})["error"]
    assert isinstance(error, dict)
    assert error["code"] == "endless_lifetime"


def test_a_forecast_is_answered_in_full() -> None:
    found = answer(model="sbg", horizon=2, margin="100", discount_rate="0.1", tenure=8)
    assert found == {
        "model": "sbg",
        "parameters": {"a": "0.668088", "b": "3.806095"},
        "log_likelihood": "-1611.158147",
        "survival": ["1", "0.850679", "0.746859"],
        "retention": ["0.850679", "0.877957"],
        "residual_lifetime": "1.83311",
        "derl": "7.529628",
        "lifetime_value": "752.962806",
        "over": {"residual_lifetime": "horizon", "derl": "life"},
        "intervals": {
            "a": {"low": "0.517506", "high": "0.862486"},
            "b": {"low": "2.710481", "high": "5.344572"},
            "residual_lifetime": found["intervals"]["residual_lifetime"],
            "derl": {"low": "7.099042", "high": "7.986331"},
            "lifetime_value": {"low": "709.90419", "high": "798.633103"},
        },
        "hold_out_error": "0.032229",
    }


def test_the_best_model_says_why_it_was_taken() -> None:
    assert answer()["model"] == "bdw"
    assert answer()["compared"] == {
        "p_value": "0.000629",
        "sbg_error": "0.032229",
        "bdw_error": "0.004022",
    }
    assert answer(survivors=REGULAR)["model"] == "sbg"
    assert answer(survivors=HIGH_END[:5])["model"] == "sbg"  # nothing could be held out
    assert "compared" not in answer(survivors=HIGH_END[:3])
    assert "hold_out_error" not in answer(survivors=HIGH_END[:5])


def test_a_margin_of_nothing_is_worth_nothing() -> None:
    assert answer(margin="0")["lifetime_value"] == "0"
    assert "lifetime_value" not in answer()


@pytest.mark.parametrize(
    ("more", "code", "named"),
    [
        ({"survivors": None}, "missing", "survivors"),
        ({"survivors": []}, "no_customers", "survivors"),
        ({"survivors": [0, 0, 0]}, "no_customers", "above zero"),
        ({"survivors": [10, 9]}, "too_few_periods", "3 counts"),
        ({"survivors": [10, 9, 8], "model": "bdw"}, "too_few_periods", "4 counts"),
        ({"survivors": [10, 9, 10]}, "survivors_grow", "10 after 9"),
        ({"survivors": [10, 10, 10]}, "nobody_left", "nobody"),
        ({"survivors": [10, 0, 0]}, "everybody_left", "gone"),
        ({"survivors": [10, 9, 9]}, "no_fit", "more periods"),
        ({"survivors": [10, "9.5", 9]}, "bad_count", "survivors[1]"),
        ({"survivors": [10, 9, -1]}, "bad_count", "survivors[2]"),
        ({"survivors": [10, True, 0]}, "bad_count", "survivors[1]"),
        ({"survivors": [[10, 9, 8], 7]}, "not_a_list", "survivors[1]"),
        ({"survivors": [[10, 9, 8], []]}, "no_customers", "survivors"),
        ({"survivors": [10] * 1001}, "too_many", "survivors"),
        ({"survivors": [[10, 9]] * 1001}, "too_many", "cohorts"),
        ({"model": "weibull"}, "bad_choice", "model"),
        ({"horizon": None}, "missing", "horizon"),
        ({"horizon": 0}, "bad_count", "horizon"),
        ({"horizon": 1001}, "too_many", "horizon"),
        ({"tenure": "8"}, "bad_count", "tenure"),
        ({"discount_rate": "10"}, "bad_rate", "one percent"),
        ({"margin": "-1"}, "negative", "margin"),
        ({"currency": "EUR"}, "unknown_field", "currency"),
    ],
)
def test_what_cannot_be_forecast_says_why(more: dict[str, object], code: str, named: str) -> None:
    error = calculate(EIGHT | more)["error"]
    assert isinstance(error, dict)
    assert error["code"] == code
    assert named in error["detail"]


@pytest.mark.parametrize(
    "survivors",
    [
        [2, 1, 1],
        [3, 2, 1, 0],
        [100, 50, 0, 0, 0],
        [1000, 999, 500, 0],
        [100, 99, 97, 90, 50, 3],
        [10**9, 10**9 - 1, 10**9 - 2],
        [10**9, 1, 0],
        [1, 1, 1, 0],
        [5, 5, 5, 4, 4, 4, 4, 4],
        [[1, 0], [1, 1, 1], [1, 1, 0]],
    ],
)
@pytest.mark.parametrize("model", ["sbg", "bdw", "best"])
@pytest.mark.parametrize("more", [{}, {"tenure": 1000, "discount_rate": "0.000000000001"}])
def test_small_and_strange_cohorts_are_answered_or_refused(
    survivors: list[object], model: str, more: dict[str, object]
) -> None:
    found: dict[str, Any] = calculate(EIGHT | more | {"survivors": survivors, "model": model})
    if "error" in found:
        assert found["error"]["code"] in {"no_fit", "too_few_periods", "everybody_left"}
        return
    shares = [float(share) for share in found["survival"]]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= float(share) <= 1 for share in found["retention"])
