"""How much usage somebody wants to be told of."""

from django.db import models

from kesto.store.models.common import Noun, link, rate


class UsageAlert(Noun):
    """A threshold of a meter in a subscription; `seen` is the last batch that was looked at.

    `came_no` is the last batch with events of the subscription that went on to ClickHouse.
    """

    subscription = link("Subscription")
    meter = link("Meter")
    kind = models.TextField()
    threshold = rate(28)
    set_by = models.TextField()
    created_at = models.DateTimeField()
    seen = models.BigIntegerField()
    came_no = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "usage_alert"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "subscription", "meter", "kind", "threshold"],
                name="usage_alert_once",
            )
        ]
