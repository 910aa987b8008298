"""Move a test merchant's clock."""

from datetime import UTC, datetime
from uuid import UUID

from kesto.core.refusals import NotAllowed
from kesto.store import audit, merchants
from kesto.store.session import writing


def move_clock(merchant_id: UUID, clock_at: datetime) -> None:
    """Let a test merchant's time be `clock_at`; it never runs backwards. Raises NotAllowed."""
    clock_at = clock_at.astimezone(UTC)  # as it is stored: the audit log is hashed as it reads
    with writing(merchant_id) as session:
        merchant = merchants.merchant(session)
        if merchant.mode != "test" or merchant.clock_at is None:
            raise NotAllowed("only a test merchant has a movable clock", field="merchant")
        if clock_at < merchant.clock_at:
            raise NotAllowed(
                f"the clock stands at {merchant.clock_at:%Y-%m-%d %H:%M} and never runs backwards",
                field="clock_at",
            )
        merchants.set_clock(session, clock_at)
        audit.record(session, "move_clock", {"from": merchant.clock_at, "to": clock_at}, clock_at)
