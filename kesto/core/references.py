"""Bank references the core must recognise: the Finnish number and the ISO 11649 RF reference.

A Finnish reference is 3 to 19 digits and a check digit: weights 7, 3, 1 from the right. An RF
reference is "RF", two check digits and up to 21 letters or digits; in Finland its body is the
whole national reference with its own check digit.
"""

from kesto.core.refusals import Invalid

SHORTEST, LONGEST = 4, 20
RF_LONGEST = 25
RF_HEAD = 4  # "RF" and the two check digits

_BASE_FROM, _BASE_UNTIL = 10 ** (SHORTEST - 2), 10 ** (LONGEST - 1)
# Three digits at a time: their weights are always 1, 3, 7, so a thousand sums can be kept.
_WEIGHED = tuple(7 * (n % 10) + 3 * (n // 10 % 10) + n // 100 for n in range(1000))


def finnish(base: int) -> str:
    """Return the Finnish reference for a base number of 3 to 19 digits."""
    if not _BASE_FROM <= base < _BASE_UNTIL:
        raise Invalid(
            f"A Finnish reference needs a base number of 3 to 19 digits, not {base}.",
            code="reference_base",
            field="base",
        )
    return f"{base}{-_weighed(base) % 10}"


def is_finnish(text: str) -> bool:
    """Whether a text is a Finnish reference; spaces and leading zeros don't matter."""
    digits = compact(text)
    if not is_digits(digits) or len(digits) > LONGEST or len(digits.lstrip("0")) < SHORTEST:
        return False
    base, check = divmod(int(digits), 10)
    return -_weighed(base) % 10 == check


def rf(body: str) -> str:
    """Return the RF reference around a body of 1 to 21 letters or digits."""
    compacted = compact(body)
    if not _is_alphanumeric(compacted) or len(compacted) > RF_LONGEST - RF_HEAD:
        raise Invalid(
            f"An RF reference needs a body of 1 to 21 letters or digits, not {body!r}.",
            code="reference_base",
            field="base",
        )
    check = 98 - _remainder(compacted + "RF00")
    return f"RF{check:02}{compacted}"


def is_rf(text: str) -> bool:
    """Whether a text is an RF reference with right check digits; spaces don't matter."""
    whole = compact(text)
    return (
        RF_HEAD < len(whole) <= RF_LONGEST
        and whole.startswith("RF")
        and is_digits(whole[2:RF_HEAD])
        and _is_alphanumeric(whole)
        and _remainder(whole[RF_HEAD:] + whole[:RF_HEAD]) == 1
    )


def normal(text: str) -> str:
    """Return the one form in which references are stored and compared.

    Without spaces and leading zeros, in upper case; an RF reference around a Finnish one becomes
    the Finnish one. Nothing is refused: a wrong reference stays what it is and is not found.
    """
    whole = compact(text)
    if is_rf(whole):
        body = whole[RF_HEAD:].lstrip("0")
        return body if is_finnish(body) else whole[:RF_HEAD] + body
    return whole.lstrip("0") if is_digits(whole) else whole


def compact(text: str) -> str:
    """Return a text without any white space, in upper case."""
    return "".join(text.split()).upper()


def is_digits(text: str) -> bool:
    """Whether a text is nothing but the digits 0 to 9, at least one."""
    return text.isascii() and text.isdigit()


def _weighed(base: int) -> int:
    """Return the sum of the digits times 7, 3, 1, 7 ... from the right."""
    total = 0
    while base:
        base, last_three = divmod(base, 1000)
        total += _WEIGHED[last_three]
    return total


def _is_alphanumeric(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _remainder(text: str) -> int:
    """Return the remainder by 97, letters counting as 10 to 35 (ISO 7064)."""
    return int("".join(str(int(character, 36)) for character in text)) % 97
