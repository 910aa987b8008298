"""Short numbers, as nearly all values are: read at once, without a fraction between.

What they say is the very same as the exact way says; whatever is not short is left to it.
"""

import re
from collections.abc import Iterable
from math import gcd

from kesto.core.remembered import Remembered

DIGITS, PLACES = 15, 12
REMEMBERED = 10_000
"""So many are remembered: most meters hear the same few again and again."""

_SHORT = re.compile(rf"(-?)([0-9]{{1,{DIGITS}}})(?:\.([0-9]{{1,{PLACES}}}))?")


def both_of(value: object) -> tuple[str, str | None] | None:
    """Return a short number as the ratio and as it is shown, which only a short whole one is."""
    if type(value) is str:
        return _numbers[value]
    return (str(value), shown_of(value)) if type(value) is int else None


def both_of_each(values: Iterable[object]) -> list[tuple[str, str | None] | None]:
    """Return the same of many values."""
    return [_numbers[value] if type(value) is str else both_of(value) for value in values]


def ratio_of(value: object) -> str | None:
    """Return a short number as the ratio that a fraction is written as: `5/4`, `12`."""
    found = both_of(value)
    return found[0] if found else None


def shown_of(value: object) -> str | None:
    """Return a short number as it is shown: no zeros before it or behind it, no exponent."""
    if type(value) is int:
        return str(value) if -(10**DIGITS) < value < 10**DIGITS else None
    found = _numbers[value] if type(value) is str else None
    return found[1] if found else None


def _read(text: str) -> tuple[str, str] | None:
    """Read a short number: as a ratio, and as it is shown."""
    found = _SHORT.fullmatch(text)
    if found is None:
        return None
    sign, whole, rest = found.groups("")
    rest = rest.rstrip("0")
    units = int(whole)
    if not rest:
        both = f"{sign if units else ''}{units}"
        return both, both
    number, scale = int(whole + rest), 10 ** len(rest)
    common = gcd(number, scale)
    return f"{sign}{number // common}/{scale // common}", f"{sign}{units}.{rest}"


_numbers = Remembered(_read, REMEMBERED)
