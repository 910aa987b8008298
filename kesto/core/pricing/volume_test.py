from decimal import Decimal
from fractions import Fraction

import pytest

from kesto.core.exact import shown
from kesto.core.pricing import Entry, PartOfPeriod, Usage, parse_price, price

TIERS = [
    {"up_to": "100", "unit_amount": "2", "flat_amount": "10"},
    {"up_to": "200", "unit_amount": "1", "flat_amount": "0"},
    {"up_to": None, "unit_amount": "0.5", "flat_amount": "50"},
]
SPEC = parse_price({"model": "volume", "tiers": TIERS})


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [("0", "0"), ("1", "12"), ("100", "210"), ("100.5", "100.5"), ("101", "101"), ("300", "200")],
)
def test_all_units_at_the_price_of_the_tier_reached(quantity: str, amount: str) -> None:
    assert shown(price(SPEC, Decimal(quantity)).exact) == amount


def test_the_first_flat_amount_at_zero_when_asked_for() -> None:
    at_zero = parse_price({"model": "volume", "tiers": TIERS, "flat_at_zero": True})
    assert price(at_zero).exact == 10


@pytest.mark.parametrize(("quantity", "amount"), [("1000", "10"), ("300000", "150")])
def test_blocks_are_counted_from_zero(quantity: str, amount: str) -> None:
    tiers = [
        {"up_to": "1000", "unit_amount": "1", "package_size": "100"},
        {"up_to": "100000", "unit_amount": "1", "package_size": "1000"},
        {"up_to": None, "unit_amount": "0.5", "package_size": "1000"},
    ]
    spec = parse_price({"model": "volume", "tiers": tiers})
    assert shown(price(spec, Decimal(quantity)).exact) == amount


def test_prorated_the_full_quantity_picks_the_tier_and_the_flat_amount_stays() -> None:
    share = Fraction("198.6") / 300
    assert shown(price(SPEC, Decimal(300), share=share).exact) == "149.3"
    changes = (Entry(Decimal(300), share),)
    assert shown(price(SPEC, Usage(entries=changes)).exact) == "149.3"


def test_seats_that_came_and_went_are_paid_for_their_days() -> None:
    changes = (
        Entry(Decimal(10), Fraction(1)),
        Entry(Decimal(-10), Fraction(1, 2)),
    )
    assert price(SPEC, Usage(entries=changes)).exact == 20 - 10 + 10


@pytest.mark.parametrize(
    ("part", "amount"), [("only", "101"), ("first", "0"), ("middle", "0"), ("last", "101")]
)
def test_due_with_the_last_line_only(part: PartOfPeriod, amount: str) -> None:
    priced = price(SPEC, Decimal(1), part=part, previous_quantity=Decimal(100))
    assert shown(priced.exact) == amount
