"""Accept a link: who holds it chooses a password, and is a member of staff from then on."""

from datetime import datetime

from msgspec import Struct

from kesto.adapters import passwords
from kesto.core.ids import shown
from kesto.core.refusals import NotFound
from kesto.store import audit, merchants, staff
from kesto.store.session import Session, reading, writing
from kesto.store.staff import Door, Member


class Welcome(Struct, frozen=True):
    """Whom a link is for."""

    door: Door
    member: Member
    merchant_name: str


def look_at_staff_link(token: str, now: datetime) -> Welcome:
    """Whom a link is for; looking does not spend it. Raises NotFound for one that is void."""
    door = _door(token)
    with reading(door.merchant_id) as session:
        return Welcome(door, _invited(session, door, token, now), merchants.merchant(session).name)


def accept_staff_link(token: str, password: str, now: datetime) -> Door:
    """Take the password that the link's holder chose; the link is spent, other visits end.

    Raises NotFound for a link that is void, Invalid for a weak password.
    """
    door = _door(token)
    with writing(door.merchant_id) as session:
        member = _invited(session, door, token, now)
        passwords.refuse_weak(password, member.email, member.name)
        staff.change_secret(
            session,
            door.staff_id,
            password=passwords.hashed(password),
            link_sha256=None,
            link_expires_at=None,
        )
        staff.change_member(session, door.staff_id, state="active")
        staff.end_visits(session, door.staff_id)
        name = shown("staff", door.staff_id)
        audit.record(session, "accept_staff_link", {"staff": name}, now, name)
    return door


def _door(token: str) -> Door:
    door = staff.door_of_link(token)
    if door is None:
        raise _void()
    return door


def _invited(session: Session, door: Door, token: str, now: datetime) -> Member:
    member = staff.member(session, door.staff_id)
    is_open = staff.link_is_open(session, door.staff_id, token, now)
    if member is None or member.state == "disabled" or not is_open:
        raise _void()
    return member


def _void() -> NotFound:
    return NotFound(
        "this link has been used or its time has run out; ask an owner for a new one",
        code="link_void",
        field="link",
    )
