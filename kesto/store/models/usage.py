"""Usage events, the keys by which none counts twice, what came late, and what it comes to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kesto.store.models.common import OfMerchant, rate


class UsageEvent(OfMerchant):
    """An event as it counts: `at` in time, `number` or `name` for its meter, unless `problem`.

    `happened_at` is when it happened, where it counts at another time. `labels` are the values
    that its meter groups by. `ingest_no` says with which batch it came.
    """

    pk = models.CompositePrimaryKey("merchant_id", "subscription_id", "meter_id", "at", "key")
    subscription_id = models.UUIDField()
    meter_id = models.UUIDField()
    at = models.DateTimeField()
    key = models.UUIDField()
    happened_at = models.DateTimeField(null=True)
    source = models.TextField()
    event_id = models.TextField()
    number = rate(28)
    name = models.TextField(null=True)
    is_removal = models.BooleanField()
    labels = ArrayField(models.TextField(null=True), null=True)
    problem = models.TextField()
    sent = models.TextField()
    properties = models.JSONField(null=True)
    ingest_no = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "usage_event"


class EventKey(OfMerchant):
    """What was taken in: the hash of source and id, and the hash of what the event said."""

    pk = models.CompositePrimaryKey("merchant_id", "key")
    key = models.UUIDField()
    content = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "event_key"


class UsageLate(OfMerchant):
    """Events of a subscription that came after their day: the next run looks back for them."""

    pk = models.CompositePrimaryKey("merchant_id", "subscription_id", "ingest_no")
    subscription_id = models.UUIDField()
    ingest_no = models.BigIntegerField()
    since = models.DateField()

    class Meta:
        db_table = "usage_late"


class UsageRollup(OfMerchant):
    """What the events of a subscription and a meter between two instants come to.

    The row without labels is of all of them; a meter that groups has a row for each group beside
    it. `newest_no` is the newest batch among them. It is read when `is_filled`; `history_seq` is
    what was known of the subscription when its periods were last looked at.
    """

    pk = models.CompositePrimaryKey(
        *("merchant_id", "subscription_id", "meter_id", "end_at", "start_at", "labels")
    )
    subscription_id = models.UUIDField()
    meter_id = models.UUIDField()
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    labels = ArrayField(models.TextField(null=True))
    events = models.BigIntegerField()
    added = rate(28)
    highest = models.DecimalField(max_digits=28, decimal_places=12, null=True)
    newest_no = models.BigIntegerField()
    history_seq = models.BigIntegerField()
    is_filled = models.BooleanField()

    class Meta:
        db_table = "usage_rollup"


class UsageSpool(OfMerchant):
    """A batch of events on its way to ClickHouse, as they were taken in.

    `shipment` says with which other batches it is sent, always the same ones: what is in a shipment
    is what ClickHouse knows it by when it is sent again.
    """

    pk = models.CompositePrimaryKey("merchant_id", "ingest_no")
    ingest_no = models.BigIntegerField()
    shipment = models.BigIntegerField(null=True)
    events = models.IntegerField()
    subscriptions = ArrayField(models.UUIDField())
    body = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "usage_spool"


class UsageMove(models.Model):
    """Says that a merchant's events are in ClickHouse, or how far they were brought there.

    The last four of the columns before the times name the event that was moved last.
    """

    merchant = models.OneToOneField(
        *("store.Merchant", models.DO_NOTHING),
        primary_key=True,
        db_constraint=False,
        related_name="+",
    )
    is_done = models.BooleanField()
    chunk = models.IntegerField()
    moved = models.BigIntegerField()
    subscription_id = models.UUIDField(null=True)
    meter_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)
    key = models.UUIDField(null=True)
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "usage_move"
