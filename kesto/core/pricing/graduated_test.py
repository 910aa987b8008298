from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import shown
from kesto.core.pricing import parse_price, price

TIERS = [
    {"up_to": "10", "unit_amount": "10", "flat_amount": "2"},
    {"up_to": "20", "unit_amount": "5", "flat_amount": "3"},
    {"up_to": None, "unit_amount": "5", "flat_amount": "3"},
]
SPEC = parse_price({"model": "graduated", "tiers": TIERS})
quantities = st.decimals(0, 10**9, places=6)


def amount(tiers: list[dict[str, object]], quantity: str, **more: object) -> str:
    spec = parse_price({"model": "graduated", "tiers": tiers, **more})
    return shown(price(spec, Decimal(quantity)).exact)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("0", "0"), ("1", "12"), ("10", "102"), ("10.1", "105.5"), ("11", "110"), ("21", "163")],
)
def test_each_unit_in_its_own_tier(quantity: str, expected: str) -> None:
    assert shown(price(SPEC, Decimal(quantity)).exact) == expected


def test_the_first_flat_amount_at_zero_when_asked_for() -> None:
    assert amount([{"up_to": None, "flat_amount": "4"}], "0") == "0"
    assert amount([{"up_to": None, "flat_amount": "4"}], "0", flat_at_zero=True) == "4"
    assert amount([{"up_to": None, "flat_amount": "4"}], "1", flat_at_zero=True) == "4"


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("1", "2"), ("100", "2"), ("101", "12"), ("151", "22"), ("150", "12")],
)
def test_blocks_are_counted_from_the_lower_bound_of_the_tier(quantity: str, expected: str) -> None:
    tiers: list[dict[str, object]] = [
        {"up_to": "100", "unit_amount": "2", "package_size": "100"},
        {"up_to": None, "unit_amount": "10", "package_size": "50"},
    ]
    assert amount(tiers, quantity) == expected


@pytest.mark.parametrize(
    ("quantity", "expected"), [("2", "6"), ("4", "9"), ("10", "9"), ("12", "11")]
)
def test_the_maximum_of_a_tier_includes_its_flat_amount(quantity: str, expected: str) -> None:
    tiers: list[dict[str, object]] = [
        {"up_to": "10", "unit_amount": "2", "flat_amount": "2", "maximum": "9"},
        {"up_to": None, "unit_amount": "1"},
    ]
    assert amount(tiers, quantity) == expected


def test_a_maximum_below_the_flat_amount_caps_it() -> None:
    capped: dict[str, object] = {
        "up_to": None,
        "unit_amount": "2",
        "flat_amount": "5",
        "maximum": "3",
    }
    assert amount([capped], "7") == "3"


@given(quantities, quantities)
def test_more_never_costs_less(one: Decimal, other: Decimal) -> None:
    less, more = sorted([one, other])
    assert price(SPEC, less).exact <= price(SPEC, more).exact


def test_the_explanation_names_each_tier() -> None:
    assert [
        (part.what, shown(part.quantity), shown(part.amount))
        for part in price(SPEC, Decimal("10.5")).parts
    ] == [("tier", "10", "102"), ("tier", "0.5", "5.5")]
