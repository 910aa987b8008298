"""Staff: who works in the office, what lets them in, and the counting of failed sign-ins."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kesto.store.models.common import Noun, OfMerchant, link


class Staff(Noun):
    """A member of a merchant's staff; name and e-mail stand in `person`."""

    person = link("Person")
    email_sha256 = models.BinaryField()
    role = models.TextField()
    language = models.TextField()
    state = models.TextField()
    created_at = models.DateTimeField()
    signed_in_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "email_sha256"], name="staff_email_once")
        ]
        indexes = [models.Index(fields=["email_sha256"], name="staff_email")]


class StaffSecret(OfMerchant):
    """What lets a member of staff in: only the office's own role may read it.

    `password` is a salted hash, empty before the first link was used. `totp_step` is the last
    time step whose code was taken, so that no code counts twice. A link is kept by its hash.
    """

    pk = models.CompositePrimaryKey("merchant_id", "staff_id")
    staff = link("Staff")
    password = models.TextField(default="")
    totp = models.TextField(default="")
    totp_step = models.BigIntegerField(default=0)
    recovery_sha256s = ArrayField(models.TextField(), default=list)
    link_sha256 = models.BinaryField(null=True)
    link_expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_secret"


class SignInAttempt(models.Model):
    """Attempts since the last success, by the hash of what is tried: no merchant, no names."""

    sha256 = models.BinaryField(primary_key=True)
    attempts = models.IntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "sign_in_attempt"
