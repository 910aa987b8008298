"""Issued numbers: gapless per series, sealed with the invoice's hash."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link


class NumberSeries(Noun):
    """A counter per billing entity, kind and year; its row lock makes numbers gapless.

    `last_issued_at` never goes back: a later number has no earlier moment, whatever the clock.
    """

    billing_entity = link("BillingEntity")
    kind = models.TextField()
    year = models.IntegerField()
    prefix = models.TextField()
    next_number = models.BigIntegerField()
    last_issued_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "number_series"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "billing_entity", "kind", "year"], name="number_series_identity"
            )
        ]


class Issued(OfMerchant):
    """The number of an invoice with the moment and the seal of its issue."""

    pk = models.CompositePrimaryKey("merchant_id", "series_id", "number")
    series_id = models.UUIDField()
    number = models.BigIntegerField()
    invoice_id = models.UUIDField()
    issued_at = models.DateTimeField()
    sha256 = models.BinaryField()

    class Meta:
        db_table = "issued"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "invoice_id"], name="issued_once")
        ]
