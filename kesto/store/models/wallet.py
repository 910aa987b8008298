"""Wallets: what customers have as credit, and which invoices it has paid."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link


class Wallet(OfMerchant):
    """A customer's credit with a billing entity in a currency; never below zero."""

    pk = models.CompositePrimaryKey("merchant_id", "customer_id", "billing_entity_id", "currency")
    customer = link("Customer")
    billing_entity = link("BillingEntity")
    currency = models.TextField()
    balance_minor = models.BigIntegerField()

    class Meta:
        db_table = "wallet"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(balance_minor__gte=0), name="wallet_not_negative"
            )
        ]


class CreditGrant(Noun):
    """An amount put into a wallet, with its rules; what is left of it never goes below zero.

    `origin` says where it came from: an overpayment, a credit note, the staff, or a wallet's
    balance from before there were grants. `source_id` is the payment or the credit note. What is
    given `before_tax` comes off invoices' lines, instead of paying the invoices.
    """

    customer = link("Customer")
    billing_entity = link("BillingEntity")
    currency = models.TextField()
    kind = models.TextField()
    origin = models.TextField()
    source_id = models.UUIDField(null=True)
    reason = models.TextField()
    priority = models.IntegerField()
    valid_from = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    before_tax = models.BooleanField(db_default=False)
    amount_minor = models.BigIntegerField()
    used_minor = models.BigIntegerField(db_default=0)
    expired_minor = models.BigIntegerField(db_default=0)
    paid_out_minor = models.BigIntegerField(db_default=0)
    left_minor = models.GeneratedField(
        expression=models.F("amount_minor")
        - models.F("used_minor")
        - models.F("expired_minor")
        - models.F("paid_out_minor"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "credit_grant"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0),
                    ("used_minor__gte", 0),
                    ("expired_minor__gte", 0),
                    ("paid_out_minor__gte", 0),
                    (
                        "used_minor__lte",
                        models.F("amount_minor")
                        - models.F("expired_minor")
                        - models.F("paid_out_minor"),
                    ),
                ),
                name="credit_grant_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "given"), ("paid_out_minor", 0)),
                    models.Q(("kind", "paid"), ("expires_on", None), ("expired_minor", 0)),
                    _connector="OR",
                ),
                name="paid_expires_not_given_pays_not_out",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    ("valid_from", None),
                    ("expires_on", None),
                    ("valid_from__lte", models.F("expires_on")),
                    _connector="OR",
                ),
                name="credit_grant_can_be_used",
            ),
            models.CheckConstraint(
                condition=models.Q(("kind", "given"), ("before_tax", False), _connector="OR"),
                name="paid_is_no_discount",
            ),
            models.UniqueConstraint(
                fields=["merchant", "source_id", "kind", "before_tax"], name="credit_granted_once"
            ),
        ]


class WalletUse(Noun):
    """Credit of a grant that paid a part of an invoice, or all of it, when it was issued."""

    grant = link("CreditGrant")
    customer = link("Customer")
    billing_entity = link("BillingEntity")
    invoice = link("Invoice")
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "wallet_use"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="wallet_use_is_positive"
            ),
            models.UniqueConstraint(
                fields=["merchant", "invoice", "grant"], name="wallet_used_once"
            ),
        ]


class CreditTaken(Noun):
    """Credit of a grant that came off an invoice's lines before its VAT, when it was issued.

    `left_minor` is what was left of the grant then.
    """

    grant = link("CreditGrant")
    invoice = link("Invoice")
    amount_minor = models.BigIntegerField()
    left_minor = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "credit_taken"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, left_minor__gte=0),
                name="credit_taken_is_sound",
            ),
            models.UniqueConstraint(
                fields=["merchant", "invoice", "grant"], name="credit_taken_once"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "grant"], name="credit_taken_of")]
