"""The pricing models by name: each has its own fields and one short pure function."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.pricing import flat, graduated, package, per_unit, stairstep, volume
from kesto.core.pricing.part import Part

ModelSpec = (
    flat.Flat
    | per_unit.PerUnit
    | package.Package
    | graduated.Graduated
    | volume.Volume
    | stairstep.Stairstep
)


class Model(Struct, frozen=True):
    """How a model's fields are read, and how it prices a quantity in parts that explain it.

    A model is written for decimals; it prices fractions as well when its fields are fractions.
    """

    parse: Callable[[Fields], ModelSpec]
    parts: Callable[[Any, Any], list[Part]]


MODELS: dict[str, Model] = {
    "flat": Model(flat.parse, flat.flat),
    "per_unit": Model(per_unit.parse, per_unit.per_unit),
    "package": Model(package.parse, package.package),
    "graduated": Model(graduated.parse, graduated.graduated),
    "volume": Model(volume.parse, volume.volume),
    "stairstep": Model(stairstep.parse, stairstep.stairstep),
}
