"""The payment QR code of European banks, drawn (EPC069-12, version 002, UTF-8)."""

from importlib import import_module
from itertools import groupby

from stdnum import iban as iban_check

from kesto.adapters.documents.svg import bar, drawing
from kesto.core.money import format_minor
from kesto.core.references import RF_HEAD, RF_LONGEST, compact, is_finnish, is_rf, rf
from kesto.core.refusals import Invalid

MOST_MINOR = 99_999_999_999  # 999,999,999.99 euros

_LONGEST_NAME = 70
_LONGEST_RF_BODY = RF_LONGEST - RF_HEAD
# Weighing all eight masks takes most of the time; any mask is valid, this one reads well.
_MASK = 2


def payment_text(
    name: str, iban: str, bic: str, amount_minor: int, reference: str, currency: str
) -> str:
    """Return what the code says, empty where there can be none; Invalid for a wrong account.

    There is none in another currency than euros, for nothing and for too much. A Finnish
    reference stands in its RF form, the only structured one; another one stands as text.
    """
    account = compact(iban)
    if not iban_check.is_valid(account):
        raise Invalid(f"{iban!r} is no account number (IBAN)", code="bad_iban", field="iban")
    if currency != "EUR" or not 0 < amount_minor <= MOST_MINOR:
        return ""
    structured, text = _remittance(compact(reference))
    amount = f"EUR{format_minor(amount_minor, currency)}"
    payee = " ".join(name.split())[:_LONGEST_NAME].strip()
    head = ("BCD", "002", "1", "SCT", bic, payee, account, amount)
    return "\n".join((*head, "", structured, text)).rstrip("\n")


def qr_code(text: str) -> str:
    """Return a QR code with error level M; the page keeps four modules quiet around it."""
    # Loaded for the first code: few processes draw any.
    make = import_module("segno").make_qr
    code = make(text, error="m", encoding="utf-8", boost_error=False, mask=_MASK)
    path = []
    for y, row in enumerate(code.matrix):
        x = 0
        for is_dark, modules in groupby(row):
            width = len(list(modules))
            if is_dark:
                path.append(bar(x, y, width, 1))
            x += width
    side = len(code.matrix)
    return drawing(side, side, path)


def _remittance(reference: str) -> tuple[str, str]:
    """Return the reference as the structured one, or as text."""
    if is_rf(reference):
        return reference, ""
    if is_finnish(reference) and len(reference) <= _LONGEST_RF_BODY:
        return rf(reference), ""
    return "", reference
