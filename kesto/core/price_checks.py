"""Whether the prices of a plan version or an add-on make sense together: all that is wrong."""

from collections.abc import Iterator, Mapping, Sequence

from kesto.core.catalog import Phase, Price
from kesto.core.metering import Meter
from kesto.core.pricing import QUANTITY_MODELS
from kesto.core.pricing.capacity import Capacity
from kesto.core.pricing.dimensional import Dimensional
from kesto.core.pricing.time_series import TimeSeries, spans
from kesto.core.refusals import Invalid

SUMS_AMOUNTS = frozenset(("percentage", "graduated_percentage", "dynamic"))
ADDS_UP = frozenset(("sum", "count"))
HAS_LEVELS = frozenset(("max", "latest", "unique"))


def prices_of(prices: Sequence[Price], currency: str, *, includes_tax: bool) -> tuple[Price, ...]:
    """The prices of one price list: those in a currency, net or with VAT."""
    return tuple(
        price
        for price in prices
        if price.currency == currency and price.includes_tax == includes_tax
    )


def price_lists(prices: Sequence[Price]) -> tuple[tuple[str, bool], ...]:
    """The price lists that there are, in the order of their first prices."""
    return tuple(dict.fromkeys((price.currency, price.includes_tax) for price in prices))


def price_problems(
    prices: Sequence[Price], phases: Sequence[Phase], meters: Mapping[str, Meter]
) -> Iterator[Invalid]:
    """Everything wrong with prices; `meters` are those that there are, by code.

    The field of a problem is where it stands: `prices[1].meter`.
    """
    if not prices:
        yield Invalid("at least one price is needed", code="missing", field="prices")
    seen: set[tuple[str, str, bool]] = set()
    for place, price in enumerate(prices):
        at = f"prices[{place}]"
        key = (price.code, price.currency, price.includes_tax)
        if key in seen:
            detail = f"{price.code!r} is there already in this price list; give another code"
            yield Invalid(detail, code="twice", field=f"{at}.code")
        seen.add(key)
        for field, detail in _problems(price, phases, meters):
            yield Invalid(detail, code="bad_price", field=f"{at}.{field}")


def series_problems(prices: Sequence[Price], currencies: Mapping[str, str]) -> Iterator[Invalid]:
    """What is wrong with the price series that prices name; `currencies` are theirs, by code."""
    for place, price in enumerate(prices):
        model = price.spec.model
        code = model.code if isinstance(model, TimeSeries) else ""
        detail = ""
        if code and code not in currencies:
            detail = f"{code!r} is no price series that is known; make it first, or name another"
        elif code and currencies[code] != price.currency:
            detail = f"{code!r} is in {currencies[code]}, and this price in {price.currency}"
        if detail:
            yield Invalid(detail, code="bad_price", field=f"prices[{place}].series")


def _problems(
    price: Price, phases: Sequence[Phase], meters: Mapping[str, Meter]
) -> Iterator[tuple[str, str]]:
    if price.meter:
        yield from _metered_problems(price, meters)
    elif price.spec.name not in QUANTITY_MODELS:
        yield "model", f"a {price.spec.name} price needs the usage of a meter; name it"
    elif price.spec.bucketed or price.spec.commitment is not None:
        name = "bucketed" if price.spec.bucketed else "commitment"
        yield name, "goes with the usage of a meter only; name the meter, or leave this out"
    if price.interval is None:
        for name in ("minimum", "maximum"):
            if getattr(price.spec, name) is not None:
                yield name, "is for what is charged again and again, not for a one-time price"
    if len(set(price.phases)) < len(price.phases):
        yield "phases", "names a phase twice"
    if any(not 0 <= place < len(phases) for place in price.phases):
        yield "phases", f"names a phase that is not there; there are {len(phases)}"


def _metered_problems(price: Price, meters: Mapping[str, Meter]) -> Iterator[tuple[str, str]]:
    meter = meters.get(price.meter)
    if meter is None:
        yield "meter", f"{price.meter!r} is no meter that is known; define it, or name another"
    if price.interval is None:
        yield "interval", "is needed where a meter is priced: usage is counted period by period"
    if price.charged != "arrears":
        yield "charged", 'must be "arrears" where a meter is priced: usage is known afterwards'
    if price.spec.name == "flat":
        yield "meter", "does not go with a flat price: that one does not depend on usage"
    if meter is not None and (wanted := _unfit(price, meter)):
        yield "meter", f"{price.meter!r} does not fit a {price.spec.name} price: {wanted}"


def _unfit(price: Price, meter: Meter) -> str:
    """What a pricing model wants of its meter and does not get, or nothing."""
    name, model = price.spec.name, price.spec.model
    if name in SUMS_AMOUNTS and meter.aggregation != "sum":
        return "it needs the amounts of transactions, from a meter that sums"
    if name == "time_series" and (meter.aggregation not in ADDS_UP or meter.group_by):
        return "it needs quantities by time, from a meter that sums or counts without groups"
    if isinstance(model, TimeSeries) and not _has_instants(model):
        return "its series must name instants with their zone, such as 2026-10-01T00:00+03:00"
    if isinstance(model, Capacity) and (
        meter.aggregation not in HAS_LEVELS or len(meter.group_by) > 1
    ):
        return "it needs levels, from a meter of max, latest or unique with at most one group"
    if isinstance(model, Dimensional) and not set(model.dimensions) <= set(meter.group_by):
        missing = [one for one in model.dimensions if one not in meter.group_by]
        return f"the meter has to group by {', '.join(missing)}"
    return ""


def _has_instants(model: TimeSeries) -> bool:
    try:
        return bool(model.code) or (not model.is_by_place and bool(spans(model)))
    except ValueError:
        return False
