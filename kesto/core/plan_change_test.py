from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.calendar import Period
from kesto.core.plan_change import (
    PlanChange,
    Sold,
    change_at_period_end,
    plan_change,
    shares_by_day,
    shares_by_second,
)
from kesto.core.pricing import parse_price
from kesto.core.proration import ProrationRule

JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
YEAR = Period(date(2026, 1, 16), date(2027, 1, 16))

AMOUNTS = st.decimals(0, 10_000, places=2).map(str)
DAYS = st.dates(date(2026, 1, 1), date(2026, 2, 1))
CENTS = st.integers(0, 2_000_000)


def sold(model: str, quantity: str = "1", **fields: object) -> Sold:
    return Sold(parse_price({"model": model, **fields}), Decimal(quantity))


def flat(amount: str) -> Sold:
    return sold("flat", amount=amount)


def changed(
    old: list[Sold],
    new: list[Sold],
    on: date,
    rule: ProrationRule = "day",
    charged: int | None = None,
    credited: int = 0,
) -> PlanChange:
    shares = shares_by_day(JANUARY, JANUARY, on, rule)
    return plan_change(
        old, new, shares, "EUR", already_charged_minor=charged, already_credited_minor=credited
    )


@pytest.mark.parametrize(
    ("on", "credit", "charge"),
    [
        (date(2026, 1, 1), 3000, 6000),
        (date(2026, 1, 2), 2903, 5806),
        (date(2026, 1, 16), 1548, 3097),
        (date(2026, 1, 31), 97, 194),
        (date(2026, 2, 1), 0, 0),
        (date(2025, 12, 1), 3000, 6000),
        (date(2026, 3, 1), 0, 0),
    ],
)
def test_the_day_of_the_change_belongs_to_the_new_plan(on: date, credit: int, charge: int) -> None:
    found = changed([flat("30")], [flat("60")], on)
    assert (found.credit_minor, found.charge_minor) == (credit, charge)
    assert found.net_minor == charge - credit


def test_the_credit_is_the_price_less_the_rounded_used_part() -> None:
    half = Period(date(2026, 4, 1), date(2026, 5, 1))
    shares = shares_by_day(half, half, date(2026, 4, 16), "day")
    found = plan_change([flat("0.01")], [flat("0.01")], shares, "EUR")
    assert (found.credit_minor, found.charge_minor) == (0, 1)


def test_each_price_is_a_line_rounded_by_itself() -> None:
    found = changed([flat("10"), flat("10"), flat("0.10")], [flat("1")] * 2, date(2026, 1, 12))
    assert found.credits_minor == (645, 645, 6)
    assert found.charges_minor == (65, 65)


def test_where_less_is_left_the_earlier_lines_are_credited_first() -> None:
    found = changed([flat("10"), flat("20")], [], date(2026, 1, 1), charged=1500, credited=200)
    assert found.credits_minor == (1000, 300)
    nothing = changed([flat("10")], [], date(2026, 1, 1), charged=100, credited=200)
    assert nothing.credits_minor == (0,)


def test_a_flat_amount_of_a_tier_stays_whole_on_both_sides() -> None:
    tiers = [{"up_to": None, "unit_amount": "10", "flat_amount": "100"}]
    old, new = (sold("graduated", quantity, tiers=tiers) for quantity in ("3", "6"))
    found = changed([old], [new], date(2026, 1, 16))
    assert (found.credit_minor, found.charge_minor) == (1548, 13097)
    assert changed([old], [new], date(2026, 1, 1)).credit_minor == 13000
    assert changed([old], [new], date(2026, 2, 1)).charge_minor == 0


def test_a_minimum_is_credited_and_charged_with_its_price() -> None:
    small = sold("per_unit", "1", unit_amount="1", minimum="31")
    found = changed([small], [small], date(2026, 1, 16))
    assert (found.credit_minor, found.charge_minor) == (1600, 1600)


def test_a_plan_of_another_period_begins_its_own_on_the_day() -> None:
    shares = shares_by_day(JANUARY, YEAR, date(2026, 1, 16), "day")
    found = plan_change([flat("31")], [flat("365")], shares, "EUR")
    assert (found.credit_minor, found.charge_minor) == (1600, 36500)
    whole_year = Period(date(2026, 1, 1), date(2027, 1, 1))
    shares = shares_by_day(JANUARY, whole_year, date(2026, 1, 16), "day")
    assert plan_change([], [flat("365")], shares, "EUR").charge_minor == 35000


def test_unprorated_prices_are_charged_in_full_and_credited_on_the_first_day_only() -> None:
    found = changed([flat("30")], [flat("60")], date(2026, 1, 16), "none")
    assert (found.credit_minor, found.charge_minor) == (0, 6000)
    assert changed([flat("30")], [flat("60")], date(2026, 1, 1), "none").credit_minor == 3000
    assert changed([flat("30")], [flat("60")], date(2026, 2, 1), "none").charge_minor == 0


def test_by_second_a_change_has_its_instant() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    bounds = (start, start + timedelta(days=30))
    shares = shares_by_second(bounds, bounds, start + timedelta(days=22, hours=12))
    found = plan_change([flat("10")], [flat("20")], shares, "EUR")
    assert (found.credit_minor, found.charge_minor) == (250, 500)


def test_at_the_end_of_the_period_nothing_moves() -> None:
    found = change_at_period_end([flat("30")], [flat("60"), flat("1")])
    assert found == PlanChange((0,), (0, 0))


@given(st.lists(AMOUNTS, max_size=4), DAYS, st.none() | CENTS, CENTS)
def test_a_credit_is_never_more_than_what_was_charged_less_what_was_credited(
    amounts: list[str], on: date, charged: int | None, credited: int
) -> None:
    old = [flat(amount) for amount in amounts]
    found = changed(old, [], on, charged=charged, credited=credited)
    full = sum(int(Decimal(amount) * 100) for amount in amounts)
    left = (full if charged is None else charged) - credited
    assert min(found.credits_minor, default=0) >= 0
    assert found.credit_minor <= max(left, 0)


@given(st.lists(AMOUNTS, max_size=4), st.sampled_from(["day", "none"]))
def test_a_change_on_the_first_day_credits_everything(
    amounts: list[str], rule: ProrationRule
) -> None:
    found = changed([flat(amount) for amount in amounts], [], JANUARY.start, rule)
    assert found.credits_minor == tuple(int(Decimal(amount) * 100) for amount in amounts)


@given(AMOUNTS, DAYS, DAYS)
def test_the_later_the_change_the_less_moves(amount: str, one: date, other: date) -> None:
    plan = [flat(amount)]
    early, late = (changed(plan, plan, on) for on in sorted((one, other)))
    assert early.credit_minor >= late.credit_minor
    assert early.charge_minor >= late.charge_minor


@given(AMOUNTS, DAYS)
def test_a_change_to_the_same_plan_moves_at_most_a_rounding(amount: str, on: date) -> None:
    plan = [flat(amount)]
    assert abs(changed(plan, plan, on).net_minor) <= 1
