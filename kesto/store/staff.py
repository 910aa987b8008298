"""Staff in the database: found by a hash before the merchant is known, by id afterwards."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections
from msgspec import Struct

from kesto.core.staff import Role, State
from kesto.store.ids import new_id
from kesto.store.session import ALIASES, Session, hexed

LINK = "staff_link"
MEMBER = (
    "select s.id, p.name, p.email, s.role, s.language, s.state, s.created_at, s.signed_in_at,"
    " c.totp <> '', cardinality(c.recovery_sha256s), c.link_expires_at"
    " from staff s join person p on p.merchant_id = s.merchant_id and p.id = s.person_id"
    " join staff_secret c on c.merchant_id = s.merchant_id and c.staff_id = s.id"
    " where s.merchant_id = %s"
)


class Member(Struct, frozen=True):
    """A member of staff; `link_expires_at` is of a link that waits to be used."""

    id: UUID
    name: str
    email: str
    role: Role
    language: str
    state: State
    created_at: datetime
    signed_in_at: datetime | None
    has_codes: bool
    recovery_codes_left: int
    link_expires_at: datetime | None


class Secret(Struct, frozen=True):
    """What lets a member of staff in, as it is kept."""

    password: str
    totp: str
    totp_step: int
    recovery_sha256s: tuple[str, ...]


class Door(Struct, frozen=True):
    """A member of staff of some merchant, found before either is known."""

    merchant_id: UUID
    staff_id: UUID


class Visit(Struct, frozen=True):
    """A signed-in visit: under what hash it is kept, and what it remembers."""

    sha256: bytes
    data: dict[str, Any]
    expires_at: datetime


def email_hash(email: str) -> bytes:
    """What an e-mail is found by; upper and lower case are the same."""
    return hashlib.sha256(f"staff:{email.strip().lower()}".encode()).digest()


def link_hash(token: str) -> bytes:
    """What a link is found by: with 256 bits of chance in it, a plain hash will do."""
    return hashlib.sha256(f"link:{token}".encode()).digest()


def doors_of(email: str) -> list[Door]:
    """Where an e-mail may sign in: one of each merchant it works for."""
    rows = _asked("select merchant_id, staff_id from staff_of(%s)", email_hash(email))
    return [Door(*row) for row in rows]


def door_of_link(token: str) -> Door | None:
    """Whose a one-time link is; whether it still counts, `link_is_open` says."""
    query = "select merchant_id, subject_id from entry_of(%s, %s)"
    rows = _asked(query, link_hash(token), LINK)
    return Door(*rows[0]) if rows else None


def seconds_to_wait(subject: str, free: int) -> int:
    """Count an attempt on something; when there were too many: how long to wait, uncounted."""
    rows = _asked("select sign_in_attempt(%s, %s)", _subject_hash(subject), free)
    return int(rows[0][0])


def forget_attempts(subject: str) -> None:
    """An attempt succeeded: the count begins anew."""
    _asked("select sign_in_succeeded(%s)", _subject_hash(subject))


def members(session: Session) -> list[Member]:
    """All staff of the merchant, the longest-serving first."""
    return [Member(*row) for row in session.rows(f"{MEMBER} order by s.id", session.merchant_id)]


def member(session: Session, staff_id: UUID) -> Member | None:
    """A member of staff, or None."""
    row = session.row(f"{MEMBER} and s.id = %s", session.merchant_id, staff_id)
    return Member(*row) if row else None


def member_with_email(session: Session, email: str) -> Member | None:
    """The member of staff with an e-mail, or None."""
    query = f"{MEMBER} and s.email_sha256 = %s"
    row = session.row(query, session.merchant_id, email_hash(email))
    return Member(*row) if row else None


def lock_members(session: Session) -> list[Member]:
    """All staff, their rows locked: who is the last owner stays true until the end."""
    session.rows(
        "select id from staff where merchant_id = %s order by id for update", session.merchant_id
    )
    return members(session)


def add_member(
    session: Session, name: str, email: str, role: Role, language: str, now: datetime
) -> UUID:
    """Write a new member of staff, who has no way in yet."""
    person_id, staff_id = new_id(), new_id()
    empty = dict.fromkeys(("phone", "street", "postal_code", "city", "country"), "")
    session.add("person", [{"id": person_id, "name": name, "email": email, **empty}])
    row = {
        "id": staff_id,
        "person_id": person_id,
        "email_sha256": hexed(email_hash(email)),
        "role": role,
        "language": language,
        "state": "invited",
        "created_at": now,
    }
    session.add("staff", [row])
    blank = {"password": "", "totp": "", "totp_step": 0, "recovery_sha256s": []}
    session.add("staff_secret", [{"staff_id": staff_id, **blank}])
    return staff_id


def change_member(session: Session, staff_id: UUID, **changes: object) -> None:
    """Change columns of a member: role, language, state or signed_in_at."""
    _update(session, "staff", "id", staff_id, changes)


def secret(session: Session, staff_id: UUID, *, lock: bool = False) -> Secret:
    """What lets a member in; locked, a code is taken once. Raises LookupError."""
    row = session.row(
        "select password, totp, totp_step, recovery_sha256s from staff_secret"
        " where merchant_id = %s and staff_id = %s" + (" for update" if lock else ""),
        *(session.merchant_id, staff_id),
    )
    if row is None:
        raise LookupError("a member of staff without secrets")
    return Secret(*(*row[:3], tuple(row[3])))


def change_secret(session: Session, staff_id: UUID, **changes: object) -> None:
    """Change what lets a member in: columns of `staff_secret` by name."""
    _update(session, "staff_secret", "staff_id", staff_id, changes)


def open_link(session: Session, staff_id: UUID, token: str, until: datetime) -> None:
    """Let a one-time link lead to a member; an earlier one is void."""
    sha256 = link_hash(token)
    session.rows("select entry_add(%s, %s, %s)", sha256, LINK, staff_id)
    change_secret(session, staff_id, link_sha256=sha256, link_expires_at=until)


def link_is_open(session: Session, staff_id: UUID, token: str, now: datetime) -> bool:
    """Whether a link is the member's latest, unused, and its time has not run out."""
    row = session.row(
        "select from staff_secret where merchant_id = %s and staff_id = %s"
        " and link_sha256 = %s and link_expires_at > %s",
        *(session.merchant_id, staff_id, link_hash(token), now),
    )
    return row is not None


