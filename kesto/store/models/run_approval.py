"""Runs above the merchant's limit, which wait until somebody approves them."""

from django.db import models

from kesto.store.models.common import Noun, link


class RunApproval(Noun):
    """A run that was asked for, what it would come to, and what was decided.

    Of a merchant's one waits at a time. `earlier` was approved, and what the run comes to has
    changed since.
    """

    through = models.DateField()
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    invoices = models.IntegerField()
    total_minor = models.BigIntegerField()
    before_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField()
    set_aside = models.IntegerField()
    earlier = link("RunApproval", null=True)
    state = models.TextField()
    decided_by = models.TextField()
    decided_at = models.DateTimeField(null=True)
    note = models.TextField()

    class Meta:
        db_table = "run_approval"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=models.Q(state="waiting"), name="run_approval_waits"
            )
        ]
