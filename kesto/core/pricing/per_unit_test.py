from decimal import Decimal
from fractions import Fraction

import pytest

from kesto.core.exact import fraction, shown
from kesto.core.pricing import parse_price, price


@pytest.mark.parametrize(
    ("unit_amount", "quantity", "amount"),
    [("10", "5", "50"), ("0.05", "1000", "50"), ("0.003333", "1000", "3.333"), ("10", "0", "0")],
)
def test_quantity_times_price(unit_amount: str, quantity: str, amount: str) -> None:
    spec = parse_price({"model": "per_unit", "unit_amount": unit_amount})
    assert shown(price(spec, Decimal(quantity)).exact) == amount


def test_a_price_for_a_dozen() -> None:
    spec = parse_price({"model": "per_unit", "unit_amount": "441.00", "per": "12"})
    assert price(spec, Decimal(1)).minor("EUR") == 3675
    thirds = parse_price({"model": "per_unit", "unit_amount": "0.015", "per": "3"})
    assert price(thirds, Decimal(1)).minor("EUR") == 1


def test_twelve_places_times_twelve_places_lose_nothing() -> None:
    spec = parse_price({"model": "per_unit", "unit_amount": "999999999999999.999999999999"})
    exact = price(spec, Decimal("999999999999999.999999999999")).exact
    assert fraction(exact) == Fraction((10**27 - 1) ** 2, 10**24)
