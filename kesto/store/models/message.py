"""Messages to customers and the channels they prefer."""

from django.db import models

from kesto.store.models.common import Noun, link


class Message(Noun):
    """A message with its life: waiting, sent, failed."""

    customer = link("Customer")
    kind = models.TextField()
    channel = models.TextField()
    language = models.TextField()
    state = models.TextField()
    subject_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "message"


class ChannelPreference(Noun):
    """The channel a customer chose for a group of messages."""

    customer = link("Customer")
    message_group = models.TextField()
    channel = models.TextField()

    class Meta:
        db_table = "channel_preference"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "customer", "message_group"], name="one_channel_per_group"
            )
        ]
