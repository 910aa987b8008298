"""The pricing models that price one quantity."""

from kesto.core.pricing import flat, graduated, package, per_unit, stairstep, volume
from kesto.core.pricing.model import Model

QUANTITY_MODELS: dict[str, Model] = {
    "flat": Model(flat.parse, flat.flat),
    "per_unit": Model(per_unit.parse, per_unit.per_unit),
    "package": Model(package.parse, package.package),
    "graduated": Model(graduated.parse, graduated.graduated),
    "volume": Model(volume.parse, volume.volume),
    "stairstep": Model(stairstep.parse, stairstep.stairstep),
}
