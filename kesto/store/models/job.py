"""Jobs: work that waits for its time."""

from django.db import models

from kesto.store.models.common import Noun


class Job(Noun):
    """A call of one flow; `attempts` is counted before running, `key` keeps it from doubling."""

    kind = models.TextField()
    key = models.TextField()
    payload = models.JSONField()
    due_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    state = models.TextField(default="waiting")
    error = models.TextField(default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "job"
        constraints = [models.UniqueConstraint(fields=["merchant", "kind", "key"], name="job_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="job_due")
        ]
