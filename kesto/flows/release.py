"""Release: a person puts a parked billing group back to work."""

from datetime import datetime
from uuid import UUID

from kesto.core.ids import shown
from kesto.core.refusals import NotFound
from kesto.store import audit, billing
from kesto.store.session import writing


def release(
    merchant_id: UUID, group_id: UUID, now: datetime, *, accepts_bounds: bool, actor: str
) -> None:
    """Release a parked group; `accepts_bounds` lets its next invoice pass the safety bounds.

    Raises NotFound when the group isn't parked.
    """
    with writing(merchant_id) as session:
        if not billing.release(session, group_id, accepts_bounds=accepts_bounds):
            raise NotFound(
                f"no billing group {shown('billing_group', group_id)} is parked", field="group"
            )
        audit.record(
            session, "release", {"group": group_id, "accepts_bounds": accepts_bounds}, now, actor
        )
