"""The seller's legal entity: whose name, VAT number and bank account stand on the invoice."""

from django.db import models

from kesto.store.models.common import Noun


class BillingEntity(Noun):
    """A company of the merchant that issues invoices; its zone dates them."""

    code = models.TextField()
    name = models.TextField()
    country = models.TextField()
    zone = models.TextField()
    currency = models.TextField()
    business_id = models.TextField()
    vat_id = models.TextField()
    street = models.TextField()
    postal_code = models.TextField()
    city = models.TextField()
    email = models.TextField()
    iban = models.TextField()
    bic = models.TextField()
    reference_scheme = models.TextField(default="fi")
    due_days = models.IntegerField(default=14)
    snapshot_sha256 = models.BinaryField()

    class Meta:
        db_table = "billing_entity"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code"], name="billing_entity_code")
        ]
