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


class WalletUse(Noun):
    """Credit that paid a part of an invoice, or all of it, when it was issued."""

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
            models.UniqueConstraint(fields=["merchant", "invoice"], name="wallet_used_once"),
        ]
