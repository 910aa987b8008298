"""Bank files and the transactions in them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kesto.store.models.common import Noun, link


class BankFile(Noun):
    """A file that a bank sent; the same bytes are imported once."""

    sha256 = models.BinaryField()
    name = models.TextField()
    kind = models.TextField()
    message_id = models.TextField()
    entries = models.IntegerField()
    imported_at = models.DateTimeField()

    class Meta:
        db_table = "bank_file"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sha256"], name="bank_file_once")
        ]


class BankTransaction(Noun):
    """An entry of a bank file; `entry_key` is the same for one payment in every report."""

    bank_file = link("BankFile")
    account = models.TextField()
    entry_key = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    direction = models.TextField()
    is_reversal = models.BooleanField()
    booked_on = models.DateField()
    value_on = models.DateField(null=True)
    references = ArrayField(models.TextField())
    texts = ArrayField(models.TextField())
    end_to_end_id = models.TextField()
    payer_name = models.TextField()
    payer_iban = models.TextField()
    bank_reference = models.TextField()
    payments = models.IntegerField()
    return_reason = models.TextField()
    state = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "bank_transaction"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "account", "entry_key"], name="bank_transaction_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["merchant", "booked_on"],
                condition=models.Q(state="unmatched"),
                name="unmatched_queue",
            )
        ]
