"""A quantity in other units than it was measured in: bytes to started gigabytes."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from kesto.core.exact import Exact, fraction, narrowed, round_ratio
from kesto.core.fields import Fields


class Transform(Struct, frozen=True, gc=False):
    """Multiply or divide, then round to whole units."""

    multiply_by: Decimal | None = None
    divide_by: Decimal | None = None
    round: Literal["up", "down", "nearest", "none"] = "none"


def parse_transform(fields: Fields) -> Transform:
    """Read a transformation; it has one factor."""
    if fields.has("divide_by") and fields.has("multiply_by"):
        fields.refuse("contradiction", "multiply_by", "can't stand beside divide_by; give one")
    if not fields.has("divide_by") and not fields.has("multiply_by"):
        fields.refuse("missing", "divide_by", "is missing; give it or multiply_by")
    transform = Transform(
        fields.optional_positive("multiply_by"),
        fields.optional_positive("divide_by"),
        fields.choice("round", ("up", "down", "nearest", "none"), "none"),
    )
    fields.close()
    return transform


def transformed(transform: Transform, quantity: Exact) -> Decimal | Fraction:
    """Return the quantity in the new units; nearest rounds half away from zero."""
    exact = fraction(quantity)
    if transform.multiply_by is not None:
        exact *= fraction(transform.multiply_by)
    if transform.divide_by is not None:
        exact /= fraction(transform.divide_by)
    match transform.round:
        case "up":
            return Decimal(-(-exact.numerator // exact.denominator))
        case "down":
            return Decimal(exact.numerator // exact.denominator)
        case "nearest":
            return Decimal(round_ratio(exact.numerator, exact.denominator))
        case "none":
            return narrowed(exact)
