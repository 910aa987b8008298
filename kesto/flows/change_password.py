"""Change a password: one's own, with the old one given; other visits end."""

from datetime import datetime
from uuid import UUID

from kesto.adapters import passwords
from kesto.core.ids import shown
from kesto.core.refusals import NotAllowed
from kesto.flows.invite_staff import known_member
from kesto.flows.sign_in import password_fits
from kesto.store import audit, staff
from kesto.store.session import writing


def change_password(
    merchant_id: UUID, staff_id: UUID, old: str, new: str, visit: bytes, now: datetime
) -> None:
    """Take a new password; of the member's visits only the one at hand goes on.

    Raises NotAllowed for a wrong old one, Invalid for a weak new one, TooManyAttempts.
    """
    if not password_fits(merchant_id, staff_id, old):
        raise NotAllowed("this is not your password now", code="wrong_password", field="old")
    with writing(merchant_id) as session:
        member = known_member(session, staff_id)
        passwords.refuse_weak(new, member.email, member.name)
        staff.change_secret(session, staff_id, password=passwords.hashed(new))
        staff.end_visits(session, staff_id, but=visit)
        name = shown("staff", staff_id)
        audit.record(session, "change_password", {"staff": name}, now, name)
