"""Add-ons in published versions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kesto.store.models.common import Noun


class AddOn(Noun):
    """Something taken on top of a plan; `plans` empty means any plan."""

    code = models.TextField()
    version = models.IntegerField()
    names = models.JSONField()
    plans = ArrayField(models.TextField())
    minimum_months = models.IntegerField(db_default=0)
    entitlements = models.JSONField(db_default=[])
    delivery = models.JSONField(null=True)
    content_sha256 = models.BinaryField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "add_on"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code", "version"], name="add_on_version")
        ]
