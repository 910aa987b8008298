"""Subscriptions, their items over time, and the history both are made from."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link, rate


class Subscription(Noun):
    """One subscription; who holds, pays and uses it, and how its periods are cut.

    `zone` is the time zone that it began in, `later_zones` are those from a day on
    (core.item.ZoneFrom).
    """

    external_id = models.TextField()
    holder = link("Customer")
    payer = link("Customer")
    user = link("Customer")
    billing_group = link("BillingGroup")
    zone = models.TextField()
    later_zones = models.JSONField()
    alignment = models.TextField()
    billing_day = models.IntegerField()
    anchor = models.DateField(null=True)
    start_on = models.DateField()
    end_on = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "subscription"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "external_id"], name="subscription_external_id"
            ),
            models.CheckConstraint(
                condition=models.Q(end_on=None) | models.Q(end_on__gte=models.F("start_on")),
                name="subscription_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "billing_group"], name="subscription_group"),
            models.Index(fields=["merchant", "holder"], name="subscription_holder"),
            models.Index(fields=["merchant", "user"], name="subscription_user"),
        ]


class SubscriptionItem(Noun):
    """A plan version, an add-on or something once, over a span of days: a projection of events.

    `end_on` equal to `start_on`: it never ran. `course` is what happens to it after its start
    (core.item.Course), `extra` what is sold once beside the plan (core.item.Extra), `rhythm` on
    which days it is delivered (core.rhythm.Rhythm).
    """

    subscription = link("Subscription")
    plan_version = link("PlanVersion", null=True)
    add_on = link("AddOn", null=True)
    quantity = rate()
    start_on = models.DateField()
    end_on = models.DateField(null=True)
    billed_from = models.DateField(null=True)
    billing_group = link("BillingGroup")
    phase = models.SmallIntegerField(db_default=-1)
    course = models.JSONField(null=True)
    extra = models.JSONField(null=True)
    rhythm = models.JSONField(null=True)

    class Meta:
        db_table = "subscription_item"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    plan_version__isnull=False, add_on__isnull=True, extra__isnull=True
                )
                | models.Q(plan_version__isnull=True, add_on__isnull=False, extra__isnull=True)
                | models.Q(plan_version__isnull=True, add_on__isnull=True, extra__isnull=False),
                name="item_is_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(end_on=None) | models.Q(end_on__gte=models.F("start_on")),
                name="item_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "subscription"], name="item_subscription"),
            models.Index(fields=["merchant", "billing_group"], name="item_group"),
            models.Index(
                condition=models.Q(rhythm__isnull=False),
                fields=["merchant", "start_on"],
                name="item_delivered",
            ),
        ]


class Discount(Noun):
    """A discount that was given: a projection of events.

    `document` is what billing reads (core.discount_lines.StandingDiscount).
    """

    subscription = link("Subscription")
    number = models.SmallIntegerField()
    code = models.TextField()
    coupon_id = models.UUIDField()
    start_on = models.DateField()
    until_on = models.DateField(null=True)
    scope = models.TextField()
    document = models.JSONField()

    class Meta:
        db_table = "discount"
        indexes = [
            models.Index(fields=["merchant", "subscription"], name="discount_subscription"),
            models.Index(fields=["merchant", "coupon_id"], name="discount_coupon"),
        ]


class SubscriptionEvent(OfMerchant):
    """What happened to a subscription: append-only; everything else can be rebuilt from it."""

    pk = models.CompositePrimaryKey("merchant_id", "subscription_id", "seq")
    subscription = link("Subscription")
    seq = models.BigIntegerField()
    kind = models.TextField()
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    data = models.JSONField()

    class Meta:
        db_table = "subscription_event"
