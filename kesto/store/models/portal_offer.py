"""Which plans and add-ons subscribers may choose by themselves in the portal."""

from django.db import models

from kesto.store.models.common import Noun


class PortalOffer(Noun):
    """A plan (`kind` plan) or an add-on (`add_on`) by its code; without a row it is not offered."""

    kind = models.TextField()
    code = models.TextField()

    class Meta:
        db_table = "portal_offer"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind", "code"], name="portal_offer_once")
        ]
