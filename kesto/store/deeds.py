"""Who changed a subscription, and when: its history beside the audit log."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.store.session import Session

RECORDED = """
    select e.seq, e.recorded_at, coalesce(a.actor, '')
    from subscription_event e
    left join audit a on a.merchant_id = e.merchant_id and a.recorded_at = e.recorded_at
        and a.action = 'change_subscription'
        and a.data::json ->> 'subscription' = e.subscription_id::text
        and coalesce(a.data::jsonb -> 'seqs' @> to_jsonb(e.seq), true)
    where e.merchant_id = %s and e.subscription_id = any(%s)
"""


class Deed(Struct, frozen=True, gc=False):
    """When an event was told, and by whom as the audit log names them (empty: not there)."""

    at: datetime
    actor: str


def deeds(session: Session, subscription_id: UUID) -> dict[int, Deed]:
    """When each event of a subscription was told and by whom, by the event's number."""
    return deeds_of(session, [subscription_id])


def deeds_of(session: Session, subscriptions: Sequence[UUID]) -> dict[int, Deed]:
    """The same of many subscriptions; numbers are one series over all of them."""
    rows = session.rows(RECORDED, session.merchant_id, list(subscriptions))
    return {seq: Deed(at, actor) for seq, at, actor in rows}


def parties(session: Session, subscription_id: UUID) -> tuple[UUID, UUID, UUID] | None:
    """Who holds, pays for and uses a subscription; None for one that is not there."""
    row = session.row(
        "select holder_id, payer_id, user_id from subscription where merchant_id = %s and id = %s",
        *(session.merchant_id, subscription_id),
    )
    return None if row is None else (row[0], row[1], row[2])


def subscription_named(session: Session, text: str) -> UUID | None:
    """The subscription that has a number of the merchant's own, or None."""
    row = session.row(
        "select id from subscription where merchant_id = %s and external_id = %s",
        *(session.merchant_id, text),
    )
    return None if row is None else row[0]
