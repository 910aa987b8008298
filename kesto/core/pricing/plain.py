"""A price as the plain fields that `parse_price` reads: how it is stored, sealed and sent."""

from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import shown
from kesto.core.pricing.capacity import Capacity
from kesto.core.pricing.dimensional import Dimensional
from kesto.core.pricing.spec import PriceSpec
from kesto.core.pricing.time_series import TimeSeries


def price_fields(spec: PriceSpec) -> dict[str, object]:
    """Write a price as a plain mapping: what `parse_price` reads, in one form for equal prices."""
    written = _written(spec)
    del written["name"], written["model"]
    if not spec.bucketed:
        del written["bucketed"]  # a stored price stays as it was before there were buckets
    return {"model": spec.name, **_model_fields(spec.model), **written}


def _model_fields(model: Struct) -> dict[str, object]:
    """Write a model's own fields; those that senders name themselves stand as they were named."""
    match model:
        case TimeSeries(code=code, margin=margin) if code:
            return {"series": code, "margin": shown(margin)}
        case TimeSeries(series=series, margin=margin, is_by_place=is_by_place):
            prices = {one.interval: shown(one.unit_amount) for one in series}
            written: object = list(prices.values()) if is_by_place else prices
            return {"series": written, "margin": shown(margin)}
        case Capacity(tiers=tiers):
            return {
                "tiers": [
                    {
                        "limits": {unit: shown(limit) for unit, limit in tier.limits},
                        "amount": shown(tier.amount),
                    }
                    for tier in tiers
                ]
            }
        case Dimensional(dimensions=dimensions, rows=rows):
            found = [{**dict(row.values), "price": price_fields(row.price)} for row in rows]
            is_open = not rows[-1].values
            return {
                "dimensions": list(dimensions),
                "rows": found[:-1] if is_open else found,
                **({"default": found[-1]} if is_open else {}),
            }
    return _written(model)


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
