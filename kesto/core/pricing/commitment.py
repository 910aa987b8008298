"""An amount that is committed to: it is due at least, and what goes above it has a factor."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import less, times
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part, amount_of, flat_part

ONE = Decimal(1)


class Commitment(Struct, frozen=True, gc=False):
    """Usage up to `amount` costs it, or only what was used without `true_up`.

    What goes above costs `overage_factor` times as much.
    """

    amount: Decimal
    overage_factor: Decimal = ONE
    true_up: bool = True


def parse_commitment(fields: Fields) -> Commitment:
    """Read a commitment."""
    commitment = Commitment(
        fields.decimal("amount"),
        fields.decimal("overage_factor", ONE),
        fields.flag("true_up", default=True),
    )
    fields.close()
    return commitment


def committed(parts: Sequence[Part], commitment: Commitment | None) -> list[Part]:
    """Return the parts with what the commitment adds to them."""
    if commitment is None:
        return list(parts)
    excess = less(amount_of(parts), commitment.amount)
    if excess < 0:
        added = [flat_part("commitment", -excess)] if commitment.true_up else []
        return [*parts, *added]
    dearer = times(excess, less(commitment.overage_factor, ONE))
    return [*parts, flat_part("overage", dearer)] if dearer else list(parts)
