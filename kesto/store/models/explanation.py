"""Explanations: why each line of an invoice is what it is, as data."""

from django.db import models

from kesto.store.models.common import OfMerchant


class Explanation(OfMerchant):
    """One versioned document per invoice, its entries in the order of the lines."""

    pk = models.CompositePrimaryKey("merchant_id", "invoice_id")
    invoice_id = models.UUIDField()
    document = models.JSONField()

    class Meta:
        db_table = "explanation"
