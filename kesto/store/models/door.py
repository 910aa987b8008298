"""What the doors keep: changes that remembered subscribers go stale by, and rejected events."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant


class PlacingChange(OfMerchant):
    """A change of what usage is placed by, made in transaction `xid`; triggers write it.

    `own` is the customer or subscription that changed, `name` what now means one; without either
    all of the merchant's is meant. `seen_at` is when it was known to be committed.
    """

    pk = models.CompositePrimaryKey("merchant_id", "no")
    no = models.BigIntegerField()
    xid = models.BigIntegerField()
    own = models.UUIDField(null=True)
    name = models.TextField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "placing_change"


class DeadLetter(Noun):
    """An event that was rejected, as it was sent, until it is mended or let go.

    `digest` is the hash of all of it, `key` that of its source and id. `is_undated`: its sender
    left its time to us.
    """

    digest = models.UUIDField()
    key = models.UUIDField()
    event_id = models.TextField()
    source = models.TextField()
    code = models.TextField()
    field = models.TextField()
    detail = models.TextField()
    event = models.JSONField()
    is_undated = models.BooleanField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "dead_letter"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "digest"], name="dead_letter_once")
        ]
        indexes = [
            models.Index(fields=["merchant", "code", "id"], name="dead_letters_by_code"),
            models.Index(fields=["merchant", "key"], name="dead_letters_by_key"),
            models.Index(fields=["received_at"], name="dead_letters_by_age"),
        ]
