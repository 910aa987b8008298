"""The demo's own table."""

from django.db import models

from kesto.store.models.common import OfMerchant


class DemoTruth(OfMerchant):
    """What a payment of the demo's bank really is for; the matching never reads it."""

    pk = models.CompositePrimaryKey("merchant_id", "entry_key")
    entry_key = models.TextField()
    reference = models.TextField(null=True)
    amount_minor = models.BigIntegerField()
    flaw = models.TextField(null=True)

    class Meta:
        db_table = "demo_truth"
