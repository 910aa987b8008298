"""Deliveries of goods: where they go, and what happened to them on their way."""

from django.db import models

from kesto.store.models.common import Noun, link


class DeliveryAddress(Noun):
    """An address that deliveries of a subscription go to; the address itself is a person's."""

    subscription = link("Subscription")
    person = link("Person")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "delivery_address"
        indexes = [models.Index(fields=["merchant", "subscription"], name="delivery_address_whose")]


class DeliveryEvent(Noun):
    """What happened to the delivery of a subscription on a day: append-only.

    `contents` is what was in it then; `external_id` is the number of who reported it.
    """

    subscription = link("Subscription")
    delivery_on = models.DateField()
    state = models.TextField()
    happened_at = models.DateTimeField()
    carrier = models.TextField()
    tracking = models.TextField()
    note = models.TextField()
    external_id = models.TextField()
    contents = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "delivery_event"
        constraints = [
            models.UniqueConstraint(
                condition=~models.Q(external_id=""),
                fields=["merchant", "external_id"],
                name="delivery_event_external_id",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "delivery_on"], name="delivery_event_day"),
            models.Index(
                fields=["merchant", "subscription", "delivery_on"], name="delivery_event_whose"
            ),
        ]
