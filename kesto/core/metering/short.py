"""Short numbers, as nearly all values are: read at once, without a fraction between.

What they say is the very same as the exact way says; whatever is not short is left to it.
"""

import re
from math import gcd

DIGITS, PLACES = 15, 12
_SHORT = re.compile(rf"(-?)([0-9]{{1,{DIGITS}}})(?:\.([0-9]{{1,{PLACES}}}))?")


def ratio_of(value: object) -> str | None:
    """Return a short number as the ratio that a fraction is written as: `5/4`, `12`."""
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        return None
    found = _SHORT.fullmatch(value)
    if found is None or not value.isascii():
        return None
    sign, whole, rest = found.groups("")
    if not rest:
        return f"{sign if int(whole) else ''}{int(whole)}"
    number, scale = int(whole + rest), 10 ** len(rest)
    common = gcd(number, scale)
    below = "" if scale == common else f"/{scale // common}"
    return f"{sign if number else ''}{number // common}{below}"


def shown_of(value: object) -> str | None:
    """Return a short number as it is shown: no zeros before it or behind it, no exponent."""
    if type(value) is int:
        return str(value) if -(10**DIGITS) < value < 10**DIGITS else None
    if type(value) is not str:
        return None
    found = _SHORT.fullmatch(value)
    if found is None:
        return None
    sign, whole, rest = found.groups("")
    rest = rest.rstrip("0")
    number = f"{int(whole)}.{rest}" if rest else str(int(whole))
    return number if number == "0" else sign + number
