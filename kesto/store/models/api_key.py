"""API keys, and the door table that finds a merchant before it is known."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kesto.store.models.common import Noun


class ApiKey(Noun):
    """A key of a merchant's own systems, kept by its hash; `prefix` is what people tell it by.

    `version` is that of the API which its requests are read by when they name none. `made_by` is
    who made it, as the audit log names them; empty where it was made before that was kept.
    """

    sha256 = models.BinaryField()
    name = models.TextField()
    prefix = models.TextField()
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    version = models.TextField()
    made_by = models.TextField(db_default="")

    class Meta:
        db_table = "api_key"
        constraints = [models.UniqueConstraint(fields=["sha256"], name="api_key_once")]


class Entry(models.Model):
    """Hashes and merchant ids only: the one table outside row-level security."""

    sha256 = models.BinaryField(primary_key=True)
    kind = models.TextField()
    merchant_id = models.UUIDField()
    subject_id = models.UUIDField()

    class Meta:
        db_table = "entry"
