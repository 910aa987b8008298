"""One quantity priced: converted, the included units taken off, then the model."""

from collections.abc import Sequence
from fractions import Fraction

from kesto.core.exact import ZERO, Exact, in_fractions, less, times
from kesto.core.pricing.models import MODELS
from kesto.core.pricing.part import Part, amount_of, flat_amount_of, flat_part
from kesto.core.pricing.spec import PriceSpec
from kesto.core.pricing.transform import transformed


def priced_quantity(spec: PriceSpec, quantity: Exact) -> list[Part]:
    """Price a period's whole quantity."""
    units = in_units(spec, quantity)
    if isinstance(units, Fraction):
        spec = in_fractions(spec)
    model = MODELS[spec.name]
    if not spec.included_units:
        return model.parts(spec.model, units)
    included = min(max(units, ZERO), spec.included_units)
    parts = model.parts(spec.model, less(units, included))
    return [Part("included", included, 0, 0, ZERO), *parts]


def in_units(spec: PriceSpec, quantity: Exact) -> Exact:
    """Return a quantity in the units of its price."""
    if spec.transform_quantity is None:
        return quantity
    return transformed(spec.transform_quantity, quantity)


def by_units(parts: Sequence[Part]) -> Exact:
    """Return what goes by units, without the flat amounts of tiers."""
    return less(amount_of(parts), flat_amount_of(parts))


def prorated(parts: list[Part], share: Fraction) -> list[Part]:
    """Multiply what goes by units with the share; flat amounts of tiers stay whole."""
    if share == 1:
        return parts
    whole = by_units(parts)
    if not whole:
        return parts
    reduction = less(times(whole, share), whole)
    return [*parts, Part("share", share, whole, times(whole, -1), reduction)]


def capped(parts: list[Part], room: Exact | None) -> list[Part]:
    """Cut to the room that a maximum leaves; none is no maximum."""
    if room is None:
        return parts
    excess = less(amount_of(parts), room)
    return [*parts, flat_part("maximum", -excess)] if excess > 0 else parts
