"""Snapshots: names and addresses as an invoice froze them, shared by content hash."""

from django.db import models

from kesto.store.models.common import OfMerchant


class Snapshot(OfMerchant):
    """The exact bytes of a buyer's or a seller's data, and their SHA-256."""

    pk = models.CompositePrimaryKey("merchant_id", "sha256")
    sha256 = models.BinaryField()
    kind = models.TextField()
    document = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "snapshot"
