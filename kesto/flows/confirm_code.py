"""Confirm a code: the second factor, by an authenticator's code or a recovery code."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import pyotp

from kesto.core.ids import shown
from kesto.core.refusals import NotAllowed
from kesto.flows.sign_in import FREE_ATTEMPTS, refuse_too_many
from kesto.store import audit, staff
from kesto.store.session import writing

STEP_SECONDS = 30
STEPS_APART = 1  # a phone's clock may be that much off

How = Literal["code", "recovery_code"]


def confirm_code(merchant_id: UUID, staff_id: UUID, code: str, now: datetime) -> How:
    """Take a code of the member's authenticator, or one of their recovery codes; each once.

    Raises NotAllowed for another one, TooManyAttempts.
    """
    refuse_too_many(f"code:{staff_id}", FREE_ATTEMPTS)
    with writing(merchant_id) as session:
        kept = staff.secret(session, staff_id, lock=True)
        step = step_of(kept.totp, code, now)
        if kept.totp and step is not None and step > kept.totp_step:
            staff.change_secret(session, staff_id, totp_step=step)
            how: How = "code"
        elif recovery_hash(code) in kept.recovery_sha256s:
            left = [one for one in kept.recovery_sha256s if one != recovery_hash(code)]
            staff.change_secret(session, staff_id, recovery_sha256s=left)
            how = "recovery_code"
        else:
            raise _wrong()
        name = shown("staff", staff_id)
        audit.record(session, "confirm_code", {"staff": name, "how": how}, now, name)
    staff.forget_attempts(f"code:{staff_id}")
    return how


def set_up_codes(
    merchant_id: UUID,
    staff_id: UUID,
    totp: str,
    code: str,
    recovery_codes: Sequence[str],
    now: datetime,
) -> None:
    """Take a new authenticator, once its first code proves that it works; and recovery codes.

    Earlier ones no longer count. Raises NotAllowed for a wrong code, TooManyAttempts.
    """
    refuse_too_many(f"code:{staff_id}", FREE_ATTEMPTS)
    step = step_of(totp, code, now)
    if step is None:
        raise _wrong()
    with writing(merchant_id) as session:
        staff.change_secret(
            session,
            staff_id,
            totp=totp,
            totp_step=step,
            recovery_sha256s=[recovery_hash(one) for one in recovery_codes],
        )
        name = shown("staff", staff_id)
        audit.record(session, "set_up_codes", {"staff": name}, now, name)
    staff.forget_attempts(f"code:{staff_id}")


def step_of(totp: str, code: str, now: datetime) -> int | None:
    """The time step that a code is of, now or just beside; None when it is of none."""
    digits = "".join(code.split())
    if not totp or not digits.isascii() or not digits.isdigit():
        return None
    generator = pyotp.TOTP(totp, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    steps = range(current - STEPS_APART, current + STEPS_APART + 1)
    found = [step for step in steps if hmac.compare_digest(generator.generate_otp(step), digits)]
    return found[-1] if found else None


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code; it is 80 bits of chance, so a plain hash will do."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"recovery:{plain}".encode()).hexdigest()


def _wrong() -> NotAllowed:
    return NotAllowed(
        "this code is not the right one, or was used before; wait for the next one",
        code="wrong_code",
        field="code",
    )
