"""Products: what is sold, taxed and booked."""

from django.db import models

from kesto.store.models.common import Noun


class Product(Noun):
    """A thing or service with its names, VAT category and revenue account."""

    code = models.TextField()
    names = models.JSONField()
    tax_category = models.TextField()
    revenue_account = models.TextField()

    class Meta:
        db_table = "product"
        constraints = [models.UniqueConstraint(fields=["merchant", "code"], name="product_code")]
