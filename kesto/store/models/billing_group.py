"""Billing groups: what shares an invoice, and how far it has been billed."""

from django.db import models

from kesto.store.models.common import Noun, link


class BillingGroup(Noun):
    """Billing entity, payer, currency and payment term; the unit of a billing run.

    Everything due on or before `billed_through` has been billed; `next_due_on` is the day when
    there is work again; `dirty_from` says that the past changed and must be looked at.
    `separate_for` is the subscription of a group that is not consolidated. One that is set aside
    until prices come waits for `awaits_series`.
    """

    billing_entity = link("BillingEntity")
    payer = link("Customer")
    currency = models.TextField()
    due_days = models.IntegerField()
    includes_tax = models.BooleanField()
    separate_for = models.UUIDField(null=True)
    billed_through = models.DateField(null=True)
    next_due_on = models.DateField(null=True)
    dirty_from = models.DateField(null=True)
    history_seq = models.BigIntegerField()
    usage_seen = models.BigIntegerField(db_default=0)
    parked_reason = models.TextField(default="")
    parked_at = models.DateTimeField(null=True)
    accepts_bounds = models.BooleanField(default=False)
    awaits_series = link("PriceSeries", null=True)

    class Meta:
        db_table = "billing_group"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "merchant",
                    "payer",
                    "billing_entity",
                    "currency",
                    "due_days",
                    "includes_tax",
                    "separate_for",
                ],
                name="billing_group_identity",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["merchant", "parked_at"],
                condition=models.Q(parked_at__isnull=False),
                name="parked_groups",
            )
        ]
