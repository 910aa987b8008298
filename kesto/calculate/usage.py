"""What a price is asked for, read from a request in the kind that its model takes."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from kesto.calculate.given import given_share
from kesto.core.exact import ZERO
from kesto.core.fields import Fields
from kesto.core.pricing import MODELS, Entry, PartOfPeriod, PriceSpec, Usage
from kesto.core.pricing.dimensional import Dimensional, Row, grouped, places
from kesto.core.pricing.dynamic import Dynamic
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.graduated_percentage import GraduatedPercentage
from kesto.core.pricing.per_unit import PerUnit
from kesto.core.pricing.percentage import Percentage
from kesto.core.pricing.time_series import INTERVAL, TimeSeries, interval_key
from kesto.core.pricing.volume import Volume


class Before(Struct, frozen=True):
    """Which line of a period this is, and what the lines before it came to."""

    part: PartOfPeriod
    quantity: Decimal
    billed: Decimal

    @property
    def is_later(self) -> bool:
        """Whether there were lines before."""
        return self.part in {"middle", "last"}


def given_usage(fields: Fields, spec: PriceSpec, before: Before) -> Usage:
    """Read what was used; what the price can't be computed from is refused."""
    if isinstance(spec.model, TimeSeries) and spec.model.code:
        reason = "must be an object or a list of prices: a price series is known to its merchant"
        fields.refuse("not_an_object", "price.series", reason)
    match MODELS[spec.name].takes:
        case "amounts":
            usage = _amounts(fields, spec)
        case "levels":
            usage = _levels(fields)
        case _:
            usage = _quantities(fields, spec)
    _refuse_below_zero(fields, spec, usage, before)
    _refuse_unknown_past(fields, spec, usage, before)
    return usage


def _amounts(fields: Fields, spec: PriceSpec) -> Usage:
    """Read the amounts of transactions, in major units; refunds are below zero."""
    is_sum = isinstance(spec.model, GraduatedPercentage)
    if is_sum and fields.has("quantity"):
        if fields.has("amounts"):
            fields.refuse("contradiction", "amounts", "can't stand beside quantity; give one")
        return Usage(amounts=(fields.decimal("quantity"),))
    if isinstance(spec.model, Dynamic):
        fields.optional_decimal("quantity")  # the units that the amounts are for: not priced
    return Usage(amounts=fields.decimals("amounts", is_signed=True))


def _levels(fields: Fields) -> Usage:
    levels = fields.section("levels")
    return Usage(levels=tuple((unit, levels.decimal(unit)) for unit in levels.names()))


def _quantities(fields: Fields, spec: PriceSpec) -> Usage:
    if fields.has("quantity") and fields.has("quantities"):
        fields.refuse("contradiction", "quantities", "can't stand beside quantity; give one")
    if fields.has("quantities"):
        sections = fields.sections("quantities")
        match spec.model:
            case Dimensional():
                return Usage(entries=_by_row(sections, spec.model))
            case TimeSeries():
                return Usage(entries=_by_interval(sections, spec.model))
        return Usage(entries=tuple(_entry(section) for section in sections))
    match spec.model:
        case TimeSeries():
            fields.require("quantities")
        case Dimensional():
            entry = Entry(fields.decimal("quantity"))
            if places(spec.model, [entry]) == [None]:
                fields.refuse("no_price", "quantity", "has no dimension, and there is no default")
            return Usage(entries=(entry,))
    default = ZERO if isinstance(spec.model, Flat) else None
    return Usage(fields.decimal("quantity", default))


def _entry(section: Fields, keys: tuple[tuple[str, str], ...] = ()) -> Entry:
    entry = Entry(section.decimal("quantity", is_signed=True), given_share(section, "share"), keys)
    section.close()
    return entry


def _by_row(sections: Sequence[Fields], model: Dimensional) -> tuple[Entry, ...]:
    """Read quantities with the values of their dimensions; each needs a row that prices it."""
    entries = []
    for section in sections:
        named = [name for name in model.dimensions if section.has(name)]
        entries.append(_entry(section, tuple((name, section.text(name)) for name in named)))
    for section, place in zip(sections, places(model, entries), strict=True):
        if place is None:
            reason = "has no row with its price, and there is no default"
            section.refuse("no_price", model.dimensions[0], reason)
    return tuple(entries)


