"""Payment methods: how a customer wishes to pay."""

from django.db import models

from kesto.store.models.common import Noun, link


class PaymentMethod(Noun):
    """A customer's wish, kept and shown even while it can't be served."""

    customer = link("Customer")
    kind = models.TextField()
    is_default = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payment_method"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "customer"],
                condition=models.Q(is_default=True),
                name="one_default_payment_method",
            )
        ]
