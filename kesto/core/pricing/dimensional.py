"""A price of its own for each kind of unit: by region, by size, by both."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.pricing.part import Part, amount_of, flat_part
from kesto.core.pricing.per_unit import PerUnit
from kesto.core.pricing.quantity_models import QUANTITY_MODELS
from kesto.core.pricing.spec import PriceSpec, read_price
from kesto.core.pricing.usage import Entry

OWN_FIELDS = ("quantity", "share", "unit_amount", "price")
MOST_ROWS = 10_000
MOST_DIMENSIONS = 6


class Row(Struct, frozen=True, gc=False):
    """The price of units that have these values; without values it is everyone's."""

    values: tuple[tuple[str, str], ...]
    price: PriceSpec


class Dimensional(Struct, frozen=True, gc=False):
    """Rows of prices by the values of dimensions; the one that says most about a unit prices it."""

    dimensions: tuple[str, ...]
    rows: tuple[Row, ...]


def parse(fields: Fields) -> Dimensional:
    """Read the model's own fields; the default is kept as the last row."""
    dimensions = _dimensions(fields)
    sections = fields.sections("rows") if fields.has("rows") else []
    if len(sections) > MOST_ROWS:
        fields.refuse("too_many", "rows", f"may be at most {MOST_ROWS}")
    rows, seen = [], set()
    for section in sections:
        row = _row(section, dimensions)
        if not row.values:
            section.refuse("missing", dimensions[0], "or another dimension must have a value")
        if row.values in seen:
            section.refuse(
                "twice", row.values[0][0], "and the rest of this row stand in an earlier row"
            )
        seen.add(row.values)
        rows.append(row)
    default = fields.optional_section("default")
    if default is not None:
        rows.append(_row(default, ()))
    if not rows:
        fields.refuse("missing", "rows", "is missing; give rows, or a default, or both")
    return Dimensional(dimensions, tuple(rows))


def places(spec: Dimensional, entries: Sequence[Entry]) -> list[int | None]:
    """Return which row prices each entry: the one with most of its values, the earlier of equals.

    None where no row fits and there is no default.
    """
    by_values = {row.values: place for place, row in enumerate(spec.rows)}
    return [_place(spec, by_values, dict(entry.keys)) for entry in entries]


def grouped(spec: Dimensional, entries: Sequence[Entry]) -> list[tuple[Row, list[Entry]]]:
    """Return the rows that entries fall in, in the order of the rows."""
    found: dict[int, list[Entry]] = {}
    for place, entry in zip(places(spec, entries), entries, strict=True):
        if place is not None:
            found.setdefault(place, []).append(entry)
    return [(spec.rows[place], found[place]) for place in sorted(found)]


def dimensional(_spec: Dimensional, priced: Sequence[Sequence[Part]]) -> list[Part]:
    """Say what each row comes to, from the parts of its own price."""
    return [_said(parts) for parts in priced if parts]


def _said(parts: Sequence[Part]) -> Part:
    first, amount = parts[0], amount_of(parts)
    if len(parts) == 1 and first.what == "units":
        return Part("row", first.quantity, first.unit_amount, 0, amount)
    return flat_part("row", amount)


def _place(
    spec: Dimensional, by_values: Mapping[tuple[tuple[str, str], ...], int], keys: dict[str, str]
) -> int | None:
    given = [(name, keys[name]) for name in spec.dimensions if name in keys]
    for size in range(len(given), -1, -1):
        found = [by_values[some] for some in combinations(given, size) if some in by_values]
        if found:
            return min(found)
    return None


def _dimensions(fields: Fields) -> tuple[str, ...]:
    names: list[str] = []
    for name in fields.items("dimensions"):
        if not isinstance(name, str) or not name:
            fields.refuse("bad_text", "dimensions", "must be a list of texts")
        if name in OWN_FIELDS or name in names:
            fields.refuse("bad_dimension", "dimensions", f"can't have {name!r} here, or twice")
        names.append(name)
    if not 1 <= len(names) <= MOST_DIMENSIONS:
        fields.refuse("bad_dimension", "dimensions", f"must be 1 to {MOST_DIMENSIONS} names")
    return tuple(names)


def _row(section: Fields, dimensions: Sequence[str]) -> Row:
    values = tuple((name, section.text(name)) for name in dimensions if section.has(name))
    if section.has("unit_amount") == section.has("price"):
        section.refuse("missing", "unit_amount", "or price must be given, and not both")
    if section.has("price"):
        price = read_price(section.require("price"), QUANTITY_MODELS, path=section.at("price"))
        if price.minimum is not None:
            section.refuse(
                "contradiction", "price.minimum", "is for the whole price, not for a row"
            )
    else:
        price = PriceSpec("per_unit", PerUnit(section.decimal("unit_amount")))
    section.close()
    return Row(values, price)
