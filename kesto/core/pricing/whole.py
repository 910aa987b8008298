"""Everything a period used, priced from the conversion to the commitment."""

from fractions import Fraction

from msgspec import structs

from kesto.core.exact import ZERO, Exact, fraction, in_fractions, less, times, total
from kesto.core.pricing.capacity import Capacity
from kesto.core.pricing.commitment import committed
from kesto.core.pricing.dimensional import Dimensional, grouped
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.models import MODELS
from kesto.core.pricing.part import Part, amount_of
from kesto.core.pricing.percentage import Percentage, percentage
from kesto.core.pricing.quantities import capped, in_units, priced_quantity, prorated
from kesto.core.pricing.seats import come_and_go
from kesto.core.pricing.spec import PriceSpec
from kesto.core.pricing.time_series import INTERVAL, TimeSeries, summed
from kesto.core.pricing.usage import Usage


def whole(
    spec: PriceSpec, usage: Usage, share: Fraction, *, previous_quantity: Exact = ZERO
) -> list[Part]:
    """Price what was used; in buckets, each entry by itself.

    `previous_quantity` is what earlier lines used of the included units and the free amount, for
    the models whose transactions or rows are priced one by one.
    """
    if spec.bucketed:
        alone = structs.replace(spec, bucketed=False)
        return [
            _bucket(alone, one, share if own_share is None else own_share)
            for one, own_share in usage.each()
        ]
    return committed(_priced(spec, usage, share, previous_quantity), spec.commitment)


def _bucket(spec: PriceSpec, usage: Usage, share: Fraction) -> Part:
    amount = amount_of(whole(spec, usage, share))
    return Part("bucket", usage.total, 0, amount, amount)


def _priced(spec: PriceSpec, usage: Usage, share: Fraction, previous_quantity: Exact) -> list[Part]:
    match spec.model:
        case Percentage():
            return _transactions(spec, spec.model, usage, previous_quantity)
        case Capacity():
            levels = {
                unit: max(less(in_units(spec, level), spec.included_units), ZERO)
                for unit, level in usage.levels or ()
            }
            return MODELS[spec.name].parts(spec.model, levels)
        case TimeSeries():
            return _intervals(spec, spec.model, usage, share, previous_quantity)
        case Dimensional():
            return _rows(spec, spec.model, usage, share, previous_quantity)
    if usage.comes_and_goes and not isinstance(spec.model, Flat):
        return come_and_go(spec, usage.entries or (), share)
    parts = priced_quantity(spec, usage.total)
    return parts if MODELS[spec.name].takes == "amounts" else prorated(parts, share)


def _transactions(
    spec: PriceSpec, model: Percentage, usage: Usage, previous_quantity: Exact
) -> list[Part]:
    """Convert each transaction, take off the included units in order, price each."""
    before = in_units(spec, previous_quantity)
    units = [in_units(spec, amount) for amount in usage.amounts or ()]
    left, taken = _less_included(units, _room(spec, before))
    used = max(less(before, spec.included_units), ZERO)
    if any(isinstance(value, Fraction) for value in (*left, used)):
        model, used = in_fractions(model), fraction(used)
        left = [fraction(value) for value in left]
    parts = percentage(model, left, used)
    return [Part("included", taken, 0, 0, ZERO), *parts] if spec.included_units else parts


def _intervals(
    spec: PriceSpec, model: TimeSeries, usage: Usage, share: Fraction, previous_quantity: Exact
) -> list[Part]:
    """Convert each interval's quantity, take off the included units in the order of time."""
    if usage.cost is not None:
        return summed(model, usage.quantity, usage.cost)
    if usage.series is not None:
        model = structs.replace(model, series=usage.series)
    sums: dict[tuple[str, Fraction], Exact] = {}
    for entry in usage.entries or ():
        key = (dict(entry.keys)[INTERVAL], share if entry.share is None else entry.share)
        sums[key] = total((sums.get(key, ZERO), entry.quantity))
    places = {priced.interval: place for place, priced in enumerate(model.series)}
    keys = sorted(sums, key=lambda key: (places[key[0]], key[1]))
    units = [in_units(spec, sums[key]) for key in keys]
    left, taken = _less_included(units, _room(spec, in_units(spec, previous_quantity)))
    quantities: dict[str, Exact] = {}
    for (interval, own_share), unit in zip(keys, left, strict=True):
        used = times(unit, own_share)
        quantities[interval] = total((quantities.get(interval, ZERO), used))
    parts = MODELS[spec.name].parts(model, quantities)
    return [Part("included", taken, 0, 0, ZERO), *parts] if spec.included_units else parts


def _rows(
    spec: PriceSpec, model: Dimensional, usage: Usage, share: Fraction, previous_quantity: Exact
) -> list[Part]:
    """Price each row's quantity at its own price; the included units go row by row."""
    rows = grouped(model, usage.entries or ())
    asked = [Usage(entries=tuple(entries)) for _, entries in rows]
    taken: Exact = ZERO
    if spec.included_units or spec.transform_quantity is not None:
        units = [in_units(spec, one.total) for one in asked]
        left, taken = _less_included(units, _room(spec, in_units(spec, previous_quantity)))
        asked = [Usage(quantity=quantity) for quantity in left]
    priced = [_row(row.price, one, share) for (row, _), one in zip(rows, asked, strict=True)]
    parts = MODELS[spec.name].parts(model, priced)
    return [Part("included", taken, 0, 0, ZERO), *parts] if spec.included_units else parts


def _row(spec: PriceSpec, usage: Usage, share: Fraction) -> list[Part]:
    room = None if spec.maximum is None else times(spec.maximum, share)
    return capped(whole(spec, usage, share), room)


def _room(spec: PriceSpec, before: Exact) -> Exact:
    """Return how many of the included units earlier lines left."""
    return max(less(spec.included_units, before), ZERO)


def _less_included(units: list[Exact], room: Exact) -> tuple[list[Exact], Exact]:
    """Take included units off quantities in order; return what is left, and how many they were."""
    left: list[Exact] = []
    taken: Exact = ZERO
    for quantity in units:
        included = min(max(quantity, ZERO), less(room, taken))
        left.append(less(quantity, included))
        taken = total((taken, included))
    return left, taken
