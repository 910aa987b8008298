"""Who is on which version of the catalogue."""

from datetime import date
from uuid import UUID

from kesto.store.session import Session


def taken(session: Session, today: date) -> dict[UUID, int]:
    """How many subscriptions have each plan version or add-on, today or later."""
    rows = session.rows(
        "select coalesce(plan_version_id, add_on_id), count(distinct subscription_id)"
        " from subscription_item where merchant_id = %s and (end_on is null or end_on > %s)"
        " group by 1",
        *(session.merchant_id, today),
    )
    return dict(rows)
