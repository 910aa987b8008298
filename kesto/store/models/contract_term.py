"""Contract terms: the minimum and the notice that were agreed."""

from django.db import models

from kesto.store.models.common import Noun, link


class ContractTerm(Noun):
    """A minimum period of a subscription; `minimum_until` is exclusive, null without one."""

    subscription = link("Subscription")
    start_on = models.DateField()
    minimum_months = models.IntegerField()
    minimum_until = models.DateField(null=True)
    notice_days = models.IntegerField()

    class Meta:
        db_table = "contract_term"
        indexes = [models.Index(fields=["merchant", "subscription"], name="term_subscription")]
