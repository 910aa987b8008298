"""Who asks: `Authorization: Bearer kesto_live_...`; no cookies."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from kesto.api import key_cache
from kesto.api.limits import Limiter, limiter
from kesto.api.problems import Problem
from kesto.core.api_keys import VERSIONS, Scope, is_key
from kesto.core.calendar import local_date
from kesto.core.ids import shown
from kesto.core.merchant import Merchant
from kesto.flows.note_key_use import note_key_use
from kesto.store import api_keys, merchants
from kesto.store.api_keys import Holder
from kesto.store.session import Session

NOTED_EVERY = timedelta(hours=1)
VERSION = "KESTO_VERSION"
ASKS = {"WWW-Authenticate": 'Bearer realm="kesto"'}


class Bearer(HttpBearer):
    """Lets in whose key has one of the scopes, as often as a key may ask.

    Who only reads is believed for a moment after a look at the key; who changes something is not.
    """

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> Holder:
        """Say whose key it is, or raise a problem."""
        look_up = key_cache.holder_of if request.method == "GET" else api_keys.holder_of
        return let_in(request.META, self.scopes, look_up, limiter)

    def authenticate(self, request: HttpRequest, token: str) -> Holder:  # noqa: ARG002 - the framework's own signature
        """Say whose key it is, or raise a problem."""
        return self(request)


def let_in(
    meta: dict[str, Any],
    scopes: Sequence[Scope],
    look_up: Callable[[str], Holder | None],
    limits: Limiter,
) -> Holder:
    """Say whose key a request has, as WSGI tells of it, or raise a problem."""
    scheme, _, key = meta.get("HTTP_AUTHORIZATION", "").partition(" ")
    if not key:
        detail = "Send your key in the header `Authorization: Bearer kesto_live_...`."
        raise Problem(401, "key_missing", detail, field="Authorization", headers=ASKS)
    key = key.strip() if scheme.lower() == "bearer" else ""
    holder = look_up(key) if is_key(key) else None
    if holder is None:
        detail = "This is no key, or it is revoked. An owner makes keys under Settings."
        raise Problem(401, "key_wrong", detail, field="Authorization", headers=ASKS)
    if seconds := limits.seconds_to_wait(holder.key_id):
        raise Problem(
            *(429, "too_many_requests", f"Too many requests: wait {seconds} s."),
            headers={"Retry-After": str(seconds)},
        )
    meta.setdefault(VERSION, holder.version)
    if not set(scopes) & set(holder.scopes):
        detail = f"This key does not have the scope {' or '.join(scopes)}."
        raise Problem(403, "scope_missing", detail, field="Authorization")
    _note(holder)
    return holder


def holder(request: HttpRequest) -> Holder:
    """Whose key a request that was let in has."""
    return cast("Holder", cast("Any", request).auth)


def version_of(request: HttpRequest) -> str:
    """The version that answers: the one that the request names, else the key's own."""
    version: str = request.META.get(VERSION, VERSIONS[-1])
    return version


def real_now() -> datetime:
    """This moment, in UTC."""
    now: datetime = settings.KESTO_CLOCK()
    return now


def now_of(merchant: Merchant) -> datetime:
    """What time it is for a merchant: a test merchant has a clock of its own."""
    return merchant.clock_at or real_now()


def today_of(session: Session) -> date:
    """Which day it is for the merchant, where its first company is."""
    return today_asked(session)()


def today_asked(session: Session) -> Callable[[], date]:
    """Ask which day it is, to be told later: it goes out with what is asked next."""
    asked = merchants.clock_asked(session)
    return lambda: day_of(asked())


def day_of(clock: merchants.Clock) -> date:
    """Which day it is by a merchant's clock."""
    return local_date(clock.at or real_now(), clock.zone or "UTC")


def actor_of(request: HttpRequest) -> str:
    """Who did it, as the audit log names the key."""
    return shown("api_key", holder(request).key_id)


def _note(used: Holder) -> None:
    """Note the use of a key, at most once an hour."""
    now = real_now()
    if used.last_used_at is None or now - used.last_used_at >= NOTED_EVERY:
        note_key_use(used.merchant_id, used.key_id, now)
