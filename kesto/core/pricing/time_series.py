"""A price of its own for each interval of time, as electricity has at the spot price.

The prices stand in the plan, or in a price series that grows and that the plan names by its code.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from kesto.core.exact import ZERO, Exact, fraction, narrowed, times, total
from kesto.core.fields import Fields
from kesto.core.pricing.part import Part

INTERVAL = "interval"
HOUR = timedelta(hours=1)
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Interval(Struct, frozen=True, gc=False):
    """What a unit costs in one interval; a spot price may be below zero."""

    interval: str
    unit_amount: Decimal


class TimeSeries(Struct, frozen=True, gc=False):
    """Prices by interval, or by place in a plain list, and a margin added to each of them.

    With a `code` the prices are those of the merchant's price series of that code, and `series` is
    empty: what was used comes with its prices.
    """

    series: tuple[Interval, ...]
    margin: Decimal = ZERO
    is_by_place: bool = False
    code: str = ""


def parse(fields: Fields) -> TimeSeries:
    """Read the model's own fields; `series` is an object of intervals, or a list by place.

    A text is the code of a price series.
    """
    given = fields.require("series")
    if isinstance(given, str):
        code = fields.text("series")
        if CODE.fullmatch(code) is None:
            reason = "must be prices by interval, or the code of a price series"
            fields.refuse("bad_series", "series", reason)
        return TimeSeries((), fields.decimal("margin", ZERO, is_signed=True), code=code)
    is_by_place = isinstance(given, list | tuple)
    if is_by_place:
        prices = fields.decimals("series", is_signed=True)
        found = [Interval(str(place), price) for place, price in enumerate(prices)]
    else:
        section = fields.section("series")
        found = _in_time(
            Interval(interval_key(name), section.decimal(name, is_signed=True))
            for name in section.names()
        )
    if not found or len({price.interval for price in found}) < len(found):
        fields.refuse("bad_series", "series", "must have a price for each interval, once")
    margin = fields.decimal("margin", ZERO, is_signed=True)
    return TimeSeries(tuple(found), margin, is_by_place)


def _in_time(prices: Iterable[Interval]) -> list[Interval]:
    """Return intervals in the order of time, however they came; names of no time stay as given."""
    found = list(prices)
    try:
        return sorted(found, key=lambda priced: datetime.fromisoformat(priced.interval))
    except (ValueError, TypeError):  # no time, or some with a zone and some without
        return found


def interval_key(text: str) -> str:
    """Return the name of an interval: its start, the same however its zone is written."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if start.tzinfo is None else start.astimezone(UTC).isoformat()


def spans(spec: TimeSeries) -> list[tuple[datetime, datetime]]:
    """Return where each interval starts and ends: all last as long as the shortest step between.

    Raises ValueError for a series whose intervals are no instants.
    """
    starts = [datetime.fromisoformat(priced.interval) for priced in spec.series]
    if any(start.tzinfo is None for start in starts):
        raise ValueError(spec.series[0].interval)
    in_order = sorted(starts)
    step = min((later - start for start, later in pairwise(in_order)), default=HOUR)
    return [(start, start + step) for start in starts]


def time_series(spec: TimeSeries, quantities: Mapping[str, Exact]) -> list[Part]:
    """Price each interval's quantity; the explanation tells the average price."""
    used = [(priced, quantities.get(priced.interval, ZERO)) for priced in spec.series]
    amount = total(times(units, priced.unit_amount) for priced, units in used)
    return summed(spec, total(units for _, units in used), amount)


def summed(spec: TimeSeries, quantity: Exact, amount: Exact) -> list[Part]:
    """Price a quantity whose intervals came to an amount, the margin not yet in it."""
    average: Exact = narrowed(fraction(amount) / fraction(quantity)) if quantity else ZERO
    parts = [Part("series", quantity, average, 0, amount)]
    if spec.margin:
        parts.append(Part("margin", quantity, spec.margin, 0, times(quantity, spec.margin)))
    return parts
