"""A price: a pricing model with the modifiers that any model may carry."""

from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import ZERO
from kesto.core.fields import Fields
from kesto.core.pricing.models import MODELS, ModelSpec
from kesto.core.pricing.transform import Transform, parse_transform


class PriceSpec(Struct, frozen=True, gc=False):
    """What a price charges; amounts are major units of a currency that stands elsewhere."""

    name: str
    model: ModelSpec
    included_units: Decimal = ZERO
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    transform_quantity: Transform | None = None


def parse_price(values: object, *, path: str = "") -> PriceSpec:
    """Read a price from a plain mapping; `path` is where it stands, for refusals.

    Raises Invalid naming the field: an unknown model or field, a negative amount, tiers that
    don't rise.
    """
    fields = Fields(values, path)
    name = fields.text("model")
    if name not in MODELS:
        fields.refuse("unknown_model", "model", f"{name!r} is unknown; known: {', '.join(MODELS)}")
    spec = PriceSpec(
        name,
        MODELS[name].parse(fields),
        fields.decimal("included_units", ZERO),
        fields.optional_decimal("minimum"),
        fields.optional_decimal("maximum"),
        _transform(fields),
    )
    fields.close()
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        fields.refuse("contradiction", "minimum", "may not be above the maximum")
    return spec


def _transform(fields: Fields) -> Transform | None:
    given = fields.optional_section("transform_quantity")
    return None if given is None else parse_transform(given)
