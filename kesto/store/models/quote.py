"""Quotes: what a change comes to, stored until it is confirmed."""

from django.db import models

from kesto.store.models.common import Noun, link


class Quote(Noun):
    """A command on a subscription, the events and lines it came to, and how long that holds."""

    subscription = link("Subscription")
    command = models.JSONField()
    events = models.JSONField()
    basis = models.JSONField()
    lines_sha256 = models.TextField()
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "quote"
        indexes = [models.Index(fields=["merchant", "subscription"], name="quote_subscription")]
