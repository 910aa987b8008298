"""Passwords: hashed with Argon2id, refused when they are short or known to everybody.

The figures are OWASP's least for Argon2id (19 MiB, two passes; Password Storage Cheat Sheet, read
2026-11): more memory would let eight sign-ins at once crowd out the pages. Hashes made with other
figures keep working and are renewed when their password is given.
"""

from functools import cache

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from kesto.core.refusals import Invalid

SHORTEST, LONGEST = 12, 128


class Argon2(Argon2PasswordHasher):
    """Argon2id with our figures; `settings.PASSWORD_HASHERS` names it."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1


def hashed(password: str) -> str:
    """The salted hash that is kept of a password."""
    return make_password(password)


def fits(password: str, kept: str) -> bool:
    """Whether a password is the one whose hash is kept; without a hash none is."""
    return bool(kept) and check_password(password, kept)


def waste_time(password: str) -> None:
    """Take as long as `fits` would, so that a name that nobody has is not told by the clock."""
    make_password(password)


def refuse_weak(password: str, *known_words: str) -> None:
    """Refuse a password that is short, common, or made of a word that everybody knows of them.

    Raises Invalid with the code `password_short`, `password_long` or `password_common`.
    """
    if len(password) < SHORTEST:
        raise Invalid(
            f"choose a password of at least {SHORTEST} characters",
            code="password_short",
            field="password",
        )
    if len(password) > LONGEST:
        raise Invalid(
            f"choose a password of at most {LONGEST} characters",
            code="password_long",
            field="password",
        )
    plain = password.casefold()
    is_own = plain in {word.casefold() for word in known_words}
    if is_own or len(set(plain)) < SHORTEST // 3 or plain.strip() in _common():
        raise Invalid(
            "this password is on lists of common ones; choose another",
            code="password_common",
            field="password",
        )


@cache
def _common() -> frozenset[str]:
    """The 20,000 passwords that are tried first, as Django brings them along."""
    return frozenset(CommonPasswordValidator().passwords)
