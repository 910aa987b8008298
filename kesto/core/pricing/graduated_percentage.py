"""Each part of an amount at the percentage of the tier it falls in."""

from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import ZERO
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part
from kesto.core.pricing.tiers import Bounded, check_bounds, entered, tier_sections


class RateTier(Bounded, frozen=True, gc=False):
    """`rate` percent of what falls in the tier, and an amount once it is entered."""

    rate: Decimal
    flat_amount: Decimal = ZERO


class GraduatedPercentage(Struct, frozen=True, gc=False):
    """Tiers of an amount that are filled one after the other."""

    tiers: tuple[RateTier, ...]
    flat_at_zero: bool = False


def parse(fields: Fields) -> GraduatedPercentage:
    """Read the model's own fields."""
    sections = tier_sections(fields)
    tiers = []
    for section in sections:
        if not (section.has("rate") or section.has("flat_amount")):
            section.refuse("missing", "rate", "is missing; give it, or a flat_amount, or both")
        tiers.append(
            RateTier(
                section.optional_decimal("up_to"),
                section.decimal("rate", ZERO),
                section.decimal("flat_amount", ZERO),
            )
        )
        section.close()
    check_bounds(sections, [tier.up_to for tier in tiers])
    return GraduatedPercentage(tuple(tiers), fields.flag("flat_at_zero", default=False))


def graduated_percentage(spec: GraduatedPercentage, quantity: Decimal) -> list[Part]:
    """Take each tier's percentage; `quantity` is the sum of the amounts, in major units."""
    return [
        _part(tier, units)
        for tier, units in entered(spec.tiers, quantity, flat_at_zero=spec.flat_at_zero)
    ]


def _part(tier: RateTier, units: Decimal) -> Part:
    rate = tier.rate / 100
    amount = units * rate + tier.flat_amount
    return Part("percentage", units, rate, tier.flat_amount, amount)
