"""Forget answers: those that were kept for requests which nobody sends again any more."""

from datetime import UTC, datetime, time
from uuid import UUID

from kesto.flows.answer_once import KEPT_FOR
from kesto.store import idempotency
from kesto.store.session import writing

BATCH = 1000


def forgotten_before(now: datetime) -> datetime:
    """Answers from before this moment are forgotten: whole days, so that once a day is enough."""
    return datetime.combine(now.astimezone(UTC).date(), time(tzinfo=UTC)) - KEPT_FOR


def forget_answers(merchant_id: UUID, now: datetime) -> int:
    """Delete a merchant's old answers in small batches, each committed; answers how many.

    No entry of the audit log: what the requests did has one already.
    """
    count = 0
    while True:
        with writing(merchant_id, "run") as session:
            found = idempotency.forget(session, forgotten_before(now), BATCH)
        count += found
        if found < BATCH:
            return count
