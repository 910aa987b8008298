"""Invoices and credit notes with their lines and VAT groups; frozen from the first moment."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link, rate


class Invoice(Noun):
    """An invoice or a credit note; its number stands in `issued`, its payment beside it.

    A credit note has positive amounts and names the invoice it credits in `credits_invoice_id`.
    `through`, `history_seq` and `usage_seen` say what was known when it was made, so it can be
    recomputed.
    """

    kind = models.TextField()
    billing_entity = link("BillingEntity")
    billing_group = link("BillingGroup")
    customer = link("Customer")
    currency = models.TextField()
    includes_tax = models.BooleanField()
    invoice_on = models.DateField()
    due_on = models.DateField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    reference = models.TextField()
    seller_sha256 = models.BinaryField()
    buyer_sha256 = models.BinaryField()
    through = models.DateField()
    history_seq = models.BigIntegerField()
    credits_invoice_id = models.UUIDField(null=True)
    reason = models.TextField()
    created_at = models.DateTimeField()
    usage_seen = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "invoice"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total_minor=models.F("net_minor") + models.F("tax_minor")),
                name="invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(total_minor__gte=0), name="invoice_not_negative"
            ),
            models.UniqueConstraint(
                fields=["merchant", "reference"],
                condition=~models.Q(reference=""),
                name="invoice_reference",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "billing_group"], name="invoice_group"),
        ]


class InvoiceLine(OfMerchant):
    """A line; `amount_minor` is net or VAT-inclusive as the invoice says."""

    pk = models.CompositePrimaryKey("merchant_id", "invoice_id", "line_no")
    invoice = link("Invoice")
    line_no = models.IntegerField()
    item_id = models.UUIDField(null=True)
    price_id = models.UUIDField(null=True)
    product_id = models.UUIDField()
    kind = models.TextField()
    period_start = models.DateField()
    period_end = models.DateField()
    part = models.SmallIntegerField()
    revision = models.SmallIntegerField()
    quantity = rate(48)
    amount_minor = models.BigIntegerField()
    tax_category = models.TextField()
    tax_rate_percent = rate()

    class Meta:
        db_table = "invoice_line"


class InvoiceTax(OfMerchant):
    """The VAT of one category and rate on an invoice, computed once from the group's sum."""

    pk = models.CompositePrimaryKey("merchant_id", "invoice_id", "tax_category", "tax_rate_percent")
    invoice_id = models.UUIDField()
    tax_category = models.TextField()
    tax_rate_percent = rate()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()

    class Meta:
        db_table = "invoice_tax"
