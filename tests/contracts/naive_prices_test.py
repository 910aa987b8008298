"""Prices counted a second time, in the plainest way, beside what the calculator answers."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kesto.calculate import calculate

Case = dict[str, Any]

DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
AMOUNTS = st.integers(0, 5000).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
FINE = st.integers(0, 10**6).map(lambda number: f"0.{number:06}")
QUANTITIES = st.one_of(
    st.integers(0, 120).map(str), st.integers(0, 12000).map(lambda n: f"{n // 100}.{n % 100:02}")
)
SIZES = st.sampled_from(["1", "3", "10", "2.5"])
CURRENCIES = st.sampled_from(sorted(DIGITS))


def answer(asked: Case) -> Case:
    found: Case = calculate({"op": "price", **asked})
    assert "error" not in found, (asked, found)
    return found


def rounded(exact: Fraction, currency: str) -> Fraction:
    unit = 10 ** DIGITS[currency]
    sign = -1 if exact < 0 else 1
    return sign * Fraction(floor(abs(exact) * unit + Fraction(1, 2)), unit)


def number(price: Case, name: str, default: str = "0") -> Fraction:
    return Fraction(price.get(name) or default)


def reached(price: Case, quantity: Fraction) -> list[tuple[Case, Fraction]]:
    """Each tier that is entered, with the bound below it."""
    found, below = [], Fraction(0)
    for place, tier in enumerate(price["tiers"]):
        at_zero = place == 0 and bool(price.get("flat_at_zero"))
        if quantity > below or at_zero:
            found.append((tier, below))
        below = Fraction(tier["up_to"] or 0)
    return found


def units_cost(tier: Case, units: Fraction) -> Fraction:
    blocks = (
        Fraction(ceil(units / Fraction(tier["package_size"]))) if "package_size" in tier else units
    )
    return blocks * number(tier, "unit_amount")


def graduated(price: Case, quantity: Fraction, share: Fraction) -> Fraction:
    total = Fraction(0)
    for tier, below in reached(price, quantity):
        top = quantity if tier["up_to"] is None else min(quantity, Fraction(tier["up_to"]))
        total += units_cost(tier, top - below) * share + number(tier, "flat_amount")
    return total


def volume(price: Case, quantity: Fraction, share: Fraction) -> Fraction:
    if not (tiers := reached(price, quantity)):
        return Fraction(0)
    tier, _ = tiers[-1]
    return units_cost(tier, quantity) * share + number(tier, "flat_amount")


def stairstep(price: Case, quantity: Fraction, _share: Fraction) -> Fraction:
    tiers = reached(price, quantity)
    return number(tiers[-1][0], "flat_amount") if tiers else Fraction(0)


def package(price: Case, quantity: Fraction, share: Fraction) -> Fraction:
    over = max(quantity - number(price, "free_units"), Fraction(0))
    packages = over / Fraction(price["package_size"])
    whole = floor(packages) if price.get("round") == "down" else ceil(packages)
    return whole * number(price, "package_amount") * share


def per_unit(price: Case, quantity: Fraction, share: Fraction) -> Fraction:
    return quantity * number(price, "unit_amount") / number(price, "per", "1") * share


COSTS = {
    "graduated": graduated,
    "volume": volume,
    "stairstep": stairstep,
    "package": package,
    "per_unit": per_unit,
}


def transformed(price: Case, quantity: Fraction) -> Fraction:
    if (transform := price.get("transform_quantity")) is None:
        return quantity
    if "divide_by" in transform:
        quantity /= Fraction(transform["divide_by"])
    else:
        quantity *= Fraction(transform["multiply_by"])
    match transform.get("round", "none"):
        case "up":
            return Fraction(ceil(quantity))
        case "down":
            return Fraction(floor(quantity))
        case "nearest":
            return Fraction(floor(quantity + Fraction(1, 2)))
    return quantity


def whole(price: Case, quantity: Fraction, share: Fraction) -> Fraction:
    """What a whole period costs before its maximum: convert, include, price, commit."""
    units = max(transformed(price, quantity) - number(price, "included_units"), Fraction(0))
    cost = COSTS[price["model"]](price, units, share)
    if (commitment := price.get("commitment")) is None:
        return cost
    least, factor = Fraction(commitment["amount"]), number(commitment, "overage_factor", "1")
    if cost > least:
        return least + (cost - least) * factor
    return least if commitment.get("true_up", True) else cost


def line(price: Case, asked: Case) -> tuple[Fraction, Fraction, Fraction]:
    """The exact amount of a line, what its minimum adds and what is charged."""
    share, part = Fraction(asked.get("share", "1")), asked.get("part", "only")
    earlier = number(asked, "previous_quantity")
    total = whole(price, earlier + Fraction(asked["quantity"]), share)
    if price["model"] == "volume" and part in {"first", "middle"}:
        exact = Fraction(0)
    elif part in {"only", "first"} or price["model"] == "volume":
        exact = total
    else:
        exact = total - whole(price, earlier, share)
    billed = number(asked, "previously_billed")
    bounds = Fraction(asked["minimum_share"]) if "minimum_share" in asked else share
    if price.get("maximum") is not None:
        exact = min(exact, max(number(price, "maximum") * bounds - billed, Fraction(0)))
    charged = rounded(exact, asked["currency"])
    added = Fraction(0)
    if price.get("minimum") is not None and part in {"only", "last"}:
        least = rounded(number(price, "minimum") * bounds, asked["currency"])
        added = max(least - billed - charged, Fraction(0))
    return exact, added, charged + added


@st.composite
def tiers(draw: st.DrawFn, *, flat_only: bool = False) -> list[Case]:
    bounds = sorted(draw(st.sets(st.integers(1, 100), max_size=3)))
    found = []
    for bound in [*map(str, bounds), None]:
        tier: Case = {"up_to": bound, "flat_amount": draw(AMOUNTS)}
        if not flat_only:
            tier["unit_amount"] = draw(st.one_of(AMOUNTS, FINE))
            if draw(st.booleans()):
                tier["package_size"] = draw(SIZES)
        found.append(tier)
    return found


@st.composite
def prices(draw: st.DrawFn) -> Case:
    model = draw(st.sampled_from(sorted(COSTS)))
    price: Case = {"model": model}
    match model:
        case "graduated" | "volume":
            price |= {"tiers": draw(tiers()), "flat_at_zero": draw(st.booleans())}
        case "stairstep":
            price["tiers"] = draw(tiers(flat_only=True))
        case "package":
            price |= {"package_size": draw(SIZES), "package_amount": draw(AMOUNTS)}
            price |= {
                "free_units": draw(QUANTITIES),
                "round": draw(st.sampled_from(["up", "down"])),
            }
        case "per_unit":
            price |= {"unit_amount": draw(st.one_of(AMOUNTS, FINE)), "per": draw(SIZES)}
    if draw(st.booleans()):
        way = draw(st.sampled_from(["divide_by", "multiply_by"]))
        rounding = draw(st.sampled_from(["up", "down", "nearest", "none"]))
        price["transform_quantity"] = {way: draw(SIZES), "round": rounding}
    if draw(st.booleans()):
        price["included_units"] = draw(QUANTITIES)
    low, high = sorted([draw(AMOUNTS), draw(AMOUNTS)], key=Fraction)
    if draw(st.booleans()):
        price["minimum"] = low
    if draw(st.booleans()):
        price["maximum"] = high
    return price


@st.composite
def commitments(draw: st.DrawFn) -> Case:
    factor = draw(st.sampled_from(["1", "1.5", "0.25"]))
    return {"amount": draw(AMOUNTS), "overage_factor": factor, "true_up": draw(st.booleans())}


@st.composite
def questions(draw: st.DrawFn) -> Case:
    asked: Case = {"currency": draw(CURRENCIES), "quantity": draw(QUANTITIES)}
    part = draw(st.sampled_from(["only", "first", "middle", "last"]))
    if part != "only":
        asked["part"] = part
    if part in {"middle", "last"} or draw(st.booleans()):
        billed = Fraction(draw(st.integers(0, 40)))
        asked |= {"previous_quantity": draw(QUANTITIES), "previously_billed": str(billed)}
    if draw(st.booleans()):
        asked["share"] = f"{draw(st.integers(0, 31))}/31"
    if draw(st.booleans()):
        asked["minimum_share"] = f"{draw(st.integers(0, 30))}/30"
    return asked


def check(price: Case, asked: Case) -> None:
    found = answer({"price": price, **asked})
    exact, added, charged = line(price, asked)
    assert abs(Fraction(found["amount"]) - exact) <= Fraction(1, 2 * 10**12), (price, asked)
    assert Fraction(found["true_up"]) == added
    assert Fraction(found["rounded"]) == charged
    assert len(found["rounded"].partition(".")[2]) == DIGITS[asked["currency"]]


@settings(max_examples=300)
@given(prices(), questions())
def test_a_price_is_what_it_is_in_the_plainest_count(price: Case, asked: Case) -> None:
    check(price, asked)


@settings(max_examples=200)
@given(prices(), commitments(), questions())
def test_a_commitment_in_the_plainest_count(price: Case, commitment: Case, asked: Case) -> None:
    asked.pop("share", None)
    check(price | {"commitment": commitment}, asked)


@settings(max_examples=200)
@given(prices(), CURRENCIES, st.lists(QUANTITIES, min_size=1, max_size=4))
def test_buckets_are_prices_by_themselves(price: Case, currency: str, found: list[str]) -> None:
    for name in ("minimum", "maximum"):
        price.pop(name, None)
    entries = [{"quantity": quantity} for quantity in found]
    asked = {"currency": currency, "price": price | {"bucketed": True}, "quantities": entries}
    exact = sum(whole(price, Fraction(quantity), Fraction(1)) for quantity in found)
    assert abs(Fraction(answer(asked)["amount"]) - exact) <= Fraction(1, 2 * 10**12)


EVENTS = st.lists(AMOUNTS, max_size=6)
OPTIONAL = st.none() | AMOUNTS


def taxed(price: Case, amounts: list[str]) -> Fraction:
    """Percentages in the plainest count: an allowance ends when either part is used up."""
    events, money, total = price.get("free_events"), price.get("free_amount"), Fraction(0)
    seen, spent = 0, Fraction(0)
    for amount in map(Fraction, amounts):
        has_allowance = events is not None or money is not None
        in_events = events is None or seen < events
        in_money = money is None or spent < Fraction(money)
        left = amount
        if has_allowance and in_events and in_money:
            free = amount if money is None else min(amount, Fraction(money) - spent)
            left, seen, spent = amount - free, seen + 1, spent + free
            if left == 0:
                continue
        charged = left * Fraction(price["rate"]) / 100 + number(price, "fixed_amount")
        if price.get("min_per_event") is not None:
            charged = max(charged, Fraction(price["min_per_event"]))
        if price.get("max_per_event") is not None:
            charged = min(charged, Fraction(price["max_per_event"]))
        total += charged
    return total


@settings(max_examples=300)
@given(
    AMOUNTS, st.none() | st.integers(1, 4), st.none() | AMOUNTS, OPTIONAL, OPTIONAL, AMOUNTS, EVENTS
)
def test_percentages_in_the_plainest_count(
    rate: str,
    free_events: int | None,
    free_amount: str | None,
    low: str | None,
    high: str | None,
    fixed: str,
    amounts: list[str],
) -> None:
    if low and high:
        low, high = sorted([low, high], key=Fraction)
    if free_amount is not None and not Fraction(free_amount):
        free_amount = None
    price = {"model": "percentage", "rate": rate, "fixed_amount": fixed}
    price |= {"free_events": free_events, "free_amount": free_amount}  # type: ignore[dict-item]  # a case is any JSON
    price |= {"min_per_event": low, "max_per_event": high}  # type: ignore[dict-item]  # the same
    found = answer({"currency": "EUR", "price": price, "amounts": amounts})
    assert Fraction(found["amount"]) == taxed(price, amounts)
