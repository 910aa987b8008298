"""Whole packages of units."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from kesto.core.exact import ZERO
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part


class Package(Struct, frozen=True, gc=False):
    """A price for a package; units above the free ones are sold in whole packages."""

    package_size: Decimal
    package_amount: Decimal
    free_units: Decimal = ZERO
    round: Literal["up", "down"] = "up"


def parse(fields: Fields) -> Package:
    """Read the model's own fields."""
    return Package(
        fields.positive("package_size"),
        fields.decimal("package_amount"),
        fields.decimal("free_units", ZERO),
        fields.choice("round", ("up", "down"), "up"),
    )


def package(spec: Package, quantity: Decimal) -> list[Part]:
    """Charge each started package, or each full one when rounded down."""
    free = min(quantity, spec.free_units)
    packages, rest = divmod(quantity - free, spec.package_size)
    if rest > 0 and spec.round == "up":
        packages += 1
    sold = Part("packages", packages, spec.package_amount, 0, packages * spec.package_amount)
    return [Part("included", free, 0, 0, ZERO), sold] if free else [sold]
