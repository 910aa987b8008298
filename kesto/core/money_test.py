from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.money import (
    DIGITS,
    Money,
    allocate,
    digits,
    format_minor,
    major,
    parse_minor,
    round_minor,
)
from kesto.core.refusals import Conflict, Invalid

currencies = st.sampled_from(sorted(DIGITS))
minors = st.integers(-(10**17), 10**17)


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0)]
)
def test_a_currency_has_its_own_digits(currency: str, places: int) -> None:
    assert digits(currency) == places


@pytest.mark.parametrize("currency", ["XXX", "eur", "", "EURO", "XAU"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        round_minor(Decimal(1), currency)
    assert refused.value.detail == (
        f"{currency!r} is not a currency; write its three letters of ISO 4217, such as EUR"
    )
    assert (refused.value.code, refused.value.field) == ("unknown_currency", "currency")


@pytest.mark.parametrize(
    ("exact", "currency", "minor"),
    [
        (Decimal("10.225"), "EUR", 1023),
        (Decimal("-10.225"), "EUR", -1023),
        (Decimal("200.5"), "JPY", 201),
        (Fraction(1, 3), "KWD", 333),
        (Decimal("0.0005"), "KWD", 1),
        (7, "EUR", 700),
        (Decimal("999999999999999.995"), "EUR", 10**17),
    ],
)
def test_rounded_once_half_away_from_zero(
    exact: Decimal | Fraction | int, currency: str, minor: int
) -> None:
    assert round_minor(exact, currency) == minor


def test_the_callers_decimal_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 2
        assert Money.rounded(Decimal("12345.675"), "EUR") == Money(1234568, "EUR")
        assert str(major(1234568, "EUR")) == "12345.68"


@given(minors, currencies)
def test_written_money_reads_back(minor: int, currency: str) -> None:
    assert parse_minor(format_minor(minor, currency), currency) == minor
    assert str(Money(minor, currency)) == format_minor(minor, currency)
    assert round_minor(major(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("12.345", "EUR", "too_many_decimals"),
        ("12.0", "JPY", "too_many_decimals"),
        ("12,50", "EUR", "bad_amount"),
        ("1e5", "EUR", "bad_amount"),
        ("NaN", "EUR", "bad_amount"),
        ("", "EUR", "bad_amount"),
        ("12.", "EUR", "bad_amount"),
        ("+1", "EUR", "bad_amount"),
        ("١٢", "EUR", "bad_amount"),
        ("92233720368547758.08", "EUR", "too_large"),
        ("12345678901234567890", "EUR", "bad_amount"),
        ("1.00", "EUX", "unknown_currency"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, currency: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_minor(text, currency)
    assert refused.value.code == code
    assert refused.value.field == ("currency" if code == "unknown_currency" else "amount")
    said = {
        "too_many_decimals": f"{text!r} has more decimals than {currency} has",
        "bad_amount": f"{text!r} is not an amount; write digits with a point, such as 12.50",
        "too_large": f"{text!r} is more money than can be kept",
        "unknown_currency": f"{currency!r} is not a currency",
    }
    assert refused.value.detail.startswith(said[code])


def test_the_largest_amount_is_read() -> None:
    assert parse_minor("92233720368547758.07", "EUR") == 2**63 - 1


def test_money_is_written_with_the_decimals_of_its_currency() -> None:
    assert [str(Money(-1205, code)) for code in ("EUR", "JPY", "KWD")] == [
        "-12.05",
        "-1205",
        "-1.205",
    ]


def test_a_short_amount_is_whole_units() -> None:
    assert parse_minor("-12.5", "EUR") == -1250
    assert parse_minor("12", "KWD") == 12000


def test_a_third_each_loses_no_cent() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]
    assert allocate(5, [3, 0, 7]) == [2, 0, 3]
    assert allocate(0, [1, 2]) == [0, 0]
    assert allocate(10, [2, 1, 3]) == [3, 2, 5]
    assert allocate(7, [1]) == [7]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 5]])
def test_weights_that_share_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(Invalid) as refused:
        allocate(1, weights)
    assert (refused.value.detail, refused.value.code, refused.value.field) == (
        "an amount is split by weights that are not negative and not all zero",
        "bad_weights",
        "weights",
    )


@given(minors, st.lists(st.integers(0, 10**9), min_size=1, max_size=8).filter(any))
def test_allocated_parts_add_up_and_are_at_most_a_unit_off(minor: int, weights: list[int]) -> None:
    parts = allocate(minor, weights)
    assert sum(parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(minor * weight, sum(weights))) < 1
    assert allocate(-minor, weights) == [-part for part in parts]


def test_money_is_added_and_compared_within_its_currency() -> None:
    two, three = Money(200, "EUR"), Money(300, "EUR")
    assert two + three == Money(500, "EUR")
    assert two - three == -Money(100, "EUR")
    assert two < three
    assert three >= two
    assert not two > three
    again = Money(200, "EUR")
    assert two <= again
    assert two >= again
    assert not two < again
    assert not two > again


@pytest.mark.parametrize("together", [Money.__add__, Money.__sub__, Money.__lt__, Money.__ge__])
def test_two_currencies_do_not_go_together(together: Callable[[Money, Money], object]) -> None:
    with pytest.raises(Conflict) as refused:
        together(Money(200, "EUR"), Money(200, "SEK"))
    assert (refused.value.detail, refused.value.code, refused.value.field) == (
        "EUR and SEK can't be added or compared",
        "mixed_currencies",
        "currency",
    )
