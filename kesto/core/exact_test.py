from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import Exact, narrowed, round_ratio, shown, times, total


@pytest.mark.parametrize(
    ("numerator", "denominator", "nearest"),
    [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (-4, 10, 0), (15, 10, 2), (25, 10, 3), (-25, 10, -3)],
)
def test_half_goes_away_from_zero(numerator: int, denominator: int, nearest: int) -> None:
    assert round_ratio(numerator, denominator) == nearest


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**15))
def test_rounding_is_symmetric_and_at_most_a_half_off(numerator: int, denominator: int) -> None:
    nearest = round_ratio(numerator, denominator)
    assert round_ratio(-numerator, denominator) == -nearest
    assert 2 * abs(Fraction(numerator, denominator) - nearest) <= 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("12.500"), "12.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0E-24"), "0"),
        (Decimal("-0.0"), "0"),
        (Fraction(15, 31), "0.483870967742"),
        (Fraction(-1, 3), "-0.333333333333"),
        (Fraction(-1, 10**13), "0"),
        (7, "7"),
    ],
)
def test_shown_without_zeros_exponent_or_more_than_12_places(value: Exact, text: str) -> None:
    assert shown(value) == text


def test_only_short_fractions_become_decimals() -> None:
    assert narrowed(Fraction(1, 1024)) == Decimal("0.0009765625")
    assert isinstance(narrowed(Fraction(1, 1024)), Decimal)
    assert narrowed(Fraction(1, 3)) == Fraction(1, 3)


def test_decimals_and_fractions_add_and_multiply_exactly() -> None:
    assert total([Decimal("0.1"), Fraction(1, 3), 1]) == Fraction(43, 30)
    assert total([Decimal("0.1"), 2]) == Decimal("2.1")
    assert times(Decimal("0.1"), Fraction(1, 3)) == Fraction(1, 30)


@given(st.lists(st.decimals(-(10**9), 10**9, places=12), max_size=5))
def test_the_order_of_a_sum_does_not_matter(values: list[Decimal]) -> None:
    with localcontext() as context:
        context.prec, context.rounding = 60, ROUND_FLOOR
        assert total(values) == total(values[::-1]) == sum(map(Fraction, values))
