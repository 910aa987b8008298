"""Facts of countries by date: data in TOML files, each row with its source, and one loader."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

from kesto.core.calendar import Interval, Unit
from kesto.core.cancellation import ContractKind, Covers, NoticeLimit
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


class LongestNotice(Struct, frozen=True, forbid_unknown_fields=True):
    """The longest notice for a consumer, from a day until the next row of its kind and cover.

    `goes_by` tells which day must not be before `valid_from`: that of the notice, or the start of
    the contract where the law spares older contracts.
    """

    kind: ContractKind
    covers: Covers
    valid_from: date
    goes_by: Literal["notice", "start"]
    interval: Unit
    interval_count: int
    source: str
    start: Literal["known", "to verify"]


class Country(Struct, frozen=True, forbid_unknown_fields=True):
    """What the product knows of a country; the first language is its default."""

    code: str
    name: str
    currency: str
    zone: str
    languages: tuple[str, ...]
    vat: tuple[VatRate, ...]
    notice: tuple[LongestNotice, ...] = ()


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


def notice_limits(
    country_code: str, kind: ContractKind, start: date, notice_on: date
) -> tuple[NoticeLimit, ...]:
    """Return the longest notices that a country's law sets for a consumer's contract of a kind.

    The rows of the kind come before the general ones; none when nothing is known of the country.
    """
    if country_code not in COUNTRIES:
        return ()
    begun = [
        row
        for row in country(country_code).notice
        if row.valid_from <= (start if row.goes_by == "start" else notice_on)
    ]
    rows = [row for row in begun if row.kind == kind] or [
        row for row in begun if row.kind == "general"
    ]
    newest = {row.covers: row for row in sorted(rows, key=lambda row: row.valid_from)}
    return tuple(_limit(country_code, row) for row in newest.values())


def _limit(country_code: str, row: LongestNotice) -> NoticeLimit:
    longest = Interval(row.interval, row.interval_count)
    return NoticeLimit(row.covers, longest, country_code, row.valid_from, row.source)
