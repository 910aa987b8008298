"""A percentage of each transaction, and an amount for each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from kesto.core.exact import ZERO, Exact
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part, flat_part


class Percentage(Struct, frozen=True, gc=False):
    """`rate` percent of a transaction and a fixed amount; some events, or an amount, are free.

    The minimum and the maximum of a transaction include its fixed amount. An allowance of 0 is
    none.
    """

    rate: Decimal
    fixed_amount: Decimal = ZERO
    free_events: int = 0
    free_amount: Decimal = ZERO
    min_per_event: Decimal | None = None
    max_per_event: Decimal | None = None


class Allowance(Struct, frozen=True, gc=False):
    """Transactions after the allowance: how many were free, worth how much, and what is paid for.

    A transaction that crosses the free amount is paid for its excess only.
    """

    free_events: int
    free_amount: Any
    paying: tuple[Any, ...]


def parse(fields: Fields) -> Percentage:
    """Read the model's own fields."""
    spec = Percentage(
        fields.decimal("rate"),
        fields.decimal("fixed_amount", ZERO),
        fields.count("free_events", 0),
        fields.decimal("free_amount", ZERO),
        fields.optional_decimal("min_per_event"),
        fields.optional_decimal("max_per_event"),
    )
    least, most = spec.min_per_event, spec.max_per_event
    if least is not None and most is not None and least > most:
        fields.refuse("contradiction", "min_per_event", "may not be above max_per_event")
    return spec


def percentage(spec: Percentage, amounts: Sequence[Exact], used: Exact = ZERO) -> list[Part]:
    """Price each transaction that is not free; `used` is what went before of the free amount."""
    allowed = _allowance(spec, amounts, used)
    rate = spec.rate / 100
    base, number = sum(allowed.paying), len(allowed.paying)
    parts = []
    if allowed.free_events:
        parts.append(Part("free_events", allowed.free_events, 0, 0, 0))
    if allowed.free_amount:
        parts.append(Part("free_amount", allowed.free_amount, 0, 0, 0))
    parts.append(Part("percentage", base, rate, 0, base * rate))
    if spec.fixed_amount and number:
        fixed = number * spec.fixed_amount
        parts.append(Part("fixed_amounts", number, spec.fixed_amount, 0, fixed))
    prices = [amount * rate + spec.fixed_amount for amount in allowed.paying]
    return parts + _limits(spec, prices)


def _limits(spec: Percentage, prices: Sequence[Any]) -> list[Part]:
    """Say what the minimum and the maximum of a transaction change, over all of them."""
    least, most = spec.min_per_event, spec.max_per_event
    raised = 0 if least is None else sum(max(least - price, 0) for price in prices)
    cut = 0 if most is None else sum(min(most - price, 0) for price in prices)
    parts = [flat_part("event_minimum", raised)] if raised else []
    return [*parts, flat_part("event_maximum", cut)] if cut else parts


def _allowance(spec: Percentage, amounts: Sequence[Any], used: Any) -> Allowance:
    """Let transactions go free in order until the events or the amount are used up.

    A refund gives back what was used of the free amount, never more.
    """
    free_events = 0
    is_open = bool(spec.free_events or spec.free_amount)
    paying = []
    for amount in amounts:
        is_open = (
            is_open
            and (not spec.free_events or free_events < spec.free_events)
            and (not spec.free_amount or used < spec.free_amount)
        )
        excess = used + amount - spec.free_amount if spec.free_amount else 0
        if not is_open:
            paying.append(amount)
        elif excess > 0:
            paying.append(excess)
            used = spec.free_amount
        else:
            free_events += 1
            used = max(used + amount, 0)
    return Allowance(free_events, sum(amounts) - sum(paying), tuple(paying))
