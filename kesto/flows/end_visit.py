"""End a visit: a member of staff signs out a device that they are signed in on."""

from uuid import UUID

from kesto.store import staff
from kesto.store.session import writing


def end_visit(merchant_id: UUID, staff_id: UUID, sha256: bytes) -> None:
    """End one of a member's own visits; one that has ended already stays ended."""
    with writing(merchant_id) as session:
        staff.end_visit(session, staff_id, sha256)


def end_other_visits(merchant_id: UUID, staff_id: UUID, visit: bytes) -> int:
    """End all visits of a member but the one at hand; answers how many there were."""
    with writing(merchant_id) as session:
        return staff.end_visits(session, staff_id, but=visit)
