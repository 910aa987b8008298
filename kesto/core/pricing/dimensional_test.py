from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import shown
from kesto.core.pricing import Entry, Usage, parse_price, price
from kesto.core.refusals import Invalid

TIERS = [{"up_to": "10", "unit_amount": "2"}, {"up_to": None, "unit_amount": "1"}]
BLOCKS = {"model": "graduated", "tiers": TIERS, "maximum": "25"}
ROWS = [
    {"region": "eu", "unit_amount": "20"},
    {"region": "eu", "size": "large", "unit_amount": "50"},
    {"size": "large", "price": BLOCKS},
]
FIELDS: dict[str, object] = {
    "model": "dimensional",
    "dimensions": ["region", "size"],
    "rows": ROWS,
    "default": {"unit_amount": "1"},
}
Found = tuple[str, dict[str, str]]
entries = st.lists(
    st.builds(
        lambda quantity, region, size: Entry(quantity, None, (("region", region), ("size", size))),
        st.decimals(0, 100, places=2),
        st.sampled_from(["eu", "us"]),
        st.sampled_from(["small", "large"]),
    ),
    max_size=6,
)


def used(*found: Found, share: Fraction | None = None) -> Usage:
    return Usage(
        entries=tuple(
            Entry(Decimal(quantity), share, tuple(keys.items())) for quantity, keys in found
        )
    )


def amount(usage: Usage, **fields: object) -> str:
    return shown(price(parse_price(FIELDS | fields), usage).exact)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (used(), "0"),
        (used(("2", {})), "2"),
        (used(("2", {"region": "us"})), "2"),
        (used(("2", {"region": "eu"})), "40"),
        (used(("2", {"region": "eu", "size": "small"})), "40"),
        (used(("2", {"region": "eu", "size": "large"})), "100"),
        (used(("6", {"size": "large"}), ("6", {"region": "us", "size": "large"})), "22"),
        (used(("60", {"size": "large"})), "25"),
        (used(("2", {"region": "us"}), ("1", {"region": "eu"})), "22"),
    ],
)
def test_the_row_that_says_most_about_a_unit_prices_it(usage: Usage, expected: str) -> None:
    assert amount(usage) == expected


def test_of_two_rows_that_say_as_much_the_earlier_one() -> None:
    rows = [{"region": "eu", "unit_amount": "1"}, {"size": "large", "unit_amount": "2"}]
    both = {"region": "eu", "size": "large"}
    assert amount(used(("1", both)), rows=rows) == "1"
    assert amount(used(("1", both)), rows=rows[::-1]) == "2"


def test_modifiers_around_all_rows() -> None:
    mixed = used(("2", {"region": "us"}), ("3", {"region": "eu"}))
    assert amount(mixed, included_units="4") == "1"
    assert amount(mixed, transform_quantity={"divide_by": "2", "round": "up"}) == "41"
    assert amount(mixed, transform_quantity={"divide_by": "3"}) == "20.666666666667"
    assert amount(mixed, maximum="50") == "50"
    assert amount(mixed, commitment={"amount": "70", "overage_factor": "2"}) == "70"
    assert amount(mixed, bucketed=True) == "62"


def test_shares_prorate_unit_prices_and_seats_of_a_row_move_through_its_tiers() -> None:
    spec = parse_price(FIELDS)
    half = Fraction(1, 2)
    assert price(spec, used(("2", {"region": "eu"})), share=half).exact == 20
    seats = used(("12", {"size": "large"}), ("-2", {"size": "large"}), share=half)
    assert price(spec, seats).exact == 10
    assert price(spec, used(("60", {"size": "large"})), share=half).exact == Decimal("12.5")


def test_the_explanation_has_a_part_for_each_row() -> None:
    mixed = used(("2", {"region": "us"}), ("12", {"size": "large"}))
    assert [
        (part.what, shown(part.quantity), shown(part.unit_amount), shown(part.amount))
        for part in price(parse_price(FIELDS), mixed).parts
    ] == [("row", "1", "0", "22"), ("row", "2", "1", "2")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"dimensions": []}, "dimensions"),
        ({"dimensions": ["region", "region"]}, "dimensions"),
        ({"dimensions": ["quantity"]}, "dimensions"),
        ({"dimensions": ["region", 1]}, "dimensions"),
        ({"dimensions": ["region"]}, "rows[1].size"),
        ({"rows": None, "default": None}, "rows"),
        ({"rows": [{"unit_amount": "1"}]}, "rows[0].region"),
        ({"rows": [{"region": "eu"}]}, "rows[0].unit_amount"),
        ({"rows": [{"region": 7, "unit_amount": "1"}]}, "rows[0].region"),
        ({"rows": [ROWS[0], ROWS[0]]}, "rows[1].region"),
        ({"rows": [{"region": "eu", "price": {"model": "flat"}}]}, "rows[0].price.amount"),
        (
            {"rows": [{"region": "eu", "price": {"model": "percentage", "rate": "1"}}]},
            "rows[0].price.model",
        ),
        (
            {"rows": [{"region": "eu", "price": BLOCKS | {"minimum": "1"}}]},
            "rows[0].price.minimum",
        ),
        ({"default": {"region": "eu", "unit_amount": "1"}}, "default.region"),
    ],
)
def test_bad_rows_are_refused_by_their_field(fields: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_price(FIELDS | fields)
    assert refused.value.field == field


@given(entries)
def test_the_order_of_entries_does_not_matter(found: list[Entry]) -> None:
    for more in ({}, {"included_units": "40"}):
        there, back = Usage(entries=tuple(found)), Usage(entries=tuple(reversed(found)))
        assert amount(there, **more) == amount(back, **more)
