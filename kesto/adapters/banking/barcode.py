"""The Finnish bank barcode: 54 digits that a banking app reads off an invoice.

Version 4 carries a Finnish reference, version 5 an RF reference with a numeric body. Layout after
the version digit: account (16), euros (6), cents (2), reference (version 4: 000 and 20 digits,
version 5: check digits and 21 digits), due date YYMMDD or zeros. Source: the Finnish banks'
barcode guide, version 5.3. Printed as Code 128, character set C.
"""

from datetime import date

from stdnum import iban as iban_check

from kesto.core.references import RF_HEAD, compact, is_digits, is_finnish, is_rf
from kesto.core.refusals import Invalid

TOO_MUCH_MINOR = 100_000_000  # a million euros and more don't fit

_CODE_128_START_C, _CODE_128_MODULUS = 105, 103


def bank_barcode(iban: str, amount_minor: int, reference: str, due_on: date | None) -> str | None:
    """Return the 54 digits for a payment in euros, or None where none can be printed.

    There is none for an account outside Finland, for a million euros or more, and for an RF
    reference with letters. Wrong check digits of account or reference are Invalid.
    """
    account, whole = compact(iban), compact(reference)
    if not iban_check.is_valid(account):
        raise _wrong("iban", f"{iban!r} is no account number (IBAN)")
    if not (is_finnish(whole) or is_rf(whole)):
        raise _wrong("reference", f"{reference!r} is no Finnish or RF reference")
    if amount_minor < 0:
        raise _wrong("amount", "A bank barcode needs an amount that is not negative")
    body = _numeric_body(whole)
    if not account.startswith("FI") or amount_minor >= TOO_MUCH_MINOR or body is None:
        return None
    due = due_on.strftime("%y%m%d") if due_on else "000000"
    version = "5" if whole.startswith("RF") else "4"
    return f"{version}{account[2:]}{amount_minor:08}{body}{due}"


def code128_check(digits: str) -> int:
    """Return the check value of Code 128 in character set C over pairs of digits."""
    if not is_digits(digits) or len(digits) % 2:
        raise _wrong("digits", "Code 128 in character set C needs an even number of digits")
    pairs = (int(digits[at : at + 2]) for at in range(0, len(digits), 2))
    weighed = sum(place * pair for place, pair in enumerate(pairs, start=1))
    return (_CODE_128_START_C + weighed) % _CODE_128_MODULUS


def _numeric_body(reference: str) -> str | None:
    """Return the 23 digits of a reference, None when it has letters."""
    if not reference.startswith("RF"):
        return f"000{reference.lstrip('0').zfill(20)}"
    check, body = reference[2:RF_HEAD], reference[RF_HEAD:]
    return f"{check}{body.zfill(21)}" if is_digits(body) else None


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, code=f"bad_{field}", field=field)
