"""Sums, numbers and days in the language of the page, for sentences made in Python."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from kesto.web.ui.language import words_language
from kesto.web.ui.tags import values
from kesto.words import forms


def name(names: Mapping[str, str]) -> str:
    """A name in the language of the page, or in another that it has."""
    return names.get(words_language()) or next(iter(names.values()), "")


def money(minor: int, currency: str) -> str:
    """A sum."""
    return forms.amount(minor, currency, words_language())


def whole(minor: int, currency: str) -> str:
    """A sum to the nearest whole unit, for the figures of a day."""
    return forms.whole_amount(minor, currency, words_language())


def whole_change(minor: int, currency: str) -> str:
    """A difference to the nearest whole unit, with its sign."""
    return f"+{whole(minor, currency)}" if minor > 0 else whole(minor, currency)


def change(minor: int, currency: str) -> str:
    """A difference with its sign."""
    return f"+{money(minor, currency)}" if minor > 0 else money(minor, currency)


def number(value: int | Decimal, least_places: int = 0) -> str:
    """A number."""
    return forms.number(Decimal(value), words_language(), least_places)


def signed(value: int) -> str:
    """A number with its sign."""
    return f"+{number(value)}" if value > 0 else number(value)


def day(on: date | None) -> str:
    """A day; nothing for none."""
    return forms.day(on, words_language()) if on else ""


def period(first_on: date, end_on: date) -> str:
    """A half-open period by its first and last day."""
    return forms.period(first_on, end_on, words_language())


def moment(at: datetime) -> str:
    """An instant in the merchant's zone."""
    return values.moment(at)
