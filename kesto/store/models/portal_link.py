"""Links from messages into the portal."""

from django.db import models

from kesto.store.models.common import OfMerchant, link


class PortalLink(OfMerchant):
    """A way into the portal, kept by the hash of its token alone; it opens one visit.

    `scope` is what the visit may do. `subject_id` is the invoice that the message was about.
    """

    pk = models.CompositePrimaryKey("merchant_id", "sha256")
    sha256 = models.BinaryField()
    customer = link("Customer")
    scope = models.TextField()
    subject_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_link"
