"""A price as the plain fields that `parse_price` reads: how it is stored, sealed and sent."""

from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import shown
from kesto.core.pricing.spec import PriceSpec


def price_fields(spec: PriceSpec) -> dict[str, object]:
    """Write a price as a plain mapping: what `parse_price` reads, in one form for equal prices."""
    written = _written(spec)
    del written["name"], written["model"]
    return {"model": spec.name, **_written(spec.model), **written}


def _written(values: Struct) -> dict[str, object]:
    return {
        name: _plain(value)
        for name in values.__struct_fields__
        if (value := getattr(values, name)) is not None
    }


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return shown(value)
        case Struct():
            return _written(value)
        case tuple():
            return [_plain(item) for item in value]
    return value
