from decimal import Decimal
from fractions import Fraction

import pytest

from kesto.core.exact import shown
from kesto.core.pricing import Entry, Usage, parse_price, price

STEPS = [{"up_to": "10", "flat_amount": "50"}, {"up_to": None, "flat_amount": "200"}]
SPEC = parse_price({"model": "stairstep", "tiers": STEPS})


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [("0", "0"), ("0.1", "50"), ("10", "50"), ("10.000001", "200"), ("999", "200")],
)
def test_one_amount_for_the_step_reached(quantity: str, amount: str) -> None:
    assert shown(price(SPEC, Decimal(quantity)).exact) == amount


def test_the_flat_amount_of_a_step_is_never_prorated() -> None:
    assert price(SPEC, Decimal(5), share=Fraction(1, 2)).exact == 50
    changes = (
        Entry(Decimal(12), Fraction(1)),
        Entry(Decimal(-5), Fraction(1, 2)),
    )
    assert price(SPEC, Usage(entries=changes)).exact == 200
