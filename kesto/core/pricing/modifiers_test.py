from decimal import ROUND_UP, Decimal, localcontext
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import fraction, shown, total
from kesto.core.pricing import Entry, PartOfPeriod, PriceSpec, Usage, parse_price, price
from kesto.core.refusals import Invalid

PARTS: tuple[PartOfPeriod, ...] = get_args(PartOfPeriod)
SEATS = [
    {"up_to": "5", "unit_amount": "10", "flat_amount": "100"},
    {"up_to": None, "unit_amount": "5", "flat_amount": "50"},
]
BANDS = [
    {"up_to": "5", "unit_amount": "0", "flat_amount": "100"},
    {"up_to": "10", "unit_amount": "0", "flat_amount": "50"},
    {"up_to": "15", "unit_amount": "5"},
    {"up_to": None, "unit_amount": "1"},
]
MODELS: list[dict[str, object]] = [
    {"model": "per_unit", "unit_amount": "0.123456789012"},
    {"model": "per_unit", "unit_amount": "7", "per": "3", "included_units": "2.5"},
    {"model": "package", "package_size": "7", "package_amount": "2.95", "free_units": "3"},
    {"model": "graduated", "tiers": SEATS},
    {"model": "graduated", "tiers": SEATS, "transform_quantity": {"divide_by": "3"}},
    {"model": "graduated", "tiers": SEATS, "flat_at_zero": True},
    {"model": "volume", "tiers": SEATS},
    {"model": "flat", "amount": "3.33"},
    {"model": "stairstep", "tiers": [{"up_to": "4", "flat_amount": "1"}, {"flat_amount": "9"}]},
]
quantities = st.decimals(0, 1000, places=3)
specs = st.sampled_from(MODELS).map(parse_price)
shares = st.fractions(0, 1, max_denominator=366)


def per_unit(**more: object) -> PriceSpec:
    return parse_price({"model": "per_unit", "unit_amount": "10", **more})


def changes(*pairs: tuple[str, str]) -> tuple[Entry, ...]:
    """Changes by their quantity and what it comes to when prorated."""
    return tuple(Entry(Decimal(units), Fraction(used) / Fraction(units)) for units, used in pairs)


def test_included_units_come_off_after_the_conversion() -> None:
    spec = per_unit(included_units="0.5", transform_quantity={"divide_by": "1000", "round": "up"})
    assert price(spec, Decimal(1400)).exact == 15
    assert price(spec, Decimal(0)).exact == 0


def test_a_maximum_counts_what_was_billed_before() -> None:
    spec = parse_price({"model": "graduated", "tiers": BANDS, "maximum": "170"})
    line = price(
        spec,
        Decimal(10),
        part="middle",
        previous_quantity=Decimal(12),
        previously_billed=Decimal(160),
    )
    assert line.exact == 10
    over = price(per_unit(maximum="100"), Decimal(1), part="last", previously_billed=Decimal(120))
    assert over.exact == 0


@pytest.mark.parametrize(
    ("quantity", "part", "billed", "true_up_minor"),
    [
        ("0", "only", "0", 10000),
        ("7", "only", "0", 3000),
        ("10", "only", "0", 0),
        ("11", "only", "0", 0),
        ("3", "first", "0", 0),
        ("3", "middle", "30", 0),
        ("3", "last", "60", 1000),
    ],
)
def test_a_minimum_adds_what_is_missing_with_the_last_line(
    quantity: str, part: PartOfPeriod, billed: str, true_up_minor: int
) -> None:
    priced = price(
        per_unit(minimum="100"), Decimal(quantity), part=part, previously_billed=Decimal(billed)
    )
    assert priced.true_up_minor("EUR") == true_up_minor


def test_a_minimum_and_a_maximum_are_prorated_with_the_period() -> None:
    spec = per_unit(minimum="50", maximum="100")
    half = Fraction(1, 2)
    assert price(spec, Decimal(30), share=half).exact == 50
    assert price(spec, Decimal(1), share=half).true_up_minor("EUR") == 2000
    assert price(spec, Decimal(30), minimum_share=half).exact == 50
    assert price(spec, Decimal(1), minimum_share=half).true_up_minor("EUR") == 1500
    assert price(spec, Decimal(1), minimum_share=Fraction(0)).true_up_minor("EUR") == 0


