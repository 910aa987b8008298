"""Expire credit: what was given and not used in time is let go, once a day."""

from datetime import datetime
from uuid import UUID

from kesto.core.calendar import local_date
from kesto.store import audit, merchants, wallets
from kesto.store.session import crash_point, writing


def expire_credit(merchant_id: UUID, now: datetime) -> int:
    """Let go of grants after their last day; answers how many. Running it again changes nothing.

    Nothing is booked: what was given costs only when it is used, and what was paid for never
    expires.
    """
    with writing(merchant_id, "run") as session:
        entities = merchants.billing_entities(session)
        if not entities:
            return 0
        gone = wallets.expire(session, local_date(now, entities[0].zone))
        crash_point("expire_credit.after_expiry")
        if gone:
            minor = sum(one for _, one in gone)
            data = {"grants": len(gone), "amount_minor": minor}
            audit.record(session, "expire_credit", data, now)
        crash_point("expire_credit.before_commit")
    return len(gone)
