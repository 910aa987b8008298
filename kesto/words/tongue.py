"""A language with the currency that is spoken of."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from kesto.words import forms
from kesto.words.messages import say


class Tongue(Struct, frozen=True):
    """A language and the currency that is spoken of, and the unit in which usage is counted."""

    language: str
    currency: str
    unit: str = ""

    def say(self, key: str, **facts: str) -> str:
        """Return a message that has one form."""
        return say(self.language, key, **facts)

    def minor(self, value: int) -> str:
        """Return a rounded sum."""
        return forms.amount(value, self.currency, self.language)

    def change(self, value: int) -> str:
        """Return by how much a sum changed, with its sign."""
        return forms.change(value, self.currency, self.language)

    def figure(self, value: int) -> str:
        """Return a rounded sum for a column whose head names the currency."""
        return forms.figure(value, self.currency, self.language)

    def exact(self, value: str) -> str:
        """Return an amount that is not rounded yet."""
        return forms.exact_amount(Decimal(value), self.currency, self.language)

    def number(self, value: str) -> str:
        """Return a quantity."""
        return forms.number(Decimal(value), self.language)

    def percent(self, value: str) -> str:
        """Return a percentage."""
        return forms.percent(Decimal(value), self.language)

    def measure(self, value: str) -> str:
        """Return a quantity with its unit, if it has one."""
        return forms.measure(Decimal(value), self.unit, self.language)

    def day(self, on: date) -> str:
        """Return a date that does not break over lines."""
        return forms.day(on, self.language).replace(" ", forms.NO_BREAK)

    def head(self, key: str, gap: str = " ") -> str:
        """Return the head of a column of sums, with the currency."""
        return f"{self.say(key)}{gap}{forms.SYMBOLS.get(self.currency, self.currency)}"
