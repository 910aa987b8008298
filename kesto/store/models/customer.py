"""Customers: consumers and companies."""

from django.db import models

from kesto.store.models.common import Noun, link


class Customer(Noun):
    """Who buys; `snapshot_sha256` names the frozen name and address for the next invoice."""

    external_id = models.TextField()
    kind = models.TextField(choices=[("consumer", "consumer"), ("company", "company")])
    person = link("Person")
    language = models.TextField()
    zone = models.TextField()
    currency = models.TextField()
    business_id = models.TextField()
    vat_id = models.TextField()
    buyer_reference = models.TextField()
    order_number = models.TextField()
    cost_centre = models.TextField()
    snapshot_sha256 = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "customer"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "external_id"], name="customer_external_id")
        ]