def test_a_true_up_is_the_rounded_minimum_less_the_rounded_amount() -> None:
    spec = parse_price({"model": "per_unit", "unit_amount": "8500.5", "minimum": "10000"})
    assert price(spec, Decimal(1)).true_up_minor("JPY") == 1499


@pytest.mark.parametrize(
    ("moves", "amount"),
    [
        (changes(("1", "0.7")), "107"),
        (changes(("5", "3.5"), ("5", "2.66667"), ("10", "2"), ("-6", "-2.2")), "197.33335"),
        (changes(("4", "2.8"), ("2", "1"), ("-3", "-0.6")), "180.5"),
        (changes(("5", "3.5"), ("2", "1"), ("-4", "-1.6"), ("10", "2")), "190"),
    ],
)
def test_seats_move_through_the_tiers_and_a_tier_reached_stays(
    moves: tuple[Entry, ...], amount: str
) -> None:
    spec = parse_price({"model": "graduated", "tiers": SEATS})
    assert shown(price(spec, Usage(entries=moves)).exact) == amount


def test_seats_that_leave_never_make_the_sum_negative() -> None:
    moves = (Entry(Decimal(3), Fraction(1, 10)), Entry(Decimal(-3), Fraction(1)))
    assert price(per_unit(), Usage(entries=moves)).exact == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda: price(per_unit(), Decimal(-1)),
        lambda: price(per_unit(), previous_quantity=Decimal(-1)),
    ],
)
def test_a_quantity_below_zero_is_refused(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(Invalid):
        ask()


@given(specs, st.lists(quantities, min_size=2, max_size=5))
def test_a_period_in_several_lines_costs_what_it_costs_in_one(
    spec: PriceSpec, split: list[Decimal]
) -> None:
    billed, before = Fraction(0), Decimal(0)
    for place, quantity in enumerate(split):
        part: PartOfPeriod = "first" if place == 0 else "middle"
        part = "last" if place == len(split) - 1 else part
        billed += fraction(price(spec, quantity, part=part, previous_quantity=before).exact)
        before += quantity
    assert billed == price(spec, sum(split, Decimal(0))).exact


@given(specs, quantities, shares, st.sampled_from(PARTS), quantities)
def test_the_parts_explain_the_amount_to_the_last_digit(
    spec: PriceSpec, quantity: Decimal, share: Fraction, part: PartOfPeriod, before: Decimal
) -> None:
    priced = price(spec, quantity, share=share, part=part, previous_quantity=before)
    assert total(part.amount for part in priced.parts) == priced.exact
    for piece in priced.parts:
        product = fraction(piece.quantity) * fraction(piece.unit_amount)
        assert product + fraction(piece.flat_amount) == piece.amount


@given(specs, quantities, shares)
def test_shares_of_a_period_add_up_to_it(
    spec: PriceSpec, quantity: Decimal, share: Fraction
) -> None:
    whole, nothing = price(spec, quantity).exact, price(spec, quantity, share=Fraction(0)).exact
    one, other = (price(spec, quantity, share=part).exact for part in (share, 1 - share))
    assert fraction(one) + fraction(other) == fraction(whole) + fraction(nothing)


@given(specs, quantities, shares)
def test_one_change_for_a_share_is_that_share(
    spec: PriceSpec, quantity: Decimal, share: Fraction
) -> None:
    if spec.name == "flat":
        return
    at_once = price(spec, quantity, share=share).exact
    assert price(spec, Usage(entries=(Entry(quantity, share),))).exact == at_once


@given(specs, quantities)
def test_the_callers_decimal_context_changes_nothing(spec: PriceSpec, quantity: Decimal) -> None:
    exact = price(spec, quantity).exact
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_UP
        assert price(spec, quantity).exact == exact
        assert context.prec == 3
