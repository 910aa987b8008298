"""Units that come and go within a period: each change is priced in the tiers it moves through."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

from msgspec import structs

from kesto.core.exact import ZERO, Exact, less, times
from kesto.core.pricing.part import Part, amount_of, flat_amount_of, flat_part
from kesto.core.pricing.quantities import by_units, in_units, priced_quantity
from kesto.core.pricing.spec import PriceSpec
from kesto.core.pricing.usage import Entry
from kesto.core.pricing.volume import Volume, picked


def come_and_go(spec: PriceSpec, changes: Sequence[Entry], share: Fraction) -> list[Part]:
    """Price each change in the tiers it moves through, for its share of the period.

    The flat amounts of all tiers that were reached stay. In volume pricing the quantity at the end
    picks the tier for all of them. `share` is that of changes without their own.
    """
    moved = accumulate(change.quantity for change in changes)
    levels = [max(level, ZERO) for level in moved]
    if isinstance(spec.model, Volume):
        spec = _picked(spec, spec.model, levels[-1])
    parts, before = [], by_units(priced_quantity(spec, ZERO))
    for change, level in zip(changes, levels, strict=True):
        own_share = share if change.share is None else change.share
        after = by_units(priced_quantity(spec, level))
        step = less(after, before)
        parts.append(Part("change", own_share, step, 0, times(step, own_share)))
        before = after
    reached = flat_amount_of(priced_quantity(spec, max(levels)))
    if reached:
        parts.append(flat_part("tiers_entered", reached))
    amount = amount_of(parts)
    if amount < 0:
        parts.append(flat_part("not_below_zero", times(amount, -1)))
    return parts


def _picked(spec: PriceSpec, model: Volume, quantity: Exact) -> PriceSpec:
    """Return a volume price with the tier that a quantity picks as its only one."""
    units = max(less(in_units(spec, quantity), spec.included_units), ZERO)
    return structs.replace(spec, model=picked(model, units))
