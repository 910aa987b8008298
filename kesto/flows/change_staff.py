"""Change staff: role, language, or whether they may come in; one owner always stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kesto.core.ids import shown
from kesto.core.refusals import Conflict, NotFound
from kesto.core.staff import Role
from kesto.store import audit, staff
from kesto.store.session import writing
from kesto.store.staff import Member


def change_role(merchant_id: UUID, staff_id: UUID, role: Role, now: datetime, actor: str) -> None:
    """Give a member another role. Raises NotFound, Conflict for the last owner."""
    with writing(merchant_id) as session:
        member = _known(members := staff.lock_members(session), staff_id)
        if role != "owner":
            _refuse_last_owner(members, member)
        staff.change_member(session, staff_id, role=role)
        data = {"staff": shown("staff", staff_id), "from": member.role, "to": role}
        audit.record(session, "change_role", data, now, actor)


def disable_staff(merchant_id: UUID, staff_id: UUID, now: datetime, actor: str) -> None:
    """Let a member in no more: visits end, links are void. Raises NotFound, Conflict."""
    with writing(merchant_id) as session:
        member = _known(members := staff.lock_members(session), staff_id)
        _refuse_last_owner(members, member)
        staff.change_member(session, staff_id, state="disabled")
        staff.change_secret(session, staff_id, link_sha256=None, link_expires_at=None)
        staff.end_visits(session, staff_id)
        data = {"staff": shown("staff", staff_id)}
        audit.record(session, "disable_staff", data, now, actor)


def enable_staff(merchant_id: UUID, staff_id: UUID, now: datetime, actor: str) -> None:
    """Let a disabled member in again, with the password they had. Raises NotFound."""
    with writing(merchant_id) as session:
        member = _known(staff.lock_members(session), staff_id)
        if member.state == "disabled":
            has_password = bool(staff.secret(session, staff_id).password)
            state = "active" if has_password else "invited"
            staff.change_member(session, staff_id, state=state)
            data = {"staff": shown("staff", staff_id)}
            audit.record(session, "enable_staff", data, now, actor)


def change_language(merchant_id: UUID, staff_id: UUID, language: str, now: datetime) -> None:
    """Let a member's pages be in another language. Raises NotFound."""
    with writing(merchant_id) as session:
        _known(staff.lock_members(session), staff_id)
        staff.change_member(session, staff_id, language=language)
        name = shown("staff", staff_id)
        data = {"staff": name, "language": language}
        audit.record(session, "change_language", data, now, name)


def _known(members: Sequence[Member], staff_id: UUID) -> Member:
    for member in members:
        if member.id == staff_id:
            return member
    raise NotFound("there is no such member of staff", code="unknown_staff", field="staff")


def _refuse_last_owner(members: Sequence[Member], member: Member) -> None:
    others = [one for one in members if one.role == "owner" and one.state == "active"]
    if member.role == "owner" and member.state == "active" and others == [member]:
        raise Conflict(
            "this is the only owner who can sign in; make somebody else an owner first",
            code="last_owner",
            field="staff",
        )