def visits(session: Session, staff_id: UUID) -> list[Visit]:
    """A member's visits that go on."""
    rows = session.rows(
        "select sha256, data, expires_at from web_session where merchant_id = %s"
        " and kind = 'staff' and subject_id = %s and expires_at > now() order by expires_at desc",
        *(session.merchant_id, staff_id),
    )
    return [Visit(*row) for row in rows]


def end_visit(session: Session, staff_id: UUID, sha256: bytes) -> None:
    """End one visit of a member."""
    session.execute(
        "delete from web_session where merchant_id = %s and kind = 'staff'"
        " and subject_id = %s and sha256 = %s",
        *(session.merchant_id, staff_id, sha256),
    )


def end_visits(session: Session, staff_id: UUID, but: bytes = b"") -> int:
    """End a member's visits, but for one; answers how many there were."""
    return session.execute(
        "delete from web_session where merchant_id = %s and kind = 'staff'"
        " and subject_id = %s and sha256 <> %s",
        *(session.merchant_id, staff_id, but),
    )


def _update(
    session: Session, table: str, key: str, staff_id: UUID, changes: dict[str, object]
) -> None:
    columns = ", ".join(f"{name} = %s" for name in changes)
    session.execute(
        f"update {table} set {columns} where merchant_id = %s and {key} = %s",
        *changes.values(),
        *(session.merchant_id, staff_id),
    )


def _subject_hash(subject: str) -> bytes:
    return hashlib.sha256(f"attempt:{subject.strip().lower()}".encode()).digest()


def _asked(query: str, *parameters: UUID | bytes | str | int) -> list[tuple[Any, ...]]:
    """The answer of a function that may be asked before the merchant is known."""
    with connections[ALIASES["app"]].cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
