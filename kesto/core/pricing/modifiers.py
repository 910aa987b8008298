"""What can be laid around any pricing model, in one order.

Transform the quantity, take off the included units, price, take off what earlier lines of the
period cost, prorate, cap at the maximum. Rounding and the minimum come after (see Priced).
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import accumulate
from typing import Literal

from msgspec import Struct, structs

from kesto.core.exact import EXACT, WHOLE, ZERO, Exact, in_fractions, less, times
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.models import MODELS
from kesto.core.pricing.part import Part, amount_of, flat_amount_of, flat_part
from kesto.core.pricing.priced import Priced
from kesto.core.pricing.spec import PriceSpec
from kesto.core.pricing.transform import transformed
from kesto.core.pricing.volume import Volume, picked
from kesto.core.refusals import Invalid

PartOfPeriod = Literal["only", "first", "middle", "last"]


class Change(Struct, frozen=True, gc=False):
    """Units that come (or go, below zero) within a period, and the share they are there for."""

    quantity: Decimal
    share: Fraction


def price(
    spec: PriceSpec,
    quantity: Decimal = ZERO,
    *,
    changes: Sequence[Change] = (),
    share: Fraction = WHOLE,
    minimum_share: Fraction | None = None,
    part: PartOfPeriod = "only",
    previous_quantity: Decimal = ZERO,
    previously_billed: Decimal = ZERO,
) -> Priced:
    """Price a quantity, or units that come and go, for a period or one of its lines.

    `share` prorates flat, unit and package prices and the minimum and maximum, never the flat
    amount of a tier; `minimum_share` prorates minimum and maximum instead of it. `part` says which
    line of the period this is; `previous_quantity` and `previously_billed` are the sums of the
    lines before.
    """
    if quantity < 0 or previous_quantity < 0:
        raise Invalid("a billed quantity is never below zero", code="negative", field="quantity")
    with localcontext(EXACT):
        if changes and not isinstance(spec.model, Flat):
            parts = _come_and_go(spec, changes)
        else:
            parts = _prorated(_line(spec, quantity, part, previous_quantity), share)
        limit_share = share if minimum_share is None else minimum_share
        parts = _capped(parts, spec.maximum, limit_share, previously_billed)
        is_settling = spec.minimum is not None and part in {"only", "last"}
        minimum = times(spec.minimum or ZERO, limit_share) if is_settling else None
        return Priced(amount_of(parts), tuple(parts), minimum, previously_billed)


def _line(
    spec: PriceSpec, quantity: Decimal, part: PartOfPeriod, previous_quantity: Decimal
) -> list[Part]:
    """Price one line of a period: everything so far, less what was before it."""
    match spec.model:
        case Flat(charged=charged):
            is_due = part in {"only", "first" if charged == "advance" else "last"}
            return _up_to(spec, quantity) if is_due else []
        case Volume():
            is_due = part in {"only", "last"}
            return _up_to(spec, previous_quantity + quantity) if is_due else []
    parts = _up_to(spec, previous_quantity + quantity)
    if part in {"only", "first"}:
        return parts
    before = _up_to(spec, previous_quantity)
    amount, flat = times(amount_of(before), -1), times(flat_amount_of(before), -1)
    return [*parts, Part("previous", 1, less(amount, flat), flat, amount)]


def _up_to(spec: PriceSpec, quantity: Decimal) -> list[Part]:
    """Price a period's whole quantity."""
    units: Exact = quantity
    if spec.transform_quantity is not None:
        units = transformed(spec.transform_quantity, quantity)
        if isinstance(units, Fraction):
            spec = in_fractions(spec)
    model = MODELS[spec.name]
    if not spec.included_units:
        return model.parts(spec.model, units)
    included = min(units, spec.included_units)
    parts = model.parts(spec.model, less(units, included))
    return [Part("included", included, 0, 0, ZERO), *parts]


def _come_and_go(spec: PriceSpec, changes: Sequence[Change]) -> list[Part]:
    """Price each change in the tiers it moves through, for its share of the period.

    The flat amounts of all tiers that were reached stay. In volume pricing the quantity at the end
    picks the tier for all of them.
    """
    levels = [max(level, ZERO) for level in accumulate(change.quantity for change in changes)]
    if isinstance(spec.model, Volume):
        spec = _picked(spec, spec.model, levels[-1])
    parts, before = [], _by_units(spec, ZERO)
    for change, level in zip(changes, levels, strict=True):
        after = _by_units(spec, level)
        step = less(after, before)
        parts.append(Part("change", change.share, step, 0, times(step, change.share)))
        before = after
    reached = flat_amount_of(_up_to(spec, max(levels)))
    if reached:
        parts.append(flat_part("tiers_entered", reached))
    amount = amount_of(parts)
    if amount < 0:
        parts.append(flat_part("not_below_zero", times(amount, -1)))
    return parts


def _picked(spec: PriceSpec, model: Volume, quantity: Decimal) -> PriceSpec:
    """Return a volume price with the tier that a quantity picks as its only one."""
    units: Exact = quantity
    if spec.transform_quantity is not None:
        units = transformed(spec.transform_quantity, quantity)
    units = max(less(units, spec.included_units), ZERO)
    return structs.replace(spec, model=picked(model, units))


def _by_units(spec: PriceSpec, quantity: Decimal) -> Exact:
    """Return what a quantity costs without the flat amounts of tiers."""
    parts = _up_to(spec, quantity)
    return less(amount_of(parts), flat_amount_of(parts))


def _prorated(parts: list[Part], share: Fraction) -> list[Part]:
    """Multiply what goes by units with the share; flat amounts of tiers stay whole."""
    if share == 1:
        return parts
    by_units = less(amount_of(parts), flat_amount_of(parts))
    if not by_units:
        return parts
    reduction = less(times(by_units, share), by_units)
    return [*parts, Part("share", share, by_units, times(by_units, -1), reduction)]


def _capped(
    parts: list[Part], maximum: Decimal | None, share: Fraction, previously_billed: Decimal
) -> list[Part]:
    """Cut a line to what the maximum leaves of the period."""
    if maximum is None:
        return parts
    room = max(less(times(maximum, share), previously_billed), ZERO)
    excess = less(amount_of(parts), room)
    return [*parts, flat_part("maximum", times(excess, -1))] if excess > 0 else parts
