"""Messages to customers, the channels they prefer, and how a merchant's messages leave."""

from django.db import models

from kesto.store.models.common import Noun, link


class Message(Noun):
    """A message as it was sent, with its life.

    It waits, is being sent (its data may have reached the server), and is sent; or it failed, is
    undeliverable, or nobody knows (unknown). `reason` is a code that says why. `due_at` is when
    a worker may take it, and how long one keeps it; `attempts` says whose it is. The key of the
    portal link is left out of the texts that are kept. `fallback_of` is the message that did not
    arrive and that this one stands in for.
    """

    customer = link("Customer")
    kind = models.TextField()
    channel = models.TextField()
    language = models.TextField()
    state = models.TextField()
    subject_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    address = models.TextField(db_default="")
    subject = models.TextField(db_default="")
    text = models.TextField(db_default="")
    html = models.TextField(db_default="")
    document_sha256 = models.BinaryField(null=True)
    is_attached = models.BooleanField(db_default=False)
    attempts = models.IntegerField(db_default=0)
    due_at = models.DateTimeField(null=True)
    reason = models.TextField(db_default="")
    fallback_of = link("Message", null=True)
    letter_batch = link("LetterBatch", null=True)

    class Meta:
        db_table = "message"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "subject_id", "kind", "channel"],
                condition=~models.Q(kind="portal.link"),  # which one may ask for again
                name="message_once",
            )
        ]
        indexes = [
            models.Index(fields=["merchant", "customer"], name="message_customer"),
            models.Index(fields=["merchant", "subject_id"], name="message_subject"),
            models.Index(
                fields=["merchant", "due_at"],
                condition=models.Q(state__in=["waiting", "sending"]),
                name="message_due",
            ),
        ]


class LetterBatch(Noun):
    """The letters of a day in one file for the printer, with the list of their addresses."""

    made_on = models.DateField()
    state = models.TextField()
    letters = models.IntegerField(db_default=0)
    pages = models.IntegerField(db_default=0)
    pdf_sha256 = models.BinaryField(null=True)
    list_sha256 = models.BinaryField(null=True)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "letter_batch"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "made_on"], name="one_letter_batch_a_day")
        ]


class DeliverySetting(Noun):
    """How a merchant's messages leave; the password is kept in the home, not here.

    `letters_from_hour` is the local hour from which the day's letters are put together.
    `sends_receipts` says whether customers are told of each payment.
    """

    host = models.TextField()
    port = models.IntegerField()
    security = models.TextField()
    username = models.TextField()
    sender = models.TextField()
    reply_to = models.TextField()
    is_attached = models.BooleanField()
    letters_from_hour = models.IntegerField()
    sends_receipts = models.BooleanField(db_default=False)

    class Meta:
        db_table = "delivery_setting"
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_delivery_setting")]


class ChannelPreference(Noun):
    """The channel a customer chose for a group of messages; the language may be their usual one."""

    customer = link("Customer")
    message_group = models.TextField()
    channel = models.TextField()
    language = models.TextField(db_default="")

    class Meta:
        db_table = "channel_preference"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "customer", "message_group"], name="one_channel_per_group"
            )
        ]
