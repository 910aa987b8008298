"""One amount for the period, whatever the quantity."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.pricing.part import Part

Charged = Literal["advance", "arrears"]


class Flat(Struct, frozen=True, gc=False):
    """An amount; in a period of several lines it is due on the first or on the last."""

    amount: Decimal
    charged: Charged = "advance"


def parse(fields: Fields) -> Flat:
    """Read the model's own fields."""
    return Flat(
        fields.decimal("amount"), fields.choice("charged", ("advance", "arrears"), "advance")
    )


def flat(spec: Flat, _quantity: Decimal) -> list[Part]:
    """Charge the amount once."""
    return [Part("flat", 1, spec.amount, 0, spec.amount)]
