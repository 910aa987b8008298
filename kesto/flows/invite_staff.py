"""Invite staff: a new member gets a one-time link, with which they choose their password."""

from datetime import datetime, timedelta
from uuid import UUID

from kesto.adapters.files import checks
from kesto.core.ids import shown
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.core.staff import Role
from kesto.store import audit, staff
from kesto.store.session import Session, writing
from kesto.store.staff import Member

LINK_LASTS = timedelta(hours=72)


def invite_staff(
    merchant_id: UUID,
    name: str,
    email: str,
    role: Role,
    language: str,
    token: str,
    now: datetime,
    actor: str,
) -> UUID:
    """Add a member of staff whose way in is the link with this token, for 72 hours.

    Raises Invalid for a name or an address that is none, Conflict for one that is taken.
    """
    name, email = _checked(name, email)
    with writing(merchant_id) as session:
        if staff.member_with_email(session, email) is not None:
            raise Conflict(
                f"{email} is a member of staff already", code="email_taken", field="email"
            )
        staff_id = staff.add_member(session, name, email, role, language, now)
        staff.open_link(session, staff_id, token, now + LINK_LASTS)
        data = {"staff": shown("staff", staff_id), "role": role}
        audit.record(session, "invite_staff", data, now, actor)
    return staff_id


def renew_staff_link(
    merchant_id: UUID,
    staff_id: UUID,
    token: str,
    now: datetime,
    actor: str,
    *,
    forgets_codes: bool = False,
) -> Member:
    """Give a member a new link, to choose another password; an earlier link is void.

    `forgets_codes` is for one whose phone is lost: their second factor is set up anew. Raises
    NotFound, and NotAllowed for a member who is disabled.
    """
    with writing(merchant_id) as session:
        member = known_member(session, staff_id)
        if member.state == "disabled":
            raise Conflict(
                "a disabled member gets no link; enable them first", code="disabled", field="staff"
            )
        staff.open_link(session, staff_id, token, now + LINK_LASTS)
        if forgets_codes:
            staff.change_secret(session, staff_id, totp="", totp_step=0, recovery_sha256s=[])
            staff.end_visits(session, staff_id)
        data = {"staff": shown("staff", staff_id), "forgets_codes": forgets_codes}
        audit.record(session, "renew_staff_link", data, now, actor)
    return member


def known_member(session: Session, staff_id: UUID) -> Member:
    """The member of staff with an id. Raises NotFound."""
    found = staff.member(session, staff_id)
    if found is None:
        raise NotFound("there is no such member of staff", code="unknown_staff", field="staff")
    return found


def _checked(name: str, email: str) -> tuple[str, str]:
    name, email = checks.tidied(name), checks.tidied(email)
    if not name:
        raise Invalid("give a name", code="missing", field="name")
    try:
        checks.words(checks.printable(name))
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_name", field="name") from None
    try:
        return name, checks.email(email)
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_email", field="email") from None
