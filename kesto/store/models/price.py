"""Prices: the parts of a plan version or an add-on; never changed."""

from django.db import models

from kesto.store.models.common import Noun, link


class Price(Noun):
    """One price; `spec` is the pricing model with its amounts as decimal strings.

    `meter` is the code of the meter that is priced, `phases` the places of its phases.
    """

    plan_version = link("PlanVersion", null=True)
    add_on = link("AddOn", null=True)
    position = models.IntegerField()
    code = models.TextField()
    product = link("Product")
    spec = models.JSONField()
    currency = models.TextField()
    includes_tax = models.BooleanField()
    interval_unit = models.TextField(null=True)
    interval_count = models.IntegerField(null=True)
    charged = models.TextField()
    proration = models.TextField()
    meter = models.TextField(db_default="")
    phases = models.JSONField(db_default=[])

    class Meta:
        db_table = "price"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(plan_version=None) ^ models.Q(add_on=None),
                name="price_has_one_owner",
            )
        ]
