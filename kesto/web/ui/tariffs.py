"""What usage costs and what is paid once, for pages on which somebody chooses or looks it up."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.calendar import Interval
from kesto.core.catalog import WHOLE_PERCENT, Price, SoldMeter
from kesto.core.life import LifeItem
from kesto.core.pricing.per_unit import PerUnit
from kesto.web.ui.language import words_language
from kesto.web.ui.usage import meter_name
from kesto.words import forms
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


def fixed_prices(name: str, prices: Sequence[Price], own: LifeItem, day: date) -> list[Tariff]:
    """What a plan or add-on costs whatever is used, and what its present phase makes of it."""
    quantity, phase = own.quantity_at(max(day, own.start_on)), phase_words(own)
    found = []
    for price in prices:
        if price.interval is not None and not price.meter:
            said = f"{_recurring(price, quantity)} {interval_words(price.interval)}"
            found.append(Tariff(name, f"{said}, {phase}" if phase else said))
    return found


def _recurring(price: Price, quantity: Decimal) -> str:
    """What a fixed price is, times the quantity where it is one for each unit."""
    language = words_language()
    match price.spec.model:
        case PerUnit(unit_amount=unit, per=per) if per == 1:
            written = forms.exact_amount(unit, price.currency, language)
            if quantity == 1:
                return written
            return f"{forms.number(quantity, language)} \N{MULTIPLICATION SIGN} {written}"
    return tariff(price, "", language, is_used=False)


def phase_words(own: LifeItem) -> str:
    """The part of its fixed prices that an item is charged in this phase; nothing for all."""
    if own.percent == WHOLE_PERCENT:
        return ""
    language = words_language()
    facts = {"share": forms.percent(own.percent, language)}
    if own.end_on is None or own.end_on <= own.start_on:
        return gettext("%(share)s of it") % facts
    last_on = date.fromordinal(own.end_on.toordinal() - 1)
    facts["day"] = forms.day(last_on, language)
    return gettext("%(share)s of it until %(day)s") % facts


def interval_words(interval: Interval) -> str:
    """How often a price comes."""
    count = {"n": interval.count}
    is_one = interval.count == 1
    match interval.unit:
        case "day":
            return gettext("every day") if is_one else gettext("every %(n)d days") % count
        case "week":
            return gettext("every week") if is_one else gettext("every %(n)d weeks") % count
        case "month":
            return gettext("every month") if is_one else gettext("every %(n)d months") % count
        case _:
            return gettext("every year") if is_one else gettext("every %(n)d years") % count


def _named(price: Price) -> str:
    names = price.product.names
    return names.get(words_language()) or next(iter(names.values()), "")
