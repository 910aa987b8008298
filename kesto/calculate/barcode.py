"""Operation barcode: the Finnish bank barcode of a payment in euros."""

from kesto.adapters.banking.barcode import bank_barcode, code128_check
from kesto.calculate.given import Answer, given_day, given_minor, given_zone
from kesto.core.fields import Fields
from kesto.core.refusals import Invalid


def barcode(fields: Fields) -> Answer:
    """Compute the digits of a barcode and its check value."""
    iban, number = fields.text("iban"), fields.text("reference")
    fields.require("amount")
    amount_minor = given_minor(fields, "amount", "EUR")
    zone = given_zone(fields)
    due_on = given_day(fields, "due", zone) if fields.has("due") else None
    fields.close()
    digits = bank_barcode(iban, amount_minor, number, due_on)
    if digits is None:
        raise Invalid(
            "no barcode can be printed: iban must be Finnish, amount below a million euros and the"
            " body of an RF reference digits only",
            code="no_barcode",
        )
    return {"digits": digits, "code128_check": code128_check(digits)}
