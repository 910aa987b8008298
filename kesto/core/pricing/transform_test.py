from decimal import Decimal
from fractions import Fraction

import pytest

from kesto.core.exact import shown
from kesto.core.pricing import parse_price, price


def amount(quantity: str, **transform: str) -> str:
    spec = parse_price({"model": "per_unit", "unit_amount": "1", "transform_quantity": transform})
    return shown(price(spec, Decimal(quantity)).exact)


@pytest.mark.parametrize(
    ("quantity", "rounding", "expected"),
    [
        ("1400", "up", "2"),
        ("1000", "up", "1"),
        ("0", "up", "0"),
        ("1900", "down", "1"),
        ("1500", "nearest", "2"),
        ("1499", "nearest", "1"),
        ("1400", "none", "1.4"),
    ],
)
def test_started_full_or_exact_thousands(quantity: str, rounding: str, expected: str) -> None:
    assert amount(quantity, divide_by="1000", round=rounding) == expected


def test_a_factor() -> None:
    assert amount("1.5", multiply_by="3") == "4.5"


def test_hours_from_seconds_are_priced_exactly() -> None:
    transform = {"divide_by": "3600"}
    tiers = [{"up_to": "1", "unit_amount": "3"}, {"up_to": None, "unit_amount": "1"}]
    spec = parse_price({"model": "graduated", "tiers": tiers, "transform_quantity": transform})
    assert price(spec, Decimal(3601)).exact == Fraction(3) + Fraction(1, 3600)


def test_a_tie_that_no_decimal_can_hold_is_still_a_tie() -> None:
    transform = {"divide_by": "3"}
    spec = parse_price(
        {"model": "per_unit", "unit_amount": "0.015", "transform_quantity": transform}
    )
    assert price(spec, Decimal(1)).minor("EUR") == 1
