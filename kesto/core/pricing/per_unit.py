"""The same price for each unit."""

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kesto.core.exact import fraction
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part

ONE = Decimal(1)


class PerUnit(Struct, frozen=True, gc=False):
    """A price for `per` units, one unless said otherwise."""

    unit_amount: Decimal
    per: Decimal = ONE


def parse(fields: Fields) -> PerUnit:
    """Read the model's own fields."""
    return PerUnit(fields.decimal("unit_amount"), fields.positive("per", ONE))


def per_unit(spec: PerUnit, quantity: Decimal) -> list[Part]:
    """Multiply the quantity by the price of a unit."""
    if spec.per == 1:
        return [Part("units", quantity, spec.unit_amount, 0, quantity * spec.unit_amount)]
    unit_amount: Fraction = fraction(spec.unit_amount) / fraction(spec.per)
    return [Part("units", quantity, unit_amount, 0, fraction(quantity) * unit_amount)]
