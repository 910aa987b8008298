"""Facts of countries by date: data in TOML files, each row with its source, and one loader."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

from kesto.core.refusals import Invalid

COUNTRIES = ("DE", "DK", "FI", "NO", "SE")


class VatRate(Struct, frozen=True, forbid_unknown_fields=True):
    """A VAT rate in percent, from a day until the next row of its category."""

    category: str
    valid_from: date
    rate_percent: Decimal
    covers: str
    source: str
    start: Literal["known", "data", "to verify"]


class Country(Struct, frozen=True, forbid_unknown_fields=True):
    """What the product knows of a country; the first language is its default."""

    code: str
    name: str
    currency: str
    zone: str
    languages: tuple[str, ...]
    vat: tuple[VatRate, ...]


@cache
def country(code: str) -> Country:
    """Return the facts of a country by its two letters; Invalid when there are none."""
    if code not in COUNTRIES:
        raise Invalid(
            f"{code!r} is a country without facts here; known: {', '.join(COUNTRIES)}",
            code="unknown_country",
            field="country",
        )
    written = resources.files(__name__).joinpath(f"{code.lower()}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(written), Country)


@lru_cache(maxsize=10_000)
def vat_rate(country_code: str, category: str, on: date) -> Decimal:
    """Return the VAT rate in percent that a country applies to a category on a day.

    Invalid when the category is unknown, or the day is before the first row.
    """
    rows = [row for row in country(country_code).vat if row.category == category]
    if not rows:
        known = ", ".join(dict.fromkeys(row.category for row in country(country_code).vat))
        raise Invalid(
            f"{category!r} is no VAT category of {country_code}; known: {known}",
            code="unknown_tax_category",
            field="tax_category",
        )
    begun = [row for row in rows if row.valid_from <= on]
    if not begun:
        first_on = min(row.valid_from for row in rows)
        raise Invalid(
            f"The VAT rate {category!r} of {country_code} is known from {first_on} on, "
            f"not for {on}",
            code="unknown_tax_rate",
            field="on",
        )
    return max(begun, key=lambda row: row.valid_from).rate_percent
