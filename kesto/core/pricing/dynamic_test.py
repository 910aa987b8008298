from decimal import Decimal
from fractions import Fraction

import pytest

from kesto.core.exact import shown
from kesto.core.pricing import Usage, parse_price, price


def amount(*found: str, **fields: object) -> str:
    spec = parse_price({"model": "dynamic", **fields})
    return shown(price(spec, Usage(amounts=tuple(map(Decimal, found)))).exact)


@pytest.mark.parametrize(
    ("found", "expected"),
    [((), "0"), (("0.402",), "0.402"), (("10", "2.5", "-4"), "8.5"), (("1", "-3"), "-2")],
)
def test_the_sum_of_the_amounts_refunds_included(found: tuple[str, ...], expected: str) -> None:
    assert amount(*found) == expected


def test_amounts_are_converted_and_marked_up() -> None:
    assert amount("40.2", transform_quantity={"divide_by": "100"}) == "0.402"
    assert amount("10", transform_quantity={"multiply_by": "1.33333"}) == "13.3333"


def test_included_units_never_turn_a_refund_around() -> None:
    assert amount("10", included_units="4") == "6"
    assert amount("3", included_units="4") == "0"
    assert amount("-3", included_units="4") == "-3"


def test_a_share_prorates_the_minimum_only() -> None:
    spec = parse_price({"model": "dynamic", "minimum": "20"})
    priced = price(spec, Usage(amounts=(Decimal(7),)), share=Fraction(1, 2))
    assert (priced.exact, priced.true_up_minor("EUR")) == (7, 300)
    refund = price(spec, Usage(amounts=(Decimal(-7),)))
    assert refund.true_up_minor("EUR") == 2700


def test_a_later_line_pays_its_own_amounts() -> None:
    spec = parse_price({"model": "dynamic"})
    line = price(spec, Usage(amounts=(Decimal(7),)), part="middle", previous_quantity=Decimal(30))
    assert line.exact == 7
