"""Who has a plan version, in the order of their ids, for moving them to another one."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kesto.store.session import Session

SUBSCRIBERS = """
    select distinct subscription_id from subscription_item
    where merchant_id = %(own)s and plan_version_id = %(version)s and subscription_id > %(after)s
        and (end_on is null or end_on > %(today)s and end_on > start_on)
    order by subscription_id limit %(limit)s
"""


def subscribers(
    session: Session, version_id: UUID, today: date, after: UUID, limit: int
) -> list[UUID]:
    """The subscriptions that have a plan version today or later."""
    words = {
        "own": session.merchant_id,
        "version": version_id,
        "today": today,
        "after": after,
        "limit": limit,
    }
    return [row[0] for row in session.named(SUBSCRIBERS, words)]


def groups_of(session: Session, subscriptions: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The billing groups that items of each subscription are in, and the one it is in now."""
    rows = session.rows(
        "select id, billing_group_id from subscription where merchant_id = %s and id = any(%s)"
        " union select subscription_id, billing_group_id from subscription_item"
        " where merchant_id = %s and subscription_id = any(%s) order by 1, 2",
        *(session.merchant_id, list(subscriptions), session.merchant_id, list(subscriptions)),
    )
    found: dict[UUID, tuple[UUID, ...]] = {}
    for own, group_id in rows:
        found[own] = (*found.get(own, ()), group_id)
    return found
