"""The ledger: journal entries and their postings; only ever added to."""

from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link


class JournalEntry(Noun):
    """The booking of one money event, whose id it carries: so each is booked exactly once."""

    billing_entity = link("BillingEntity")
    kind = models.TextField()
    customer_id = models.UUIDField(null=True)
    booked_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "journal_entry"


class Posting(OfMerchant):
    """One side of a journal entry: debit positive, credit negative, in minor units."""

    pk = models.CompositePrimaryKey("merchant_id", "entry_id", "line_no")
    entry = link("JournalEntry")
    line_no = models.SmallIntegerField()
    account = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()

    class Meta:
        db_table = "posting"
