from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from kesto.core.exact import (
    EXACT,
    ZERO,
    Exact,
    fraction,
    in_fractions,
    less,
    narrowed,
    plain,
    point,
    round_ratio,
    shortest,
    shown,
    times,
    total,
)


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


def test_what_is_taken_away_is_exact() -> None:
    assert less(1, Fraction(1, 3)) == Fraction(2, 3)
    found = less(5, Decimal("0.5"))
    assert found == Decimal("4.5")
    assert isinstance(found, Decimal)
    assert isinstance(less(Fraction(3, 2), Decimal("0.5")), Fraction)


def test_nothing_adds_up_to_nothing() -> None:
    assert total([]) == ZERO
    assert isinstance(total([]), Decimal)
    assert isinstance(total([1, 2]), Decimal)


def test_a_decimal_stays_one_until_it_meets_a_fraction() -> None:
    assert times(2, 3) == times(Decimal("1.5"), 4) == 6
    assert isinstance(times(2, 3), Decimal)
    assert isinstance(times(Fraction(1, 2), Decimal(4)), Fraction)
    assert isinstance(times(Decimal(4), Fraction(1, 2)), Fraction)
    assert fraction(Decimal("0.25")) == Fraction(1, 4)
    assert fraction(Fraction(1, 3)) == Fraction(1, 3)


class Tiers(Struct, frozen=True):
    name: str
    unit: Decimal
    more: tuple[Decimal, ...] = ()
    inner: "Tiers | None" = None


def test_a_struct_of_decimals_becomes_one_of_fractions() -> None:
    inner = Tiers("inner", Decimal("0.1"))
    found = in_fractions(Tiers("outer", Decimal("2.5"), (Decimal("0.5"), Decimal(3)), inner))
    assert found.name == "outer"
    assert found.inner is not None
    every: list[object] = [found.unit, *found.more, found.inner.unit]
    assert every == [Fraction(5, 2), Fraction(1, 2), Fraction(3), Fraction(1, 10)]
    assert all(isinstance(one, Fraction) for one in every)
    assert in_fractions(7) == 7


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        *((1234, 2, "12.34"), (-5, 2, "-0.05"), (0, 2, "0.00"), (7, 0, "7"), (-7, 0, "-7")),
        *((-1234, 3, "-1.234"), (100, 1, "10.0"), (5, 1, "0.5")),
    ],
)
def test_a_number_of_smallest_units_has_a_point(number: int, places: int, text: str) -> None:
    assert point(number, places) == text


def test_what_is_sealed_has_one_form() -> None:
    for text in ("12.5", "12.50", "1.25E+1"):
        assert str(plain(Decimal(text))) == "12.5"
    assert str(plain(Decimal("1E+3"))) == "1000"


@given(st.decimals(-(10**20), 10**20, places=12), st.integers(0, 6))
def test_the_shortest_form_is_that_of_a_narrowed_fraction(value: Decimal, zeros: int) -> None:
    longer = value.quantize(Decimal(1).scaleb(-12 - zeros), context=EXACT)
    wanted = narrowed(Fraction(value))
    for one in (value, longer):
        assert repr(shortest(one)) == repr(wanted)
