"""Invoices counted a second time in the plainest way, beside the calculator."""

from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kesto.calculate import calculate
from tests.contracts.naive_prices_test import AMOUNTS, CURRENCIES, DIGITS, rounded

Case = dict[str, Any]

SIGNED = st.one_of(AMOUNTS, AMOUNTS.map(lambda text: f"-{text}"), st.just("0.005"))
RATES = st.sampled_from(["0", "8.25", "14", "25.5", "23.33"])
TAGS = st.sampled_from(["usage", "plan"])


@st.composite
def lines(draw: st.DrawFn) -> list[Case]:
    return [
        {
            "id": str(place),
            "amount": draw(SIGNED),
            "tax_rate": draw(RATES),
            "tax_category": draw(st.sampled_from(["S", "Z"])),
            "gross": draw(st.booleans()),
            "tags": draw(st.lists(TAGS, max_size=1)),
        }
        for place in range(draw(st.integers(1, 5)))
    ]


@st.composite
def discounts(draw: st.DrawFn) -> Case:
    kind = draw(st.sampled_from(["percent", "amount"]))
    value = draw(st.sampled_from(["10", "33.333", "100", "0.5"])) if kind == "percent" else None
    discount: Case = {"kind": kind, "value": value or draw(AMOUNTS)}
    match draw(st.sampled_from(["all", "line", "tag"])):
        case "line":
            discount["applies_to"] = {"lines": ["0"]}
        case "tag":
            discount["applies_to"] = {"tags": [draw(TAGS)]}
    return discount


def applies(discount: Case, line: Case) -> bool:
    match discount.get("applies_to"):
        case {"lines": names}:
            return line["id"] in names
        case {"tags": tags}:
            return bool(set(tags) & set(line["tags"]))
    return True


def spread(total: int, weights: list[Fraction]) -> list[int]:
    """Whole units in proportion: rounded down, the rest to the largest remainders."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    shares = [floor(share) for share in exact]
    order = sorted(range(len(exact)), key=lambda place: (shares[place] - exact[place], place))
    for place in order[: total - sum(shares)]:
        shares[place] += 1
    return shares


def discounted(asked: Case) -> tuple[list[Fraction], list[Fraction]]:
    """What is left of each line, and what each discount took."""
    unit = 10 ** DIGITS[asked["currency"]]
    left = [rounded(Fraction(line["amount"]), asked["currency"]) for line in asked["lines"]]
    taken = []
    for discount in asked["discounts"]:
        reached = [
            amount if applies(discount, line) else Fraction(0)
            for amount, line in zip(left, asked["lines"], strict=True)
        ]
        reach = [max(amount, Fraction(0)) for amount in reached]
        value = Fraction(discount["value"])
        if discount["kind"] == "percent":
            base = max(sum(reached, Fraction(0)), Fraction(0))
            off = rounded(base * value / 100, asked["currency"])
        else:
            off = min(rounded(value, asked["currency"]), sum(reach, Fraction(0)))
        shares = spread(int(off * unit), [amount * unit for amount in reach])
        left = [amount - Fraction(share, unit) for amount, share in zip(left, shares, strict=True)]
        taken.append(Fraction(sum(shares), unit))
    return left, taken


def taxed(asked: Case, left: list[Fraction]) -> tuple[Fraction, Fraction]:
    """Net and tax, once for each category and rate, of net and of inclusive lines."""
    net = tax = Fraction(0)
    currency = asked["currency"]
    pairs = list(zip(asked["lines"], left, strict=True))
    for category, rate in {(line["tax_category"], line["tax_rate"]) for line in asked["lines"]}:
        group = [
            pair
            for pair in pairs
            if (pair[0]["tax_category"], pair[0]["tax_rate"]) == (category, rate)
        ]
        plain = sum((amount for line, amount in group if not line["gross"]), Fraction(0))
        inclusive = sum((amount for line, amount in group if line["gross"]), Fraction(0))
        percent = Fraction(rate)
        inside = rounded(inclusive * percent / (100 + percent), currency)
        tax += rounded(plain * percent / 100, currency) + inside
        net += plain + inclusive - inside
    return net, tax


@settings(max_examples=300)
@given(
    lines(), st.lists(discounts(), max_size=3), CURRENCIES, st.integers(0, 90), st.integers(0, 50)
)
def test_an_invoice_in_the_plainest_count(
    rows: list[Case], off: list[Case], currency: str, wallet: int, paid: int
) -> None:
    asked: Case = {"op": "invoice", "currency": currency, "lines": rows, "discounts": off}
    if len({line["gross"] for line in rows}) > 1:
        rows = asked["lines"] = [line | {"gross": False} for line in rows]
    asked |= {"wallet": str(wallet), "paid": str(paid)}
    found: Case = calculate(asked)
    assert "error" not in found, found
    left, taken = discounted(asked)
    assert [Fraction(row["net"]) for row in found["lines"]] == left
    assert [Fraction(row["amount"]) for row in found["discounts"]] == taken
    net, tax = taxed(asked, left)
    assert (Fraction(found["net"]), Fraction(found["tax_total"])) == (net, tax)
    used = max(min(Fraction(wallet), net + tax - paid), Fraction(0))
    assert Fraction(found["total"]) == net + tax
    assert Fraction(found["wallet_used"]) == used
    assert Fraction(found["wallet_left"]) == wallet - used
    assert Fraction(found["due"]) == net + tax - paid - used
