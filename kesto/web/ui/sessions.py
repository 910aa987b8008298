"""Signed-in visits on Django's terms: `request.session`, kept in the store by the key's hash.

Staff and customers have a cookie and a kind of session each; below `/office/` the one, everywhere
else the other. Nothing is kept for a visitor who has not signed in.
"""

import hashlib
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string
from msgspec import Struct

from kesto.store import web_sessions
from kesto.store.web_sessions import Kind, WebSession

HOUR_SECONDS = 3600
KEY_LENGTH = 32


class Cookie(Struct, frozen=True):
    """A kind of session: its cookie's name and how long a visit lasts at most."""

    kind: Kind
    name: str
    seconds: int


OFFICE = Cookie("staff", "kesto_office", 12 * HOUR_SECONDS)
PORTAL = Cookie("portal", "kesto_portal", 2 * HOUR_SECONDS)

STAFF = "staff"
"""What a visit of the portal remembers of a member of staff who acts for the customer."""


def cookie_of(path: str) -> Cookie:
    """Which kind of session a page has."""
    return OFFICE if path.startswith("/office/") else PORTAL


class SessionStore(SessionBase):
    """A visit; `sign_in` begins it, `flush` ends it."""

    def __init__(self, session_key: str | None = None, cookie: Cookie = OFFICE) -> None:
        super().__init__(session_key)
        self.cookie = cookie
        self._ids: tuple[UUID, UUID] | None = None

    @property
    def merchant_id(self) -> UUID | None:
        """The merchant of the visit; None before signing in."""
        return self._loaded()[0]

    @property
    def subject_id(self) -> UUID | None:
        """Who visits: a member of staff, or a customer; None before signing in."""
        return self._loaded()[1]

    def sign_in(self, merchant_id: UUID, subject_id: UUID) -> None:
        """Begin a visit under a new key; one that was there before ends."""
        self.flush()
        self._ids = merchant_id, subject_id
        self.create()

    def load(self) -> dict[str, Any]:
        """What the visit remembers; an unknown or expired key is forgotten."""
        found = web_sessions.find_session(self._sha256(), self.cookie.kind)
        if found is None:
            self._session_key = None
            return {}
        self._ids = found.merchant_id, found.subject_id
        return found.data

    def exists(self, session_key: str) -> bool:
        """Whether a key is in use."""
        return web_sessions.find_session(hashed(session_key), self.cookie.kind) is not None

    def create(self) -> None:
        """Take a new key and keep the visit under it."""
        self._session_key = get_random_string(KEY_LENGTH)
        self.save()
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Django's
        """Keep what the visit remembers."""
        if self._ids is None:
            raise ValueError("only a visit that has signed in is kept: call sign_in first")
        kept = WebSession(*self._ids, dict(self.items()))
        web_sessions.keep_session(self._sha256(), self.cookie.kind, kept, self.cookie.seconds)

    def delete(self, session_key: str | None = None) -> None:
        """End the visit of this key."""
        key = session_key or self.session_key
        if key is None:
            return
        found = web_sessions.find_session(hashed(key), self.cookie.kind)
        if found is not None:
            web_sessions.end_session(hashed(key), found.merchant_id)

    def flush(self) -> None:
        """End the visit and forget everything about it."""
        super().flush()
        self._ids = None

    @classmethod
    def clear_expired(cls) -> None:
        """Expired visits are cleared away when one of their merchant ends."""

    def _loaded(self) -> tuple[UUID | None, UUID | None]:
        if self.session_key is not None:
            self.keys()  # has it loaded
        return self._ids or (None, None)

    def _sha256(self) -> bytes:
        return hashed(self.session_key or "")


def give_cookie(
    request: HttpRequest, response: HttpResponse, cookie: Cookie, key: str | None
) -> None:
    """Have the browser keep the key of a visit, or forget it."""
    response.set_cookie(
        *(cookie_name(request, cookie), key or "", cookie.seconds if key else 0),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def cookie_name(request: HttpRequest, cookie: Cookie) -> str:
    """What a kind of session's cookie is called in the browser."""
    return f"__Host-{cookie.name}" if request.is_secure() else cookie.name


def session_of(request: HttpRequest) -> SessionStore:
    """The request's session, with what our kind of it can do."""
    session = request.session
    if not isinstance(session, SessionStore):
        raise TypeError("the middleware that gives each request its session is missing")
    return session


def hashed(key: str) -> bytes:
    """What the store knows of a key: with 190 bits of chance in it, a plain hash will do."""
    return hashlib.sha256(key.encode()).digest()
