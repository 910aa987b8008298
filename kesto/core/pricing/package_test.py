from decimal import Decimal

import pytest

from kesto.core.exact import shown
from kesto.core.pricing import parse_price, price


@pytest.mark.parametrize(
    ("quantity", "more", "amount"),
    [
        ("0", {}, "0"),
        ("1", {}, "15"),
        ("10", {}, "15"),
        ("10.000000000001", {}, "30"),
        ("121", {}, "195"),
        ("9", {"round": "down"}, "0"),
        ("29.9", {"round": "down"}, "30"),
        ("5", {"free_units": "5"}, "0"),
        ("6", {"free_units": "5"}, "15"),
        ("26", {"free_units": "5"}, "45"),
    ],
)
def test_units_above_the_free_ones_in_whole_packages(
    quantity: str, more: dict[str, str], amount: str
) -> None:
    spec = parse_price({"model": "package", "package_size": "10", "package_amount": "15", **more})
    assert shown(price(spec, Decimal(quantity)).exact) == amount
