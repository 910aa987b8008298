"""Which plans took the place of others between two invoices, and what that made of the sum."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from kesto.core.line import RECURRING, Line


class OfPlan(NamedTuple):
    """The subscription of a plan's item, and the code of the plan."""

    subscription_id: UUID
    plan: str


class Swap(NamedTuple):
    """A plan in the place of another one, and what all of its lines together changed."""

    before: str
    now: str
    amount_minor: int


class Apart(NamedTuple):
    """The swaps between two invoices, and the lines of each that are not told by them."""

    swaps: tuple[Swap, ...]
    before: tuple[Line, ...]
    now: tuple[Line, ...]


def plan_swaps(before: Sequence[Line], now: Sequence[Line], plans: Mapping[UUID, OfPlan]) -> Apart:
    """Take the plans apart that other ones replaced: their recurring lines tell one cause.

    What is credited of the old plan, its last line and all lines of the new one belong together.
    Usage and what is sold once stay as they are: they have causes of their own.
    """
    earlier, later = _latest(before, plans), _latest(now, plans)
    pairs = {
        own: (earlier[own], later[own])
        for own in earlier.keys() & later.keys()
        if earlier[own] != later[own]
    }

    def swapped(line: Line) -> UUID | None:
        """The subscription whose swap a line belongs to."""
        of = plans.get(line.item_id)
        is_told = of is not None and of.plan in pairs.get(of.subscription_id, ())
        return of.subscription_id if of and is_told and line.rated.kind == RECURRING else None

    sums = dict.fromkeys(pairs, 0)
    for sign, lines in ((-1, before), (1, now)):
        for line in lines:
            own = swapped(line)
            if own is not None:
                sums[own] += sign * line.rated.amount_minor
    return Apart(
        tuple(Swap(*pairs[own], amount_minor) for own, amount_minor in sums.items()),
        tuple(line for line in before if swapped(line) is None),
        tuple(line for line in now if swapped(line) is None),
    )


def _latest(lines: Sequence[Line], plans: Mapping[UUID, OfPlan]) -> dict[UUID, str]:
    """The plan of each subscription's last regular period."""
    found: dict[UUID, str] = {}
    for line in sorted(lines, key=lambda line: line.rated.period_start):
        of = plans.get(line.item_id)
        if of is not None and line.rated.kind == RECURRING and line.rated.revision == 1:
            found[of.subscription_id] = of.plan
    return found
