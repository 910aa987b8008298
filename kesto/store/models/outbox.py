"""The outbox: what must go out after a commit, exactly once per topic and subject."""

from django.db import models

from kesto.store.models.common import OfMerchant


class Outbox(OfMerchant):
    """One thing to be told to the outside; written in the transaction that it speaks of."""

    pk = models.CompositePrimaryKey("merchant_id", "topic", "subject_id")
    topic = models.TextField()
    subject_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "outbox"
