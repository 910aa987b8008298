"""Archived documents: which bytes a customer was given, and where they are kept."""

from django.db import models

from kesto.store.models.common import OfMerchant


class ArchivedDocument(OfMerchant):
    """A document as it was first made; `sha256` names its bytes in the blob store.

    `subject_id` is the invoice, credit note or payment that it is the document of.
    """

    pk = models.CompositePrimaryKey("merchant_id", "subject_id", "kind", "language")
    subject_id = models.UUIDField()
    kind = models.TextField()
    language = models.TextField()
    template_version = models.TextField()
    sha256 = models.BinaryField()
    size = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "archived_document"
