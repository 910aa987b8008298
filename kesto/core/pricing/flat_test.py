from decimal import Decimal
from fractions import Fraction

import pytest

from kesto.core.exact import shown
from kesto.core.pricing import PartOfPeriod, parse_price, price

FLAT = parse_price({"model": "flat", "amount": "29.90"})
ARREARS = parse_price({"model": "flat", "amount": "100", "charged": "arrears"})


def test_the_amount_is_due_whatever_the_quantity() -> None:
    assert price(FLAT).exact == price(FLAT, Decimal(7)).exact == Decimal("29.90")


def test_a_share_of_the_period() -> None:
    assert shown(price(FLAT, share=Fraction(15, 31)).exact) == "14.467741935484"
    assert price(FLAT, share=Fraction(0)).exact == 0


@pytest.mark.parametrize(
    ("part", "advance", "arrears"),
    [("only", "29.9", "100"), ("first", "29.9", "0"), ("middle", "0", "0"), ("last", "0", "100")],
)
def test_due_on_the_first_line_or_on_the_last(
    part: PartOfPeriod, advance: str, arrears: str
) -> None:
    assert shown(price(FLAT, part=part).exact) == advance
    assert shown(price(ARREARS, part=part).exact) == arrears
