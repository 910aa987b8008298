"""What usage costs and what is paid once, for pages on which somebody chooses or looks it up."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.catalog import Price, SoldMeter
from kesto.web.ui.language import words_language
from kesto.web.ui.usage import meter_name
from kesto.words.reasons import metered_name
from kesto.words.tariffs import tariff

Meters = Mapping[str, SoldMeter]


class Tariff(Struct, frozen=True):
    """What is priced, and how."""

    name: str
    words: str


def usage_prices(prices: Sequence[Price], meters: Meters) -> list[Tariff]:
    """The metered ones of prices, each in words."""
    return [
        Tariff(
            metered_name(_named(price), meter_name(meters[price.meter])),
            tariff_words(price, meters),
        )
        for price in prices
        if price.meter in meters
    ]


def tariff_words(price: Price, meters: Meters) -> str:
    """What usage costs by a price, in the unit of its meter."""
    meter = meters.get(price.meter)
    return tariff(price, meter.unit if meter else "", words_language())


def paid_once(prices: Sequence[Price]) -> list[Tariff]:
    """What is sold once with a plan, such as its opening."""
    return [
        Tariff(
            _named(price),
            gettext("%(sum)s once") % {"sum": tariff(price, "", words_language(), is_used=False)},
        )
        for price in prices
        if price.interval is None
    ]


def _named(price: Price) -> str:
    names = price.product.names
    return names.get(words_language()) or next(iter(names.values()), "")
