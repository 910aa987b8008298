"""Payouts: credit that goes back to customers' bank accounts."""

from django.db import models

from kesto.store.models.common import Noun, link


class Payout(Noun):
    """Credit that a customer gets back: asked of the bank, then paid.

    `bank_transaction` carried it out, which is booked under `clearing_id`.
    """

    customer = link("Customer")
    billing_entity = link("BillingEntity")
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    iban = models.TextField()
    reference = models.TextField()
    reason = models.TextField()
    state = models.TextField()
    asked_on = models.DateField()
    bank_transaction = link("BankTransaction", null=True)
    clearing_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payout"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0),
                    models.Q(
                        models.Q(("bank_transaction", None), ("clearing_id", None)),
                        models.Q(
                            ("bank_transaction__isnull", False),
                            ("clearing_id__isnull", False),
                            ("state", "paid"),
                        ),
                        _connector="OR",
                    ),
                ),
                name="payout_is_sound",
            ),
            models.UniqueConstraint(fields=["merchant", "reference"], name="payout_named_once"),
            models.UniqueConstraint(
                fields=["merchant", "bank_transaction"], name="payout_cleared_once"
            ),
        ]
