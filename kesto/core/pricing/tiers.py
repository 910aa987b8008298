"""Tiers: ranges of a quantity with their own prices; bounds are inclusive and tiers meet."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

from msgspec import Struct

from kesto.core.exact import ZERO, Exact
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part

MOST_TIERS = 1000


class Bounded(Struct, frozen=True, gc=False):
    """A range that ends at and includes `up_to` (None: without end)."""

    up_to: Decimal | None


class Tier(Bounded, frozen=True, gc=False):
    """Prices up to and including `up_to` (None: without end).

    With a `package_size` the tier sells blocks and `unit_amount` is the price of a started block.
    `maximum` caps the tier, its flat amount included.
    """

    unit_amount: Decimal = ZERO
    flat_amount: Decimal = ZERO
    maximum: Decimal | None = None
    package_size: Decimal | None = None


class Step(Bounded, frozen=True, gc=False):
    """The whole price up to and including `up_to` (None: without end)."""

    flat_amount: Decimal


Range = TypeVar("Range", bound=Bounded)


def parse_tiers(fields: Fields) -> tuple[Tier, ...]:
    """Read tiers with prices by unit and flat amounts."""
    sections = tier_sections(fields)
    tiers = tuple(_parse_tier(section) for section in sections)
    check_bounds(sections, [tier.up_to for tier in tiers])
    return tiers


def parse_steps(fields: Fields) -> tuple[Step, ...]:
    """Read tiers with flat amounts only."""
    sections = tier_sections(fields)
    steps = []
    for section in sections:
        up_to, flat_amount = section.optional_decimal("up_to"), section.decimal("flat_amount")
        section.close()
        steps.append(Step(up_to, flat_amount))
    check_bounds(sections, [step.up_to for step in steps])
    return tuple(steps)


def tier_sections(fields: Fields) -> list[Fields]:
    """Read the tiers as they were sent, at least one."""
    sections = fields.sections("tiers")
    if not 1 <= len(sections) <= MOST_TIERS:
        fields.refuse("bad_tiers", "tiers", f"must be a list of 1 to {MOST_TIERS} tiers")
    return sections


def check_bounds(sections: list[Fields], bounds: list[Decimal | None]) -> None:
    """Refuse bounds that don't rise from above zero to a last tier without end."""
    floor = ZERO
    for section, bound in zip(sections[:-1], bounds[:-1], strict=True):
        if bound is None:
            section.refuse("bad_tiers", "up_to", "is missing; only the last tier has no bound")
        if bound <= floor:
            section.refuse("bad_tiers", "up_to", f"must be above {floor}: bounds rise")
        floor = bound
    if bounds[-1] is not None:
        sections[-1].refuse("bad_tiers", "up_to", "must be null: the last tier has no bound")


def entered(
    tiers: tuple[Range, ...], quantity: Decimal, *, flat_at_zero: bool
) -> Iterator[tuple[Range, Decimal]]:
    """Return the tiers that a quantity enters, each with the units that fall in it.

    A tier is entered when the bound before it is passed; the first one with `flat_at_zero` always.
    """
    floor: Any = 0  # a plain 0 goes with fractions too
    for place, tier in enumerate(tiers):
        if quantity <= floor and not (place == 0 and flat_at_zero):
            return
        ceiling = quantity if tier.up_to is None else min(quantity, tier.up_to)
        yield tier, ceiling - floor
        floor = ceiling


def tier_at(tiers: tuple[Range, ...], quantity: Exact) -> Range:
    """Return the tier that holds a quantity; on a bound it is the lower one."""
    return next(tier for tier in tiers if tier.up_to is None or quantity <= tier.up_to)


def tier_parts(tier: Tier, units: Decimal) -> list[Part]:
    """Price units in one tier that is entered."""
    quantity = units
    if tier.package_size is not None:
        blocks, rest = divmod(units, tier.package_size)
        quantity = blocks + (1 if rest > 0 else 0)
    by_units = quantity * tier.unit_amount
    flat = tier.flat_amount
    if tier.maximum is None or by_units + flat <= tier.maximum:
        return [Part("tier", quantity, tier.unit_amount, flat, by_units + flat)]
    flat = min(flat, tier.maximum)
    excess = tier.maximum - flat - by_units
    return [
        Part("tier", quantity, tier.unit_amount, flat, by_units + flat),
        Part("tier_maximum", 1, excess, 0, excess),
    ]


def _parse_tier(section: Fields) -> Tier:
    if not (section.has("unit_amount") or section.has("flat_amount")):
        section.refuse("missing", "unit_amount", "is missing; give it, or a flat_amount, or both")
    tier = Tier(
        section.optional_decimal("up_to"),
        section.decimal("unit_amount", ZERO),
        section.decimal("flat_amount", ZERO),
        section.optional_decimal("maximum"),
        section.optional_positive("package_size"),
    )
    section.close()
    return tier
