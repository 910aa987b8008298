from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import fraction, shown
from kesto.core.pricing import Usage, parse_price, price
from kesto.core.refusals import Invalid

TIERS = [
    {"up_to": "10", "flat_amount": "200", "rate": "1"},
    {"up_to": "20", "flat_amount": "300", "rate": "2"},
    {"up_to": None, "flat_amount": "400", "rate": "3"},
]
SPEC = parse_price({"model": "graduated_percentage", "tiers": TIERS})
amounts = st.lists(st.decimals(0, 30, places=2), max_size=5)


def used(*found: str) -> Usage:
    return Usage(amounts=tuple(map(Decimal, found)))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((), "0"),
        (("0",), "0"),
        (("0.01",), "200.0001"),
        (("10",), "200.1"),
        (("10.01",), "500.1002"),
        (("5", "7"), "500.14"),
        (("15", "-3"), "500.14"),
        (("20",), "500.3"),
        (("21",), "900.33"),
    ],
)
def test_each_part_of_the_sum_at_its_own_rate(found: tuple[str, ...], expected: str) -> None:
    assert shown(price(SPEC, used(*found)).exact) == expected


def test_the_first_flat_amount_at_zero_when_asked_for() -> None:
    spec = parse_price({"model": "graduated_percentage", "tiers": TIERS, "flat_at_zero": True})
    assert price(spec, used()).exact == 200


def test_a_share_multiplies_nothing() -> None:
    assert shown(price(SPEC, used("12"), share=Fraction(1, 2)).exact) == "500.14"


def test_a_later_line_pays_what_it_adds() -> None:
    line = price(SPEC, used("12"), part="middle", previous_quantity=Decimal(11))
    assert shown(line.exact) == "400.27"
    refund = price(SPEC, used("-2"), part="last", previous_quantity=Decimal(11))
    assert shown(refund.exact) == "-300.03"


def test_a_sum_below_zero_is_refused() -> None:
    with pytest.raises(Invalid):
        price(SPEC, used("1", "-2"))


@pytest.mark.parametrize(
    ("tiers", "field"),
    [
        ([], "tiers"),
        ([{"up_to": "5", "rate": "1"}], "tiers[0].up_to"),
        ([{"up_to": None}], "tiers[0].rate"),
        ([{"up_to": None, "rate": "-1"}], "tiers[0].rate"),
        ([{"up_to": None, "rate": "1", "unit_amount": "1"}], "tiers[0].unit_amount"),
    ],
)
def test_bad_tiers_are_refused_by_their_field(tiers: list[object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_price({"model": "graduated_percentage", "tiers": tiers})
    assert refused.value.field == field


@given(amounts, amounts)
def test_two_lines_of_a_period_cost_what_one_does(one: list[Decimal], other: list[Decimal]) -> None:
    before = sum(one, Decimal(0))
    first = price(SPEC, Usage(amounts=tuple(one)), part="first").exact
    last = price(SPEC, Usage(amounts=tuple(other)), part="last", previous_quantity=before).exact
    whole = price(SPEC, Usage(amounts=(*other, *one))).exact
    assert fraction(first) + fraction(last) == whole
