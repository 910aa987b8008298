"""Journey events: the stages of a customer's life with the merchant."""

from django.db import models

from kesto.store.models.common import Noun, link


class JourneyEvent(Noun):
    """Something that happened between customer and merchant, for people and for measures."""

    customer = link("Customer")
    kind = models.TextField()
    occurred_at = models.DateTimeField()
    data = models.JSONField()

    class Meta:
        db_table = "journey_event"
        indexes = [
            models.Index(fields=["merchant", "customer", "occurred_at"], name="journey_customer")
        ]
