"""People: the one place where names, addresses and contact data stand."""

from django.db import models

from kesto.store.models.common import Noun


class Person(Noun):
    """A name with its address; emptied on erasure, invoices keep their own snapshots."""

    name = models.TextField()
    email = models.TextField()
    phone = models.TextField()
    street = models.TextField()
    postal_code = models.TextField()
    city = models.TextField()
    country = models.TextField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "person"
