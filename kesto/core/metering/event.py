"""An event as it was sent, and how its value is read."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
LONGEST_NUMBER = 64
TOO_LARGE = 10**15
MOST_PLACES = 30
"""More than any meter writes: those that write binary floats out in full have up to 17 or so."""
SURE_DIGITS = 15
"""A number that came as a float is what was written only up to so many digits."""


class Event(Struct, frozen=True, gc=False):
    """One thing that happened and may cost; without `id` it counts every time it is sent."""

    at: datetime
    value: object = None
    properties: Mapping[str, object] = {}
    id: str = ""
    source: str = "api"

    def says_the_same(self, other: "Event") -> bool:
        """Tell whether the other has the same content, however it is written."""
        return (
            self.at == other.at
            and plain_value(self.value) == plain_value(other.value)
            and self.properties == other.properties
        )


class Problem(Struct, frozen=True, gc=False):
    """Why an event can't be counted: a code for programs, a sentence for people."""

    code: str
    detail: str


class Reading(Struct, frozen=True, gc=False):
    """What an aggregation reads of an event: its instant, and the number or the name in it."""

    at: datetime
    number: Fraction = Fraction(0)
    name: str = ""
    is_removal: bool = False


def value_of(event: Event, named: str | None) -> tuple[str, object]:
    """Return the value of an event and what it is called: its own, or that of a property."""
    if named is None:
        return "value", event.value
    return f"properties.{named}", event.properties.get(named)


def number_of(value: object) -> Fraction | Problem:
    """Return a finite number exactly, or say what is wrong with it."""
    text = text_of(value)
    if isinstance(value, bool) or text is None:
        return Problem("bad_value", "is not a number")
    if len(text) > LONGEST_NUMBER or NUMBER.fullmatch(text) is None:
        return Problem("bad_value", "is not a finite number; write one such as 12.5")
    number = Fraction(text)
    if abs(number) >= TOO_LARGE or number * 10**MOST_PLACES % 1:
        return Problem("bad_value", "has more than 15 digits before or 30 after the point")
    if isinstance(value, float) and sum(sign.isdigit() for sign in text) > SURE_DIGITS:
        return Problem("bad_value", 'has too many digits for a bare number; write it in "quotes"')
    return number


def text_of(value: object) -> str | None:
    """Return a text, a number or a truth as text; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, int | float) else None


def plain_text(value: object) -> str:
    """Return what was sent as a value, to show it: nothing for none, JSON for what is no value."""
    if value is None:
        return ""
    text = text_of(value)
    return str(value) if text is None else text


def plain_value(value: object) -> object:
    """Return a value so that numbers written in two ways are the same."""
    number = number_of(value)
    return value if isinstance(number, Problem) else number
