"""Amounts that come with the events: what each one costs is known where it happens."""

from decimal import Decimal

from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.pricing.part import Part, flat_part


class Dynamic(Struct, frozen=True, gc=False):
    """A price without figures of its own."""


def parse(_fields: Fields) -> Dynamic:
    """Read the model's own fields: there are none."""
    return Dynamic()


def dynamic(_spec: Dynamic, quantity: Decimal) -> list[Part]:
    """Charge the sum of the amounts, in major units; refunds count below zero."""
    return [flat_part("amounts", quantity)]
