"""What an exact amount is made of: parts that add up to it, with nothing rounded."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from kesto.core.exact import Exact, total

What = Literal[
    "flat",
    "units",
    "included",
    "packages",
    "tier",
    "tier_maximum",
    "step",
    "free_events",
    "free_amount",
    "percentage",
    "fixed_amounts",
    "event_minimum",
    "event_maximum",
    "amounts",
    "row",
    "capacity",
    "series",
    "margin",
    "bucket",
    "change",
    "tiers_entered",
    "previous",
    "share",
    "not_below_zero",
    "commitment",
    "overage",
    "maximum",
]


class Part(Struct, frozen=True, gc=False):
    """One step of an amount: `amount` = `quantity` x `unit_amount` + `flat_amount`.

    What goes by units is prorated by a share of the period, a flat amount never is.
    """

    what: What
    quantity: Exact
    unit_amount: Exact
    flat_amount: Exact
    amount: Exact


def flat_part(what: What, amount: Exact) -> Part:
    """Return a part that is one amount, whatever the quantity."""
    return Part(what, 1, 0, amount, amount)


def amount_of(parts: Sequence[Part]) -> Exact:
    """Return what the parts add up to."""
    if len(parts) == 1:
        return parts[0].amount
    return total(part.amount for part in parts)


def flat_amount_of(parts: Sequence[Part]) -> Exact:
    """Return the flat amounts in the parts."""
    return total(part.flat_amount for part in parts)
