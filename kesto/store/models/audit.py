"""The audit log: one entry per flow or chunk, in a hash chain per merchant."""

from django.db import models

from kesto.store.models.common import OfMerchant


class Audit(OfMerchant):
    """Who did what; `sha256` covers the entry and the one before it."""

    pk = models.CompositePrimaryKey("merchant_id", "seq")
    seq = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    actor = models.TextField()
    action = models.TextField()
    data = models.TextField()
    sha256 = models.BinaryField()

    class Meta:
        db_table = "audit"


class AuditHead(models.Model):
    """The end of a merchant's chain; its row lock puts entries in order."""

    merchant = models.OneToOneField(
        "store.Merchant", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    seq = models.BigIntegerField()
    sha256 = models.BinaryField()

    class Meta:
        db_table = "audit_head"
