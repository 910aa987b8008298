"""Subscriptions, their items over time, and the history both are made from."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link, rate


class Subscription(Noun):
    """One subscription; who holds, pays and uses it, and how its periods are cut."""

    external_id = models.TextField()
    holder = link("Customer")
    payer = link("Customer")
    user = link("Customer")
    billing_group = link("BillingGroup")
    zone = models.TextField()
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
                condition=models.Q(end_on=None) | models.Q(end_on__gt=models.F("start_on")),
                name="subscription_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "billing_group"], name="subscription_group"),
            models.Index(fields=["merchant", "holder"], name="subscription_holder"),
        ]


class SubscriptionItem(Noun):
    """A plan version or an add-on in a quantity over a span of days: a projection of events."""

    subscription = link("Subscription")
    plan_version = link("PlanVersion", null=True)
    add_on = link("AddOn", null=True)
    quantity = rate()
    start_on = models.DateField()
    end_on = models.DateField(null=True)
    billed_from = models.DateField(null=True)

    class Meta:
        db_table = "subscription_item"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(plan_version=None) ^ models.Q(add_on=None),
                name="item_is_plan_or_add_on",
            ),
            models.CheckConstraint(
                condition=models.Q(end_on=None) | models.Q(end_on__gt=models.F("start_on")),
                name="item_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "subscription"], name="item_subscription")]


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
