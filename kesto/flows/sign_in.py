"""Sign in: an e-mail and a password lead to the merchants where they fit."""

from datetime import datetime
from uuid import UUID

from kesto.adapters import passwords
from kesto.core.ids import shown
from kesto.core.refusals import NotAllowed
from kesto.store import audit, staff
from kesto.store.session import reading, writing
from kesto.store.staff import Door

FREE_ATTEMPTS = 5
FREE_ATTEMPTS_OF_AN_ADDRESS = 100


class TooManyAttempts(NotAllowed):
    """Attempts came too fast: `seconds` says how long to wait."""

    default_code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts; wait {seconds} seconds and try again")
        self.seconds = seconds


def sign_in(email: str, password: str, address: str) -> list[Door]:
    """Where the e-mail is staff's and the password theirs; several only where both are the same.

    `address` is where the attempt comes from. Raises NotAllowed, the same for a wrong e-mail and
    a wrong password; TooManyAttempts.
    """
    refuse_too_many(f"address:{address}", FREE_ATTEMPTS_OF_AN_ADDRESS)
    refuse_too_many(f"email:{email}", FREE_ATTEMPTS)
    doors = staff.doors_of(email)
    if not doors:
        passwords.waste_time(password)
    found = [door for door in doors if passwords.fits(password, _password(door))]
    if not found:
        raise NotAllowed(
            "e-mail and password do not match; check both", code="sign_in_failed", field="password"
        )
    staff.forget_attempts(f"email:{email}")
    return found


def arrive(door: Door, now: datetime) -> None:
    """Note that a member of staff has come in, all factors given."""
    with writing(door.merchant_id) as session:
        staff.change_member(session, door.staff_id, signed_in_at=now)
        name = shown("staff", door.staff_id)
        audit.record(session, "sign_in", {"staff": name}, now, name)


def refuse_too_many(what: str, free: int) -> None:
    """Count an attempt before it is made. Raises TooManyAttempts."""
    seconds = staff.seconds_to_wait(what, free)
    if seconds:
        raise TooManyAttempts(seconds)


def password_fits(merchant_id: UUID, staff_id: UUID, password: str) -> bool:
    """Whether it is the password of a member who is in already; attempts are counted."""
    refuse_too_many(f"staff:{staff_id}", FREE_ATTEMPTS)
    if not passwords.fits(password, _password(Door(merchant_id, staff_id))):
        return False
    staff.forget_attempts(f"staff:{staff_id}")
    return True


def _password(door: Door) -> str:
    with reading(door.merchant_id) as session:
        return staff.secret(session, door.staff_id).password
