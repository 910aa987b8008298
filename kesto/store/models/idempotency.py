"""Idempotency: the stored answer of a request that may be sent again."""

from django.db import models

from kesto.store.models.common import OfMerchant


class Idempotency(OfMerchant):
    """A key within its scope, the request's fingerprint, and the answer given.

    The row is written with the answer, in the transaction of what was done; `state` is `done`.
    `resource_id` is what was made or changed: whoever erases that erases the answer too.
    """

    pk = models.CompositePrimaryKey("merchant_id", "scope", "key")
    scope = models.TextField()
    key = models.TextField()
    fingerprint = models.BinaryField()
    state = models.TextField()
    status = models.IntegerField(null=True)
    headers = models.JSONField(null=True)
    body = models.BinaryField(null=True)
    resource_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency"
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]
