"""Payments, what they settle, and how far each invoice is settled."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link


class Payment(Noun):
    """Money received; what is not allocated is the customer's credit."""

    customer = link("Customer")
    bank_transaction = link("BankTransaction")
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    allocated_minor = models.BigIntegerField()
    received_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payment"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(allocated_minor__gte=0)
                & models.Q(allocated_minor__lte=models.F("amount_minor")),
                name="payment_not_overallocated",
            ),
            models.UniqueConstraint(
                fields=["merchant", "bank_transaction"], name="one_payment_per_transaction"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "customer"], name="payment_customer")]


class Allocation(Noun):
    """A part of a payment that settles a part of an invoice."""

    payment = link("Payment")
    invoice = link("Invoice")
    amount_minor = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "allocation"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="allocation_is_positive"
            )
        ]
        indexes = [
            models.Index(fields=["merchant", "invoice"], name="allocation_invoice"),
            models.Index(fields=["merchant", "payment"], name="allocation_payment"),
        ]


class Settlement(OfMerchant):
    """How far an invoice is settled; the row appears with the first that settles a part of it.

    What is paid came in from a bank or out of the customer's wallet.
    """

    pk = models.CompositePrimaryKey("merchant_id", "invoice_id")
    invoice = link("Invoice")
    total_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField()
    written_off_minor = models.BigIntegerField(db_default=0)
    settled_minor = models.GeneratedField(
        expression=models.F("paid_minor")
        + models.F("credited_minor")
        + models.F("written_off_minor"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        db_table = "settlement"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(paid_minor__gte=0)
                & models.Q(credited_minor__gte=0)
                & models.Q(written_off_minor__gte=0)
                & models.Q(
                    paid_minor__lte=models.F("total_minor")
                    - models.F("credited_minor")
                    - models.F("written_off_minor")
                ),
                name="settlement_within_total",
            )
        ]
