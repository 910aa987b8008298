from decimal import Decimal
from fractions import Fraction

import pytest

from kesto.core.exact import shown
from kesto.core.pricing import PartOfPeriod, Usage, parse_price, price
from kesto.core.refusals import Invalid

TIERS = [
    {"limits": {"cpu": "100", "memory": "1000"}, "amount": "10"},
    {"limits": {"cpu": "200"}, "amount": "20"},
    {"limits": {"cpu": "300", "memory": "3000"}, "amount": "30"},
]
SPEC = parse_price({"model": "capacity", "tiers": TIERS})


def used(**levels: str) -> Usage:
    return Usage(levels=tuple((unit, Decimal(level)) for unit, level in levels.items()))


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, "10"),
        ({"cpu": "100", "memory": "1000"}, "10"),
        ({"cpu": "100.5"}, "20"),
        ({"cpu": "1", "memory": "1000.000001"}, "20"),
        ({"cpu": "200", "memory": "999999"}, "20"),
        ({"cpu": "201"}, "30"),
        ({"cpu": "999", "memory": "999999"}, "30"),
        ({"disk": "7"}, "10"),
    ],
)
def test_the_first_size_that_holds_every_level_or_the_last(
    levels: dict[str, str], expected: str
) -> None:
    assert shown(price(SPEC, used(**levels)).exact) == expected


def test_a_size_is_never_prorated() -> None:
    assert price(SPEC, used(cpu="150"), share=Fraction(1, 2)).exact == 20


@pytest.mark.parametrize(
    ("part", "billed", "expected"),
    [("only", "10", "30"), ("first", "0", "30"), ("middle", "10", "20"), ("last", "30", "0")],
)
def test_a_later_line_pays_what_the_larger_size_adds(
    part: PartOfPeriod, billed: str, expected: str
) -> None:
    line = price(SPEC, used(cpu="250"), part=part, previously_billed=Decimal(billed))
    assert shown(line.exact) == expected


def test_levels_are_converted() -> None:
    spec = parse_price(
        {"model": "capacity", "tiers": TIERS, "transform_quantity": {"divide_by": "3"}}
    )
    assert price(spec, used(cpu="300")).exact == 10
    assert price(spec, used(cpu="301")).exact == 20


@pytest.mark.parametrize(
    ("tiers", "field"),
    [
        ([], "tiers"),
        ([{"limits": {"cpu": "1"}}], "tiers[0].amount"),
        ([{"limits": {"cpu": "x"}, "amount": "1"}], "tiers[0].limits.cpu"),
        ([{"limits": {}, "amount": "1", "price": "1"}], "tiers[0].price"),
    ],
)
def test_bad_sizes_are_refused_by_their_field(tiers: list[object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_price({"model": "capacity", "tiers": tiers})
    assert refused.value.field == field
