"""Claims: which part of which price of which item has been billed, and in which revision."""

from django.db import models

from kesto.store.models.common import OfMerchant


class Claim(OfMerchant):
    """A billed key; unique, and periods of one item and price never overlap."""

    pk = models.CompositePrimaryKey(
        "merchant_id", "item_id", "price_id", "kind", "period_start", "part", "revision"
    )
    item_id = models.UUIDField()
    price_id = models.UUIDField()
    kind = models.TextField()
    period_start = models.DateField()
    part = models.SmallIntegerField()
    revision = models.SmallIntegerField()
    period_end = models.DateField()
    amount_minor = models.BigIntegerField()
    invoice_id = models.UUIDField()

    class Meta:
        db_table = "claim"
