"""The pricing models by name: each has its own fields and one short pure function."""

from kesto.core.pricing import (
    capacity,
    dimensional,
    dynamic,
    graduated_percentage,
    percentage,
    time_series,
)
from kesto.core.pricing.model import Model
from kesto.core.pricing.quantity_models import QUANTITY_MODELS
from kesto.core.pricing.spec import PriceSpec, read_price

MODELS: dict[str, Model] = QUANTITY_MODELS | {
    "percentage": Model(percentage.parse, percentage.percentage, "amounts"),
    "graduated_percentage": Model(
        graduated_percentage.parse, graduated_percentage.graduated_percentage, "amounts"
    ),
    "dynamic": Model(dynamic.parse, dynamic.dynamic, "amounts"),
    "dimensional": Model(dimensional.parse, dimensional.dimensional, "entries"),
    "capacity": Model(capacity.parse, capacity.capacity, "levels"),
    "time_series": Model(time_series.parse, time_series.time_series, "entries"),
}


def parse_price(values: object, *, path: str = "", is_metered: bool = True) -> PriceSpec:
    """Read a price from a plain mapping; `path` is where it stands, for refusals.

    A price that is not metered is one that a plain quantity is enough for. Raises Invalid naming
    the field: an unknown model or field, a negative amount, tiers that don't rise.
    """
    models = MODELS if is_metered else QUANTITY_MODELS
    return read_price(values, models, path=path, is_metered=is_metered)
