"""One amount for the size that holds the highest level of every unit."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from kesto.core.exact import Exact
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part, flat_part
from kesto.core.pricing.tiers import tier_sections


class Size(Struct, frozen=True, gc=False):
    """A size with its whole price; a unit without a limit is unlimited."""

    limits: tuple[tuple[str, Decimal], ...]
    amount: Decimal

    def holds(self, levels: Mapping[str, Exact]) -> bool:
        """Tell whether no level is above its limit."""
        return all(levels.get(unit, 0) <= limit for unit, limit in self.limits)


class Capacity(Struct, frozen=True, gc=False):
    """Sizes from the smallest to the largest."""

    tiers: tuple[Size, ...]


def parse(fields: Fields) -> Capacity:
    """Read the model's own fields."""
    return Capacity(tuple(_size(section) for section in tier_sections(fields)))


def capacity(spec: Capacity, levels: Mapping[str, Exact]) -> list[Part]:
    """Charge the first size that holds every level, the last one when none does."""
    size = next((size for size in spec.tiers if size.holds(levels)), spec.tiers[-1])
    return [flat_part("capacity", size.amount)]


def _size(section: Fields) -> Size:
    limits = section.optional_section("limits")
    units = () if limits is None else tuple((u, limits.decimal(u)) for u in limits.names())
    size = Size(units, section.decimal("amount"))
    section.close()
    return size
