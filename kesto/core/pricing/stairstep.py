"""One amount for the tier that the quantity reaches."""

from decimal import Decimal

from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.pricing.part import Part
from kesto.core.pricing.tiers import Step, parse_steps, tier_at


class Stairstep(Struct, frozen=True, gc=False):
    """Steps, each with its whole price."""

    tiers: tuple[Step, ...]


def parse(fields: Fields) -> Stairstep:
    """Read the model's own fields."""
    return Stairstep(parse_steps(fields))


def stairstep(spec: Stairstep, quantity: Decimal) -> list[Part]:
    """Charge the amount of the step that holds the quantity; nothing for nothing."""
    if quantity == 0:
        return []
    amount = tier_at(spec.tiers, quantity).flat_amount
    return [Part("step", quantity, 0, amount, amount)]
