from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.tax import TaxGroup, tax_group, tax_groups

STANDARD = Decimal("25.5")
rates = st.decimals(0, 100, places=3)
amounts = st.integers(-(10**12), 10**12)


def test_a_gross_price_gives_its_tax_and_the_rest_is_net() -> None:
    (group,) = tax_groups([("standard", STANDARD, 2990)], includes_tax=True)
    assert group == TaxGroup("standard", STANDARD, 2382, 608)
    assert group.gross_minor == 2990


def test_tax_is_rounded_once_per_rate_and_never_per_line() -> None:
    lines = [("standard", STANDARD, 10)] * 3
    assert tax_groups(lines, includes_tax=False) == [TaxGroup("standard", STANDARD, 30, 8)]


def test_groups_are_by_category_and_rate_in_order_of_appearance() -> None:
    lines = [
        ("reduced", Decimal("13.5"), 1000),
        ("standard", Decimal("25.50"), 1000),
        ("reduced", Decimal(10), 1000),
        ("standard", STANDARD, 500),
        ("exempt", Decimal(0), 700),
    ]
    assert [
        (group.category, group.rate_percent, group.net_minor, group.tax_minor)
        for group in tax_groups(lines, includes_tax=False)
    ] == [
        ("reduced", Decimal("13.5"), 1000, 135),
        ("standard", STANDARD, 1500, 383),
        ("reduced", Decimal(10), 1000, 100),
        ("exempt", Decimal(0), 700, 0),
    ]


@pytest.mark.parametrize(
    ("net_minor", "rate", "tax_minor"),
    [(5000, "15", 750), (997, "21", 209), (-100, "25.5", -26), (100, "25.5", 26), (2, "25", 1)],
)
def test_half_a_cent_goes_away_from_zero(net_minor: int, rate: str, tax_minor: int) -> None:
    assert tax_group("standard", Decimal(rate), net_minor=net_minor).tax_minor == tax_minor


@pytest.mark.parametrize(
    ("net_minor", "gross_minor", "net", "tax"),
    [(1000, 1255, 2000, 510), (10, 10, 18, 5), (1, 1, 2, 0), (-1000, 1255, 0, 0)],
)
def test_net_and_gross_amounts_of_one_rate_are_taxed_together(
    net_minor: int, gross_minor: int, net: int, tax: int
) -> None:
    both = tax_group("standard", STANDARD, net_minor=net_minor, gross_minor=gross_minor)
    assert both == TaxGroup("standard", STANDARD, net, tax)


def test_the_callers_decimal_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 1
        assert tax_group("standard", STANDARD, net_minor=123456).tax_minor == 31481


@given(rates, amounts)
def test_tax_is_within_half_a_cent_and_mirrored(rate: Decimal, minor: int) -> None:
    net = tax_group("standard", rate, net_minor=minor)
    assert abs(net.tax_minor - Fraction(minor) * Fraction(rate) / 100) <= Fraction(1, 2)
    gross = tax_group("standard", rate, gross_minor=minor)
    assert gross.gross_minor == minor
    exact = Fraction(minor) * Fraction(rate) / (100 + Fraction(rate))
    assert abs(gross.tax_minor - exact) <= Fraction(1, 2)
    assert tax_group("standard", rate, net_minor=-minor).tax_minor == -net.tax_minor
    assert tax_group("standard", rate, gross_minor=-minor).net_minor == -gross.net_minor


@given(rates, amounts, amounts)
def test_gross_and_net_prices_of_one_rate_keep_their_totals(
    rate: Decimal, net_minor: int, gross_minor: int
) -> None:
    both = tax_group("standard", rate, net_minor=net_minor, gross_minor=gross_minor)
    net = tax_group("standard", rate, net_minor=net_minor)
    assert both.gross_minor == net.gross_minor + gross_minor
    exact = Fraction(net_minor) * Fraction(rate) / 100
    exact += Fraction(gross_minor) * Fraction(rate) / (100 + Fraction(rate))
    assert abs(both.tax_minor - exact) <= Fraction(1, 2)


@given(st.lists(st.tuples(st.sampled_from(["standard", "reduced"]), rates, amounts), max_size=6))
def test_any_order_gives_the_same_tax(lines: list[tuple[str, Decimal, int]]) -> None:
    for includes_tax in (False, True):
        groups = tax_groups(lines, includes_tax=includes_tax)
        again = tax_groups(lines[::-1], includes_tax=includes_tax)
        assert sorted(groups, key=str) == sorted(again, key=str)
