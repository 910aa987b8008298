"""Signed-in visits to the office and the portal."""

from django.db import models

from kesto.store.models.common import OfMerchant


class WebSession(OfMerchant):
    """A visit of a member of staff or a customer, found by the hash of its key alone.

    The key itself is only in the visitor's cookie. `subject_id` is who visits.
    """

    sha256 = models.BinaryField(primary_key=True)
    kind = models.TextField(choices=[("staff", "staff"), ("portal", "portal")])
    subject_id = models.UUIDField()
    data = models.JSONField(default=dict)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "web_session"
        indexes = [
            models.Index(fields=["merchant", "kind", "subject_id"], name="web_session_of_subject")
        ]
