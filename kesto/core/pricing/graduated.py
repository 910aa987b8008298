"""Each unit at the price of the tier it falls in."""

from decimal import Decimal

from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.pricing.part import Part
from kesto.core.pricing.tiers import Tier, entered, parse_tiers, tier_parts


class Graduated(Struct, frozen=True, gc=False):
    """Tiers that are filled one after the other."""

    tiers: tuple[Tier, ...]
    flat_at_zero: bool = False


def parse(fields: Fields) -> Graduated:
    """Read the model's own fields."""
    return Graduated(parse_tiers(fields), fields.flag("flat_at_zero", default=False))


def graduated(spec: Graduated, quantity: Decimal) -> list[Part]:
    """Fill the tiers in order; a tier's flat amount is due when the bound before it is passed."""
    return [
        part
        for tier, units in entered(spec.tiers, quantity, flat_at_zero=spec.flat_at_zero)
        for part in tier_parts(tier, units)
    ]
