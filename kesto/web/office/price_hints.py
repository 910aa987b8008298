"""What a price is called with VAT and without it, beside the field that it is typed in."""

from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.utils.translation import gettext

from kesto.core.exact import point, round_ratio
from kesto.core.money import DIGITS
from kesto.web.office.draft_price import number
from kesto.web.ui.language import words_language
from kesto.words import forms

OF_A_UNIT = frozenset(("unit_amount", "margin"))
FINER = 2
"""How many decimals more the other figure of a unit's price is told with."""

MOST_PLACES = 6
LARGEST = Decimal(10) ** 12


class Taxed(NamedTuple):
    """How the figures of a price are meant; without a rate none is in force today."""

    includes_tax: bool
    percent: Decimal | None
    currency: str


def price_hint(name: str, typed: str, taxed: Taxed) -> str:
    """Whether the figure of a field is with VAT, at which rate, and what the other figure is."""
    percent = taxed.percent
    if percent is None:
        return gettext("VAT included") if taxed.includes_tax else gettext("without VAT")
    names = {"rate": forms.percent(percent, words_language())}
    if not percent:
        return gettext("no VAT: %(rate)s") % names
    other = _other(name, typed, taxed)
    if not other:
        included, on_top = gettext("VAT %(rate)s included"), gettext("VAT %(rate)s on top")
        return (included if taxed.includes_tax else on_top) % names
    names["other"] = other
    if taxed.includes_tax:
        return gettext("VAT %(rate)s included = %(other)s without VAT") % names
    return gettext("VAT %(rate)s on top = %(other)s with VAT") % names


def brief_hint(name: str, typed: str, taxed: Taxed) -> str:
    """The other figure alone, for a table that says once how its figures are meant."""
    other = _other(name, typed, taxed) if taxed.percent else ""
    if not other:
        return ""
    without, with_tax = gettext("%(other)s without VAT"), gettext("%(other)s with VAT")
    return (without if taxed.includes_tax else with_tax) % {"other": other}


def _other(name: str, typed: str, taxed: Taxed) -> str:
    return other_figure(typed, taxed, FINER if name in OF_A_UNIT else 0)


def other_figure(typed: str, taxed: Taxed, finer: int = 0) -> str:
    """The figure without VAT of one with it, or the other way; empty where none is typed.

    It has the decimals of its currency, or as many as were typed, and so many more.
    """
    try:
        given = Decimal(number(typed.strip()))
    except InvalidOperation:
        return ""
    exponent = given.as_tuple().exponent
    is_usual = isinstance(exponent, int) and 0 < abs(given) <= LARGEST
    if not is_usual or taxed.percent is None:
        return ""
    usual = DIGITS.get(taxed.currency)
    if usual is None:
        return ""
    places = min(max(usual, -int(exponent)) + finer, MOST_PLACES)
    top, bottom = given.as_integer_ratio()
    rate, hundred = taxed.percent.as_integer_ratio()
    with_tax, without = 100 * hundred + rate, 100 * hundred
    up, down = (without, with_tax) if taxed.includes_tax else (with_tax, without)
    figure = Decimal(point(round_ratio(top * up * 10**places, bottom * down), places))
    return forms.exact_amount(figure, taxed.currency, words_language())