def _by_interval(sections: Sequence[Fields], model: TimeSeries) -> tuple[Entry, ...]:
    """Read quantities by interval, or by place where the prices are a plain list."""
    known = {priced.interval for priced in model.series}
    entries = []
    for place, section in enumerate(sections):
        interval = str(place) if model.is_by_place else interval_key(section.text(INTERVAL))
        if interval not in known:
            section.refuse("no_price", INTERVAL, "has no price in the series")
        entries.append(_entry(section, ((INTERVAL, interval),)))
    return tuple(entries)


def _refuse_below_zero(fields: Fields, spec: PriceSpec, usage: Usage, before: Before) -> None:
    """Refuse quantities that come to less than nothing, where nothing can come of it."""
    if usage.amounts is not None:
        is_tiered = isinstance(spec.model, GraduatedPercentage)
        sums = [one.total for one, _ in usage.each()] if spec.bucketed else [usage.total]
        earlier = ZERO if spec.bucketed else before.quantity
        if is_tiered and any(Fraction(amount) + Fraction(earlier) < 0 for amount in sums):
            fields.refuse("negative", "amounts", "may not add up to less than zero")
        return
    groups = [usage] if not spec.bucketed else [one for one, _ in usage.each()]
    if isinstance(spec.model, TimeSeries):
        groups = [one for one, _ in usage.each()]
    elif isinstance(spec.model, Dimensional) and not spec.bucketed:
        rows = grouped(spec.model, usage.entries or ())
        groups = [Usage(entries=tuple(entries)) for _, entries in rows]
    if any(group.total < 0 and not group.comes_and_goes for group in groups):
        fields.refuse("negative", "quantities", "may not add up to a quantity below zero")


def _refuse_unknown_past(fields: Fields, spec: PriceSpec, usage: Usage, before: Before) -> None:
    """Refuse what needs to know more about earlier lines than one quantity says."""
    is_alone = spec.bucketed or isinstance(spec.model, TimeSeries | Flat)
    if usage.comes_and_goes and not is_alone:
        if before.part != "only" or before.quantity:
            fields.refuse("contradiction", "quantities", "with shares are for a whole period")
        if isinstance(spec.model, Dimensional) and (spec.included_units or spec.transform_quantity):
            reason = "with shares can't be converted or included by the whole; use a row's price"
            fields.refuse("contradiction", "quantities", reason)
    if spec.bucketed and isinstance(spec.model, Volume) and before.part != "only":
        fields.refuse("contradiction", "part", "of a bucketed volume price is only")
    if before.is_later and not spec.bucketed:
        _refuse_later_line(fields, spec)


def _refuse_later_line(fields: Fields, spec: PriceSpec) -> None:
    """Refuse a line whose price depends on how the earlier usage was made up."""
    reason = ""
    match spec.model:
        case Percentage(free_events=number) if number:
            reason = "free events"
        case Dimensional(rows=rows) if not all(map(_is_plain, rows)):
            reason = "rows with more than a unit price"
        case Dimensional() if spec.included_units or _rounds(spec):
            reason = "included units, or rounds what it converts"
        case Percentage(free_amount=free) if _rounds(spec) and (free or spec.included_units):
            reason = "a free amount of what it converts and rounds"
        case TimeSeries() if _rounds(spec) and spec.included_units:
            reason = "included units of what it converts and rounds"
        case Percentage() | Dimensional() | TimeSeries() if spec.commitment is not None:
            reason = "a commitment"
    if reason:
        fields.refuse("contradiction", "part", f"must be only or first: this price has {reason}")


def _rounds(spec: PriceSpec) -> bool:
    return spec.transform_quantity is not None and spec.transform_quantity.round != "none"


def _is_plain(row: Row) -> bool:
    """Tell whether a row has a unit price and nothing else."""
    model = row.price.model
    return isinstance(model, PerUnit) and row.price == PriceSpec("per_unit", model)
