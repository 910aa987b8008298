"""Resolve a message: a person says what became of one of which nobody knows."""

from datetime import datetime
from uuid import UUID

from kesto.core.ids import shown
from kesto.core.refusals import Conflict
from kesto.store import audit, messages
from kesto.store.session import writing


def resolve_message(
    merchant_id: UUID,
    message_id: UUID,
    now: datetime,
    actor: str,
    *,
    has_arrived: bool,
    due_at: datetime,
) -> None:
    """Note that an unknown message has arrived, or let it be sent again under the same Message-ID.

    `due_at` is the moment by the workers' clock. Raises Conflict for a message whose end is known.
    """
    with writing(merchant_id) as session:
        is_resolved = messages.resolve(
            session, message_id, has_arrived=has_arrived, now=now, due_at=due_at
        )
        if not is_resolved:
            raise Conflict(
                "only a message that may not have arrived can be resolved: look at its state",
                code="message_not_unknown",
                field="message",
            )
        data = {"message": shown("message", message_id), "has_arrived": has_arrived}
        audit.record(session, "resolve_message", data, now, actor)
