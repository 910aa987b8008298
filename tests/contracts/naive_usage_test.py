"""Seats, rows, sizes, series and percentages of sums, counted a second time in the plainest way."""

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kesto.calculate import calculate
from tests.contracts.naive_prices_test import (
    AMOUNTS,
    CURRENCIES,
    FINE,
    QUANTITIES,
    number,
    reached,
    rounded,
    tiers,
)

Case = dict[str, Any]

UNITS = st.one_of(AMOUNTS, FINE)


def priced(price: Case, currency: str = "EUR", **asked: object) -> Case:
    found: Case = calculate({"op": "price", "currency": currency, "price": price, **asked})
    assert "error" not in found, (price, asked, found)
    return found


def near(found: str, exact: Fraction) -> bool:
    return abs(Fraction(found) - exact) <= Fraction(1, 2 * 10**12)


@st.composite
def seats(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Changes in order, each with its days left of 31; there are never fewer than none."""
    changes, level = [], 0
    for left in sorted(draw(st.lists(st.integers(0, 31), max_size=6)), reverse=True):
        change = draw(st.integers(-level, 60))
        level += change
        changes.append((change, left))
    return changes


def moved(price: Case, changes: list[tuple[int, int]]) -> Fraction:
    """Each seat priced in its own tier for its days; a flat amount stays once it was reached."""
    total, level, highest = Fraction(0), 0, 0
    for change, left in changes:
        step = 1 if change > 0 else -1
        for _ in range(abs(change)):
            seat = level + 1 if step > 0 else level
            tier, _ = reached(price, Fraction(seat))[-1]
            total += step * number(tier, "unit_amount") * Fraction(left, 31)
            level += step
        highest = max(highest, level)
    total += sum(number(tier, "flat_amount") for tier, _ in reached(price, Fraction(highest)))
    return max(total, Fraction(0))


@settings(max_examples=200)
@given(tiers(), seats())
def test_seats_that_come_and_go_one_by_one(
    bounds: list[Case], changes: list[tuple[int, int]]
) -> None:
    for tier in bounds:
        tier.pop("package_size", None)
    price = {"model": "graduated", "tiers": bounds}
    entries = [{"quantity": str(change), "share": f"{left}/31"} for change, left in changes]
    assert near(priced(price, quantities=entries)["amount"], moved(price, changes))


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), QUANTITIES), max_size=6),
    st.dictionaries(st.sampled_from("ab"), UNITS, min_size=1),
    UNITS,
    st.dictionaries(st.sampled_from("ab"), UNITS),
    st.integers(0, 31),
)
def test_rows_by_what_they_say_of_a_unit(
    used: list[tuple[str, str, str]],
    one: dict[str, str],
    default: str,
    both: dict[str, str],
    days: int,
) -> None:
    rows = [{"region": region, "unit_amount": unit} for region, unit in one.items()]
    rows += [{"region": region, "kind": "x", "unit_amount": unit} for region, unit in both.items()]
    price = {"model": "dimensional", "dimensions": ["region", "kind"], "rows": rows}
    price["default"] = {"unit_amount": default}  # type: ignore[assignment]  # a price is any JSON
    total = Fraction(0)
    for region, kind, quantity in used:
        unit = both.get(region) if kind == "x" else None
        total += Fraction(quantity) * Fraction(unit or one.get(region) or default)
    entries = [{"region": region, "kind": kind, "quantity": units} for region, kind, units in used]
    found = priced(price, quantities=entries, share=f"{days}/31")
    assert near(found["amount"], total * Fraction(days, 31))


@given(
    st.lists(st.tuples(UNITS, QUANTITIES), min_size=1, max_size=6),
    AMOUNTS,
    st.integers(1, 31),
    CURRENCIES,
)
def test_each_hour_at_its_own_price(
    hours: list[tuple[str, str]], margin: str, days: int, currency: str
) -> None:
    times = [f"2026-10-25T{hour:02}:00:00Z" for hour in range(len(hours))]
    series = {time: unit for time, (unit, _) in zip(times, hours, strict=True)}
    entries = [
        {"interval": time, "quantity": used} for time, (_, used) in zip(times, hours, strict=True)
    ]
    price = {"model": "time_series", "series": series, "margin": margin}
    total = sum(
        (Fraction(used) * (Fraction(unit) + Fraction(margin)) for unit, used in hours), Fraction(0)
    )
    found = priced(price, currency, quantities=entries, share=f"{days}/31")
    assert Fraction(found["rounded"]) == rounded(total * Fraction(days, 31), currency)


@given(
    st.lists(st.integers(1, 50), min_size=2, max_size=4, unique=True),
    st.lists(st.integers(0, 60), min_size=4, max_size=4),
    st.dictionaries(st.sampled_from(["cpu", "disk"]), st.integers(0, 60)),
)
def test_the_first_size_that_holds_every_level(
    limits: list[int], disks: list[int], levels: dict[str, int]
) -> None:
    sizes = [
        {"limits": {"cpu": str(limit), "disk": str(disk)}, "amount": str(place + 1)}
        for place, (limit, disk) in enumerate(zip(limits, disks, strict=False))
    ]
    holds = [
        size["amount"]
        for size, limit, disk in zip(sizes, limits, disks, strict=False)
        if levels.get("cpu", 0) <= limit and levels.get("disk", 0) <= disk
    ]
    wanted = str(holds[0] if holds else sizes[-1]["amount"])
    given_levels = {unit: str(level) for unit, level in levels.items()}
    assert priced({"model": "capacity", "tiers": sizes}, levels=given_levels)["amount"] == wanted


def of_a_sum(price: Case, total: Fraction) -> Fraction:
    cost = Fraction(0)
    for tier, below in reached(price, total):
        top = total if tier["up_to"] is None else min(total, Fraction(tier["up_to"]))
        cost += (top - below) * number(tier, "rate") / 100 + number(tier, "flat_amount")
    return cost


@settings(max_examples=200)
@given(
    tiers(flat_only=True),
    st.lists(AMOUNTS, min_size=4, max_size=4),
    st.lists(AMOUNTS, max_size=5),
    AMOUNTS,
    st.sampled_from(["only", "first", "middle", "last"]),
    st.booleans(),
    st.integers(1, 31),
)
def test_percentages_of_a_sum_by_tiers(
    bounds: list[Case],
    rates: list[str],
    amounts: list[str],
    earlier: str,
    part: str,
    at_zero: bool,  # noqa: FBT001 - drawn, never written by hand
    days: int,
) -> None:
    tiers_of = [tier | {"rate": rate} for tier, rate in zip(bounds, rates, strict=False)]
    price = {"model": "graduated_percentage", "tiers": tiers_of, "flat_at_zero": at_zero}
    before = Fraction(earlier) if part in {"middle", "last"} else Fraction(0)
    now = sum(map(Fraction, amounts), before)
    wanted = of_a_sum(price, now)
    if part in {"middle", "last"}:
        wanted -= of_a_sum(price, before)
    asked: Case = {"amounts": amounts, "part": part, "share": f"{days}/31"}
    found = priced(price, "EUR", **asked, previous_quantity=earlier if before else "0")
    assert near(found["amount"], wanted)


@given(st.lists(AMOUNTS, max_size=5), AMOUNTS, AMOUNTS, st.integers(1, 31))
def test_amounts_that_come_with_the_events(
    amounts: list[str], low: str, high: str, days: int
) -> None:
    low, high = sorted([low, high], key=Fraction)
    price = {"model": "dynamic", "minimum": low, "maximum": high}
    found = priced(price, amounts=amounts, share=f"{days}/31")
    exact = min(sum(map(Fraction, amounts), Fraction(0)), Fraction(high) * days / 31)
    assert near(found["amount"], exact)
    least = rounded(Fraction(low) * days / 31, "EUR")
    assert Fraction(found["rounded"]) == max(rounded(exact, "EUR"), least)
