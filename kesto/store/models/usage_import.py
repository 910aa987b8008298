"""How far files of usage were brought in."""

from django.db import models

from kesto.store.models.common import OfMerchant


class UsageImport(OfMerchant):
    """A file, known by the hash of what it holds and how it is read, and how far it is done."""

    pk = models.CompositePrimaryKey("merchant_id", "sha256")
    sha256 = models.BinaryField()
    file = models.TextField()
    rows_done = models.BigIntegerField()
    last_line = models.BigIntegerField()
    accepted = models.BigIntegerField()
    duplicate = models.BigIntegerField()
    rejected = models.BigIntegerField()
    is_finished = models.BooleanField()
    started_at = models.DateTimeField()
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "usage_import"
