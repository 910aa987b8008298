"""Sums, dates and numbers in the language of the page.

A template passes the empty text where a view gave nothing; nothing is written for it.
"""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from kesto.web.ui.language import words_language
from kesto.words import forms

register = template.Library()
NO_BREAK = "\N{NO-BREAK SPACE}"


@register.filter
def money(minor: int | str | None, currency: str = "EUR") -> str:
    """Write a sum in minor units: `{{ invoice.open_minor|money:invoice.currency }}`."""
    return (
        ""
        if minor is None or isinstance(minor, str)
        else forms.amount(minor, currency, words_language())
    )


@register.filter
def price(exact: Decimal | str | None, currency: str = "EUR") -> str:
    """Write an amount in major units that may have more decimals than its currency."""
    return (
        ""
        if exact is None or isinstance(exact, str)
        else forms.exact_amount(exact, currency, words_language())
    )


@register.filter
def change(minor: int, currency: str = "EUR") -> str:
    """Write a difference with its sign, a rise too."""
    written = forms.amount(minor, currency, words_language())
    return f"+{written}" if minor > 0 else written


@register.filter
def number(value: Decimal | int | str | None, least_places: int = 0) -> str:
    """Write a number: `{{ line.quantity|number }}`."""
    return (
        ""
        if value is None or isinstance(value, str)
        else forms.number(Decimal(value), words_language(), least_places)
    )


@register.filter
def percent(value: Decimal | int | str | None) -> str:
    """Write a percentage: `{{ line.tax_rate_percent|percent }}`."""
    return (
        ""
        if value is None or isinstance(value, str)
        else forms.percent(Decimal(value), words_language())
    )


@register.filter
def day(on: date | datetime | str | None) -> str:
    """Write a date; of an instant, its date in the merchant's zone."""
    if on is None or isinstance(on, str):
        return ""
    if isinstance(on, datetime):
        on = timezone.localtime(on).date()
    return forms.day(on, words_language())


@register.filter
def clock(at: datetime | str | None) -> str:
    """Write the time of day of an instant in the merchant's zone: "9.41" or "9:41"."""
    if at is None or isinstance(at, str):
        return ""
    local = timezone.localtime(at)
    point = ":" if words_language() == "en" else "."
    return f"{local.hour}{point}{local.minute:02}"


@register.filter
def moment(at: datetime | str | None) -> str:
    """Write an instant in the merchant's zone: "22.11.2026 klo 9.41"."""
    if at is None or isinstance(at, str):
        return ""
    joint = {"fi": " klo ", "sv": " kl. ", "en": ", "}[words_language()]
    return f"{day(at)}{joint.replace(' ', NO_BREAK, 1)}{clock(at)}"


@register.simple_tag
def period(start: date, end: date) -> str:
    """Write a half-open period by its first and last day: `{% period line.start line.end %}`."""
    return forms.period(start, end, words_language())


@register.filter
def iban(account: str) -> str:
    """Write an account number in groups of four."""
    return forms.iban(account)


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0] for word in (*words[:1], *words[1:][-1:])).upper()
