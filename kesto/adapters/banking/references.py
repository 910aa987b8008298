"""Payment references of the Nordic countries: made, checked and printed.

The Finnish and the RF reference live in the core, which has to recognise them; here they stand
beside the Swedish OCR number (Luhn, optional length digit), the Norwegian KID (Luhn or modulus 11,
as agreed with the bank) and the Danish FIK number of payment type 71 (14 digits and Luhn).
"""

import re
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from kesto.core.references import compact, finnish, is_digits, is_finnish, is_rf, normal, rf
from kesto.core.refusals import Invalid

__all__ = [
    "SCHEMES",
    "fik",
    "finnish",
    "is_valid",
    "kid",
    "normal",
    "ocr",
    "printed",
    "reference",
    "reference_of",
    "rf",
]

Modulus = Literal[10, 11]

_OCR_LENGTHS = range(2, 26)
_KID_LENGTHS = range(4, 26)
_FIK_LENGTH = 15
_FIK_LINE = re.compile(r"\+71<([0-9]{15})\+([0-9]{8})<")


class Scheme(Struct, frozen=True):
    """A kind of reference: how it is made from a base, checked and grouped for reading."""

    make: Callable[[str], str]
    is_valid: Callable[[str], bool]
    printed: Callable[[str], str]


def reference(scheme: str, base: str) -> str:
    """Return the reference of a scheme for a base; Invalid when the base does not fit."""
    return _scheme(scheme).make(compact(base))


def reference_of(scheme: str) -> Callable[[int], str]:
    """What makes the references of a scheme for base numbers, to make many of them."""
    if scheme == "fi":
        return finnish
    make = _scheme(scheme).make
    return lambda base: make(str(base))


def is_valid(scheme: str, text: str) -> bool:
    """Whether a text is a reference of a scheme, its check digits included; spaces don't matter."""
    return _scheme(scheme).is_valid(compact(text))


def printed(scheme: str, text: str) -> str:
    """Return a reference as it stands on an invoice."""
    return _scheme(scheme).printed(compact(text))


def ocr(base: str, *, has_length_digit: bool = False) -> str:
    """Return the Swedish OCR number for a base of digits.

    With a length digit the last digit but one is the total length modulo 10.
    """
    _require_digits(base, 1, 23 if has_length_digit else 24)
    body = f"{base}{(len(base) + 2) % 10}" if has_length_digit else base
    return f"{body}{_luhn(body)}"


def kid(base: str, modulus: Modulus = 10) -> str:
    """Return the Norwegian KID for a base of digits, by the modulus agreed with the bank.

    By modulus 11 the last character may be a hyphen.
    """
    _require_digits(base, 3, 24)
    check = {10: _luhn, 11: _modulus_11}[modulus]
    return f"{base}{check(base)}"


def fik(base: str) -> str:
    """Return the Danish payment identification of type 71 for a base of up to 14 digits."""
    _require_digits(base, 1, _FIK_LENGTH - 1)
    body = base.zfill(_FIK_LENGTH - 1)
    return f"{body}{_luhn(body)}"


def _finnish(base: str) -> str:
    _require_digits(base, 3, 19)
    return finnish(int(base))


def _grouped_from_the_right(text: str) -> str:
    """Return a Finnish reference in groups of five, the last one whole."""
    digits = text.lstrip("0")
    first = len(digits) % 5
    groups = [digits[:first], *(digits[at : at + 5] for at in range(first, len(digits), 5))]
    return " ".join(filter(None, groups))


def _grouped_from_the_left(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _is_ocr(text: str) -> bool:
    return is_digits(text) and len(text) in _OCR_LENGTHS and _luhn(text[:-1]) == text[-1]


def _is_kid(text: str) -> bool:
    base, check = text[:-1], text[-1:]
    if not is_digits(base) or len(text) not in _KID_LENGTHS:
        return False
    return check in {_luhn(base), _modulus_11(base)}


def _is_fik(text: str) -> bool:
    line = _FIK_LINE.fullmatch(text)
    number = line[1] if line else text
    is_long_enough = is_digits(number) and len(number) == _FIK_LENGTH
    return is_long_enough and _luhn(number[:-1]) == number[-1]


def _luhn(base: str) -> str:
    """Return the check digit by modulus 10: every second digit from the right doubled."""
    total = 0
    for place, digit in enumerate(reversed(base)):
        weighed = int(digit) * (2 if place % 2 == 0 else 1)
        total += weighed // 10 + weighed % 10
    return str(-total % 10)


def _modulus_11(base: str) -> str:
    """Return the check character by modulus 11: weights 2 to 7 from the right; 10 is a hyphen."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(base)))
    return "0123456789-"[-total % 11]


def _require_digits(base: str, shortest: int, longest: int) -> None:
    if not is_digits(base) or not shortest <= len(base) <= longest:
        raise Invalid(
            f"The base of this reference must be {shortest} to {longest} digits, not {base!r}",
            code="reference_base",
            field="base",
        )


def _scheme(name: str) -> Scheme:
    if name not in SCHEMES:
        raise Invalid(
            f"{name!r} is no reference scheme; known: {', '.join(SCHEMES)}",
            code="unknown_scheme",
            field="scheme",
        )
    return SCHEMES[name]


SCHEMES: dict[str, Scheme] = {
    "fi": Scheme(_finnish, is_finnish, _grouped_from_the_right),
    "rf": Scheme(rf, is_rf, _grouped_from_the_left),
    "se_ocr": Scheme(ocr, _is_ocr, str),
    "no_kid": Scheme(kid, _is_kid, str),
    "dk_fik": Scheme(fik, _is_fik, str),
}
