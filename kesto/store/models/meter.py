"""Meters, and the features that plans give."""

from django.db import models

from kesto.store.models.common import Noun


class Meter(Noun):
    """What is counted; `spec` is how, as the core reads it, and never changes."""

    code = models.TextField()
    names = models.JSONField()
    spec = models.JSONField()
    unit = models.TextField()
    late = models.TextField()

    class Meta:
        db_table = "meter"
        constraints = [models.UniqueConstraint(fields=["merchant", "code"], name="meter_code")]


class Feature(Noun):
    """Something that a subscriber may do or have; a metered one names its meter by code."""

    code = models.TextField()
    names = models.JSONField()
    kind = models.TextField()
    meter = models.TextField()

    class Meta:
        db_table = "feature"
        constraints = [models.UniqueConstraint(fields=["merchant", "code"], name="feature_code")]
