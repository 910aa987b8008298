"""A price: a pricing model with the modifiers that any model may carry."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import ZERO
from kesto.core.fields import Fields
from kesto.core.pricing.commitment import Commitment, parse_commitment
from kesto.core.pricing.model import Model
from kesto.core.pricing.transform import Transform, parse_transform


class PriceSpec(Struct, frozen=True, gc=False):
    """What a price charges; amounts are major units of a currency that stands elsewhere.

    `model` holds the fields of the model called `name`. A bucketed price prices each entry of its
    usage by itself.
    """

    name: str
    model: Struct
    included_units: Decimal = ZERO
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    transform_quantity: Transform | None = None
    commitment: Commitment | None = None
    bucketed: bool = False


def read_price(
    values: object, models: Mapping[str, Model], *, path: str = "", is_metered: bool = True
) -> PriceSpec:
    """Read a price of one of these models; commitments and buckets go with metered ones only."""
    fields = Fields(values, path)
    name = fields.text("model")
    if name not in models:
        fields.refuse("unknown_model", "model", f"{name!r} is unknown; known: {', '.join(models)}")
    spec = PriceSpec(
        name,
        models[name].parse(fields),
        fields.decimal("included_units", ZERO),
        fields.optional_decimal("minimum"),
        fields.optional_decimal("maximum"),
        _transform(fields),
        _commitment(fields) if is_metered else None,
        fields.flag("bucketed", default=False) if is_metered else False,
    )
    fields.close()
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        fields.refuse("contradiction", "minimum", "may not be above the maximum")
    return spec


def _transform(fields: Fields) -> Transform | None:
    given = fields.optional_section("transform_quantity")
    return None if given is None else parse_transform(given)


def _commitment(fields: Fields) -> Commitment | None:
    given = fields.optional_section("commitment")
    return None if given is None else parse_commitment(given)
