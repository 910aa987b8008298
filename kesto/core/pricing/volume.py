"""All units at the price of the tier that the whole quantity reaches."""

from decimal import Decimal

from msgspec import Struct, structs

from kesto.core.exact import Exact
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part
from kesto.core.pricing.tiers import Tier, parse_tiers, tier_at, tier_parts


class Volume(Struct, frozen=True, gc=False):
    """Tiers of which the whole quantity picks one."""

    tiers: tuple[Tier, ...]
    flat_at_zero: bool = False


def parse(fields: Fields) -> Volume:
    """Read the model's own fields."""
    return Volume(parse_tiers(fields), fields.flag("flat_at_zero", default=False))


def volume(spec: Volume, quantity: Decimal) -> list[Part]:
    """Price every unit in the tier that holds the quantity."""
    if quantity == 0 and not spec.flat_at_zero:
        return []
    return tier_parts(tier_at(spec.tiers, quantity), quantity)


def picked(spec: Volume, quantity: Exact) -> Volume:
    """Return the price with the tier of a quantity as its only one, to price a part of it."""
    only = structs.replace(tier_at(spec.tiers, quantity), up_to=None)
    return structs.replace(spec, tiers=(only,))
