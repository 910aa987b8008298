"""Write-offs: invoices that nobody expects to be paid any more, and what came in after all."""

from django.db import models

from kesto.store.models.common import Noun, link


class WriteOff(Noun):
    """What was open of an invoice and is given up; `tax_minor` is the VAT relieved of it."""

    invoice = link("Invoice")
    customer = link("Customer")
    billing_entity = link("BillingEntity")
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    relieves_tax = models.BooleanField()
    tax_minor = models.BigIntegerField()
    reason = models.TextField()
    booked_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "write_off"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0)
                & models.Q(tax_minor__gte=0)
                & models.Q(tax_minor__lte=models.F("amount_minor"))
                & (models.Q(relieves_tax=True) | models.Q(tax_minor=0)),
                name="write_off_adds_up",
            ),
            models.UniqueConstraint(fields=["merchant", "invoice"], name="written_off_once"),
        ]


class Recovery(Noun):
    """A part of a write-off that a payment brought in after all, with the VAT that is due again."""

    write_off = link("WriteOff")
    payment = link("Payment")
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "recovery"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0)
                & models.Q(tax_minor__gte=0)
                & models.Q(tax_minor__lte=models.F("amount_minor")),
                name="recovery_adds_up",
            ),
            models.UniqueConstraint(fields=["merchant", "payment"], name="recovered_once"),
        ]
