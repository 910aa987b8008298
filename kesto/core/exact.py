"""Exact numbers: what an amount is before it is rounded, and how it is shown."""

from collections.abc import Iterable
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar, cast

from msgspec import Struct, structs

T = TypeVar("T")

Exact = Decimal | Fraction | int
"""An amount or a quantity that has lost nothing yet."""

EXACT = Context(prec=160, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
"""Decimal arithmetic that would rather fail than drop a digit.

Prices and factors have at most 27 digits and quantities 45, so the longest product (quantity x
factor x price x overage factor) has 126; a sum of many needs a few more.
"""

SHORT = Context(prec=60, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])

ZERO = Decimal(0)
WHOLE = Fraction(1)
SHOWN_PLACES = 12


def round_ratio(numerator: int, denominator: int) -> int:
    """Return the whole number nearest to a ratio, half away from zero; `denominator` is above 0."""
    doubled = 2 * denominator
    if numerator >= 0:
        return (2 * numerator + denominator) // doubled
    return -((denominator - 2 * numerator) // doubled)


def fraction(value: Exact) -> Fraction:
    """Return the value as a fraction."""
    return value if isinstance(value, Fraction) else Fraction(value)


def total(values: Iterable[Exact]) -> Exact:
    """Add exact values: decimals stay a decimal, one fraction makes the sum a fraction."""
    found = list(values)
    decimals: Decimal = ZERO
    for value in found:
        if isinstance(value, Fraction):
            return sum(map(fraction, found), Fraction(0))
        decimals += value
    return decimals


def less(value: Exact, other: Exact) -> Exact:
    """Subtract exact values."""
    return total((value, -other))


def times(value: Exact, factor: Exact) -> Exact:
    """Multiply exact values."""
    if isinstance(value, Fraction) or isinstance(factor, Fraction):
        return fraction(value) * fraction(factor)
    return Decimal(value) * factor


def narrowed(value: Fraction) -> Decimal | Fraction:
    """Return a fraction as a decimal when it is a short one; decimals are far quicker."""
    try:
        return SHORT.divide(Decimal(value.numerator), Decimal(value.denominator))
    except Inexact:
        return value


def shortest(value: Decimal) -> Decimal:
    """Return an equal decimal in the form that `narrowed` gives. Raises Inexact for a long one."""
    return SHORT.add(SHORT.normalize(value), ZERO)


def in_fractions(value: T) -> T:
    """Return a struct with a fraction for each decimal in it, to price a quantity that is one.

    The type stays as it was: fractions have the operators and comparisons of decimals, and the
    two can't be mixed.
    """
    changed: object = value
    if isinstance(value, Decimal):
        changed = Fraction(value)
    elif isinstance(value, tuple):
        changed = tuple(in_fractions(item) for item in value)
    elif isinstance(value, Struct):
        fields = {name: in_fractions(getattr(value, name)) for name in value.__struct_fields__}
        changed = structs.replace(value, **fields)
    return cast("T", changed)


def shown(value: Exact) -> str:
    """Return the value for reading: at most 12 decimals, no trailing zeros, no exponent."""
    numerator, denominator = value.as_integer_ratio()
    if denominator == 1:  # most are; a zero is the very "0" that explanations leave out
        return str(numerator) if numerator else "0"
    text = point(round_ratio(numerator * 10**SHOWN_PLACES, denominator), SHOWN_PLACES)
    return text.rstrip("0").rstrip(".")


def written(value: Fraction) -> str:
    """Return a fraction that is a decimal with each of its digits. Raises Inexact for another."""
    if value.denominator == 1:
        return str(value.numerator)
    return format(EXACT.divide(Decimal(value.numerator), Decimal(value.denominator)), "f")


@lru_cache(maxsize=4096)
def plain(value: Decimal) -> Decimal:
    """Return an equal decimal in the one form that is sealed: no trailing zeros, no exponent."""
    return Decimal(shown(value))


def point(number: int, places: int) -> str:
    """Write a whole number of smallest units with its decimal point."""
    if places == 0:
        return str(number)
    sign = "-" if number < 0 else ""
    whole, rest = divmod(abs(number), 10**places)
    return f"{sign}{whole}.{rest:0{places}}"
