"""What subscribers are told about their contract."""

from django.db import models

from kesto.store.models.common import Noun, link


class Notice(Noun):
    """What a subscriber is told: a change that was made, or a day that comes nearer.

    `about_on` is the day from which it holds. A change is known by the number of its newest event
    (`seq`), what comes nearer by its day alone: neither is ever told twice.
    """

    subscription = link("Subscription")
    customer = link("Customer")
    kind = models.TextField()
    about_on = models.DateField()
    seq = models.BigIntegerField(db_default=0)
    data = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "notice"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "subscription", "kind", "about_on", "seq"], name="notice_once"
            )
        ]
