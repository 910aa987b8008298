"""Commitments and buckets around the models, and laws that hold for every kind of usage."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import fraction, shown, total
from kesto.core.pricing import Entry, Usage, parse_price, price
from kesto.core.refusals import Invalid

TIERS = [
    {"up_to": "10", "unit_amount": "0.10", "flat_amount": "1"},
    {"up_to": "20", "unit_amount": "0.05"},
    {"up_to": None, "unit_amount": "0.02"},
]
GRADUATED: dict[str, object] = {"model": "graduated", "tiers": TIERS}
BY_AMOUNTS: list[dict[str, object]] = [
    {"model": "percentage", "rate": "1.5", "fixed_amount": "0.3", "free_amount": "5"},
    {
        "model": "percentage",
        "rate": "1.5",
        "free_amount": "20",
        "max_per_event": "0.4",
        "included_units": "5",
        "transform_quantity": {"divide_by": "3"},
    },
    {"model": "graduated_percentage", "tiers": [{"up_to": None, "rate": "2"}]},
    {"model": "dynamic", "transform_quantity": {"divide_by": "3"}},
]
COMMITMENTS: list[dict[str, object]] = [
    {"amount": "0"},
    {"amount": "25.5"},
    {"amount": "25.5", "overage_factor": "1.5"},
    {"amount": "25.5", "overage_factor": "0.5", "true_up": False},
]
amounts = st.lists(st.decimals(0, 100, places=2), max_size=5).map(tuple)


def per_unit(**more: object) -> dict[str, object]:
    return {"model": "per_unit", "unit_amount": "2", **more}


def of(*quantities: str) -> Usage:
    return Usage(entries=tuple(Entry(Decimal(quantity)) for quantity in quantities))


def amount(fields: dict[str, object], usage: Usage, share: str = "1") -> str:
    return shown(price(parse_price(fields), usage, share=Fraction(share)).exact)


@pytest.mark.parametrize(
    ("quantity", "more", "expected"),
    [
        ("0", {}, "10"),
        ("4", {}, "10"),
        ("5", {}, "10"),
        ("6", {}, "14"),
        ("6", {"overage_factor": "1"}, "12"),
        ("6", {"overage_factor": "0"}, "10"),
        ("0", {"true_up": False}, "0"),
        ("4", {"true_up": False}, "8"),
        ("6", {"true_up": False}, "14"),
    ],
)
def test_a_commitment_is_due_and_what_goes_above_has_its_factor(
    quantity: str, more: dict[str, object], expected: str
) -> None:
    commitment = {"amount": "10", "overage_factor": "2", **more}
    assert amount(per_unit(commitment=commitment), of(quantity)) == expected


def test_a_commitment_stands_between_the_price_and_the_maximum() -> None:
    commitment = {"amount": "10", "overage_factor": "2"}
    fields = per_unit(commitment=commitment, maximum="13", included_units="1")
    assert amount(fields, of("6")) == "10"
    assert amount(fields, of("7")) == "13"
    assert amount(per_unit(commitment=commitment), of("6"), share="1/2") == "10"


def test_lines_of_a_period_share_one_commitment() -> None:
    spec = parse_price(per_unit(commitment={"amount": "10", "overage_factor": "2"}))
    first = price(spec, Decimal(2), part="first").exact
    last = price(spec, Decimal(4), part="last", previous_quantity=Decimal(2)).exact
    assert (first, last) == (10, 4)


@pytest.mark.parametrize(
    ("fields", "quantities", "expected"),
    [
        (per_unit(), ("9", "10"), "38"),
        (per_unit(), (), "0"),
        (per_unit(included_units="8"), ("9", "10", "3"), "6"),
        (per_unit(commitment={"amount": "10", "overage_factor": "2"}), ("2", "2"), "20"),
        (per_unit(commitment={"amount": "10", "overage_factor": "2"}), ("8", "2"), "32"),
        (per_unit(commitment={"amount": "10"}), (), "0"),
        (per_unit(transform_quantity={"divide_by": "10", "round": "up"}), ("1", "11"), "6"),
        (per_unit(maximum="30"), ("9", "10"), "30"),
        (GRADUATED, ("9", "15"), "4.15"),
        (GRADUATED, ("10", "0", "10.1"), "4.005"),
        ({"model": "volume", "tiers": TIERS}, ("5", "15"), "2.25"),
        ({"model": "flat", "amount": "3"}, ("1", "2"), "6"),
    ],
)
def test_in_buckets_each_entry_is_priced_by_itself(
    fields: dict[str, object], quantities: tuple[str, ...], expected: str
) -> None:
    assert amount(fields | {"bucketed": True}, of(*quantities)) == expected


def test_the_share_of_a_bucket_is_its_own_or_the_lines() -> None:
    usage = Usage(entries=(Entry(Decimal(4), Fraction(1, 4)), Entry(Decimal(4))))
    assert amount(per_unit(bucketed=True), usage, share="1/2") == "6"


def test_in_buckets_each_transaction_has_its_own_allowance_and_tiers() -> None:
    usage = Usage(amounts=(Decimal(100), Decimal(30)))
    percentage = {"model": "percentage", "rate": "1", "free_amount": "50", "bucketed": True}
    assert amount(percentage, usage) == "0.5"
    tiers = [{"up_to": "50", "rate": "1"}, {"up_to": None, "rate": "10"}]
    assert amount({"model": "graduated_percentage", "tiers": tiers, "bucketed": True}, usage) == (
        "5.8"
    )


def test_each_line_of_a_period_has_its_own_buckets() -> None:
    spec = parse_price(GRADUATED | {"bucketed": True})
    line = price(spec, of("9", "15"), part="last", previous_quantity=Decimal(100))
    assert shown(line.exact) == "4.15"


def test_a_bucket_below_zero_is_refused() -> None:
    with pytest.raises(Invalid):
        price(parse_price(per_unit(bucketed=True)), of("5", "-1"))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"model": "percentage", "rate": "1"}, "amounts"),
        ({"model": "capacity", "tiers": [{"amount": "1"}]}, "levels"),
        ({"model": "time_series", "series": ["1"]}, "quantities"),
        (
            {"model": "dimensional", "dimensions": ["a"], "default": {"unit_amount": "1"}},
            "quantities",
        ),
    ],
)
def test_a_plain_quantity_that_says_nothing_is_refused(
    fields: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        price(parse_price(fields), Decimal(3))
    assert refused.value.field == field


@given(st.lists(st.decimals(0, 50, places=2), max_size=5), st.sampled_from(COMMITMENTS))
def test_the_order_of_buckets_does_not_matter(
    quantities: list[Decimal], commitment: dict[str, object]
) -> None:
    spec = parse_price(GRADUATED | {"bucketed": True, "commitment": commitment})
    there = [Entry(quantity) for quantity in quantities]
    one, other = Usage(entries=tuple(there)), Usage(entries=tuple(reversed(there)))
    assert price(spec, one).exact == price(spec, other).exact


@given(st.sampled_from(BY_AMOUNTS), amounts, st.sampled_from(COMMITMENTS))
def test_parts_add_up_whatever_was_used(
    fields: dict[str, object], found: tuple[Decimal, ...], commitment: dict[str, object]
) -> None:
    for bucketed in (False, True):
        spec = parse_price(fields | {"commitment": commitment, "bucketed": bucketed})
        priced = price(spec, Usage(amounts=found), share=Fraction(1, 3))
        assert total(part.amount for part in priced.parts) == priced.exact
        for part in priced.parts:
            product = fraction(part.quantity) * fraction(part.unit_amount)
            assert product + fraction(part.flat_amount) == part.amount


@given(st.decimals(0, 50, places=2), st.decimals(0, 50, places=2), st.sampled_from(COMMITMENTS))
def test_two_lines_with_a_commitment_cost_what_one_does(
    one: Decimal, other: Decimal, commitment: dict[str, object]
) -> None:
    spec = parse_price(GRADUATED | {"commitment": commitment})
    first = price(spec, one, part="first").exact
    last = price(spec, other, part="last", previous_quantity=one).exact
    assert fraction(first) + fraction(last) == price(spec, one + other).exact


LINES: list[dict[str, object]] = [
    {
        "model": "dimensional",
        "dimensions": ["kind"],
        "rows": [{"kind": "0", "unit_amount": "3"}],
        "default": {"unit_amount": "0.7"},
        "transform_quantity": {"divide_by": "3"},
    },
    {"model": "time_series", "series": ["0.1", "-0.3"], "margin": "0.02"},
    per_unit(bucketed=True, commitment={"amount": "10", "overage_factor": "2"}),
]
kinds = st.tuples(st.sampled_from("01"), st.decimals(0, 50, places=2))


def by_kind(found: list[tuple[str, Decimal]]) -> Usage:
    return Usage(
        entries=tuple(
            Entry(quantity, None, (("kind", kind), ("interval", kind))) for kind, quantity in found
        )
    )


@given(st.sampled_from(LINES), st.lists(kinds, max_size=4), st.lists(kinds, max_size=4))
def test_two_lines_of_entries_cost_what_one_does(
    fields: dict[str, object], one: list[tuple[str, Decimal]], other: list[tuple[str, Decimal]]
) -> None:
    spec = parse_price(fields)
    before = sum((quantity for _, quantity in one), Decimal(0))
    first = price(spec, by_kind(one), part="first").exact
    last = price(spec, by_kind(other), part="last", previous_quantity=before).exact
    assert fraction(first) + fraction(last) == price(spec, by_kind(one + other)).exact
