"""What a pricing model is: how its fields are read, and one short pure function."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.pricing.part import Part

Takes = Literal["quantity", "amounts", "levels", "entries"]


class Model(Struct, frozen=True):
    """How a model's fields are read, and how it prices what was used in parts that explain it.

    A model is written for decimals; it prices fractions as well when its fields are fractions.
    `takes` is what it is asked for; what comes in amounts is never multiplied by a share.
    """

    parse: Callable[[Fields], Struct]
    parts: Callable[[Any, Any], list[Part]]
    takes: Takes = "quantity"
