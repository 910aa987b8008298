"""Billing runs, cut into chunks that are billed whole or not at all."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link


class BillingRun(Noun):
    """One run through all groups with work due `grace_days` before `through`, or earlier.

    `begun_at` is when it began by the real clock, whatever the merchant's own says. It sees the
    usage that came up to the batch `usage_seen`. `group` is the only one of a run in
    which a person issued its draft.
    """

    through = models.DateField()
    grace_days = models.IntegerField(db_default=0)
    group = link("BillingGroup", null=True)
    usage_seen = models.BigIntegerField(db_default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_run"


class BillingChunk(OfMerchant):
    """A range of group ids of a run; done in one transaction together with its invoices.

    `done_at` is the moment by the real clock.
    """

    pk = models.CompositePrimaryKey("merchant_id", "run_id", "chunk_no")
    run = link("BillingRun")
    chunk_no = models.IntegerField()
    first_group_id = models.UUIDField()
    last_group_id = models.UUIDField()
    groups = models.IntegerField()
    is_done = models.BooleanField(default=False)
    invoices = models.IntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    parked = models.IntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_chunk"
