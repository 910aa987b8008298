"""The prices of a price list: how each is read, and what is wrong with them together."""

from collections.abc import Callable, Mapping, Sequence
from typing import get_args
from uuid import UUID

from msgspec import Struct

from kesto.adapters.files import checks, nouns
from kesto.adapters.files.toml_table import TomlTable
from kesto.core.calendar import LONGEST_INTERVAL, Interval, Unit
from kesto.core.catalog import Charged, Feature, Phase, Price, Product, ProrationRule, SoldMeter
from kesto.core.metering import Meter
from kesto.core.pricing import PriceSpec, parse_price
from kesto.core.refusals import Invalid


class Shared(Struct, frozen=True):
    """What all plans and add-ons share; `currency` and `includes_tax` are of the main list."""

    currency: str
    includes_tax: bool
    products: Mapping[str, Product]
    meters: Mapping[str, SoldMeter]
    features: Mapping[str, Feature]
    new_id: Callable[[], UUID]

    @property
    def counting(self) -> dict[str, Meter]:
        """The meters as the core knows them, by code."""
        return {code: sold.meter for code, sold in self.meters.items()}


def read_prices(
    table: TomlTable, shared: Shared, phases: Sequence[Phase]
) -> tuple[tuple[Price, ...], bool]:
    """The prices of a plan or an add-on, and whether every one of them could be read."""
    tables = table.tables("prices", required=True)
    prices = [_price(entry, shared, phases) for entry in tables]
    keys = [(str(entry.content.get("code", "")), *_list_of(entry, shared)) for entry in tables]
    nouns.refuse_repeats(tables, keys)
    is_whole = bool(prices) and None not in prices and len(set(keys)) == len(keys)
    return tuple(price for price in prices if price is not None), is_whole


def interval(table: TomlTable) -> Interval:
    """A count of days, weeks, months or years."""
    unit: Unit = table.text("interval", checks.choice(*get_args(Unit)), "month")
    return Interval(unit, table.whole("interval_count", 1, LONGEST_INTERVAL, 1))


def _list_of(table: TomlTable, shared: Shared) -> tuple[object, object]:
    """Which price list a price belongs to, as it is written."""
    content = table.content
    return (
        str(content.get("currency", shared.currency)),
        content.get("prices_include_tax", shared.includes_tax) is True,
    )


def _price(table: TomlTable, shared: Shared, phases: Sequence[Phase]) -> Price | None:
    """The price, or none when it has no product or its own fields are wrong."""
    code = nouns.code(table)
    product_known = nouns.known(shared.products, "product")
    product = shared.products.get(table.text("product", product_known, "", required=True))
    currency = table.text("currency", checks.currency, shared.currency)
    includes_tax = shared.includes_tax
    if "prices_include_tax" in table.content:
        includes_tax = table.boolean("prices_include_tax")
    meter = table.text("meter", checks.code, "")
    places = {phase.code: place for place, phase in enumerate(phases)}
    in_phases = table.texts("phases", nouns.known(places, "phase"))
    due = _due(table)
    charged: Charged = table.text("charged", checks.choice(*get_args(Charged)), "arrears")
    proration: ProrationRule = table.text(
        "proration", checks.choice(*get_args(ProrationRule)), "day"
    )
    spec = _spec(table, charged)
    if spec is None or product is None:
        return None
    return Price(
        *(shared.new_id(), code, product, spec, currency, includes_tax, due, charged, proration),
        *(meter, tuple(places[phase] for phase in in_phases if phase in places)),
    )


def _due(table: TomlTable) -> Interval | None:
    """How often the price is due; none for a one-time price."""
    is_one_time = table.boolean("one_time")
    found = interval(table)
    if not is_one_time and "interval" not in table.content:
        table.error(("interval",), "is missing; write an interval, or one_time = true")
    for key in ("interval", "interval_count"):
        if is_one_time and key in table.content:
            table.error((key,), "does not go together with one_time = true; remove one of them")
    return None if is_one_time else found


def _spec(table: TomlTable, charged: Charged) -> PriceSpec | None:
    """The price's own fields, judged by the pricing model itself."""
    fields = {key: nouns.plain(value) for key, value in table.rest().items()}
    if fields.get("model") == "flat":
        fields["charged"] = charged
    try:
        return parse_price(fields)
    except Invalid as invalid:
        nouns.refuse(table, invalid)
        return None
