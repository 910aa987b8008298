"""Plans and their published versions."""

from django.db import models

from kesto.store.models.common import Noun, link


class Plan(Noun):
    """What a subscription is a subscription of."""

    code = models.TextField()

    class Meta:
        db_table = "plan"
        constraints = [models.UniqueConstraint(fields=["merchant", "code"], name="plan_code")]


class PlanVersion(Noun):
    """A plan as it was published; `content_sha256` seals everything it promises."""

    plan = link("Plan")
    version = models.IntegerField()
    names = models.JSONField()
    phases = models.JSONField(db_default=[])
    terms = models.JSONField(db_default={})
    entitlements = models.JSONField(db_default=[])
    delivery = models.JSONField(null=True)
    content_sha256 = models.BinaryField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "plan_version"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "plan", "version"], name="plan_version_no")
        ]
