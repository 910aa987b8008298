"""Sums and days in the language of the page, for sentences made in Python."""

from datetime import date

from django.utils.translation import ngettext, pgettext

from kesto.web.ui.language import words_language
from kesto.words import forms


def money(minor: int, currency: str) -> str:
    """A sum."""
    return forms.amount(minor, currency, words_language())


def day(on: date) -> str:
    """A day that does not break over lines."""
    return forms.day(on, words_language()).replace(" ", forms.NO_BREAK)


def until(on: date, today: date) -> str:
    """How far away a day is: "in 4 days", "today", "4 days ago"."""
    days = (on - today).days
    if days == 0:
        return pgettext("portal", "today")
    if days > 0:
        return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
    return ngettext("%(days)s day ago", "%(days)s days ago", -days) % {"days": -days}


def named(names: dict[str, str]) -> str:
    """A name in the language of the page, else in the first one that it has."""
    return names.get(words_language()) or next(iter(names.values()), "")
