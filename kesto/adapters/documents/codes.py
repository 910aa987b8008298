"""The codes with which an invoice is paid: the Finnish bank barcode and the payment QR code."""

from msgspec import Struct

from kesto.adapters.banking.barcode import bank_barcode
from kesto.adapters.documents.code128 import code128
from kesto.adapters.documents.qr import payment_text, qr_code
from kesto.core.references import is_finnish, is_rf
from kesto.words.paper import Pay


class Codes(Struct, frozen=True):
    """Digits and pictures (SVG); what cannot be printed is empty."""

    digits: str = ""
    barcode: str = ""
    qr: str = ""


def codes(pay: Pay | None) -> Codes:
    """Return the codes of a payment. Raises Invalid for an account with wrong check digits.

    The barcode is left out where the banks know none: see `bank_barcode`; also in another
    currency, and for a reference that is neither Finnish nor RF.
    """
    if pay is None:
        return Codes()
    digits = _digits(pay)
    text = payment_text(
        *(pay.payee, pay.iban, pay.bic, pay.amount_minor, pay.reference, pay.currency)
    )
    return Codes(
        digits=digits,
        barcode=code128(digits) if digits else "",
        qr=qr_code(text) if text else "",
    )


def _digits(pay: Pay) -> str:
    has_reference = is_finnish(pay.reference) or is_rf(pay.reference)
    if pay.currency != "EUR" or not has_reference:
        return ""
    return bank_barcode(pay.iban, pay.amount_minor, pay.reference, pay.due) or ""
