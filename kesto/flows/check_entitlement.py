"""Check an entitlement: what a customer has of a feature, and of a metered one what is used of it.

A limit that is reached is an answer, never a lock: events above it are kept and billed as ever.
Reads only.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from kesto.core.catalog import EntitlementKind, Feature
from kesto.core.entitlements import NOT_ENTITLED, Entitled
from kesto.core.exact import ZERO
from kesto.flows.show_usage import counted_now
from kesto.store import entitlements, merchants, meters
from kesto.store.session import Session


class Allowed(Struct, frozen=True):
    """What somebody has of a feature; `used` None: nothing is counted for it."""

    feature: str
    kind: EntitlementKind
    is_allowed: bool
    limit: Decimal | None
    used: Decimal | None = None


def check_entitlement(session: Session, customer: str, feature: str, now: datetime) -> Allowed:
    """What a customer has of a feature now. Raises NotFound for either; `now` is the real time."""
    found = entitlements.check(session, customer, feature, now)
    known = meters.features(session)[feature] if found.kind == "metered" else None
    used = _used(session, customer, [known] if known else [], now)
    return _allowed(feature, found.kind, found.entitled, used)


def check_entitlements(session: Session, customer: str, now: datetime) -> list[Allowed]:
    """The same of all features, by their codes. Raises NotFound."""
    found = entitlements.entitlements_of(session, customer, now)
    features = meters.features(session)
    used = _used(session, customer, list(features.values()), now)
    return [
        _allowed(code, one.kind, found.get(code, NOT_ENTITLED), used)
        for code, one in features.items()
    ]


def _used(
    session: Session, customer: str, features: Sequence[Feature], now: datetime
) -> dict[str, Decimal]:
    """What is used of metered features in the running periods of all that the customer uses."""
    metered = [one for one in features if one.kind == "metered" and one.meter]
    if not metered:
        return {}
    now = merchants.merchant(session).clock_at or now
    own = entitlements.subscriptions_used(session, customer)
    return {
        one.code: sum(counted_now(session, own, one.meter, now).values(), ZERO) for one in metered
    }


def _allowed(
    feature: str, kind: EntitlementKind, found: Entitled, used: dict[str, Decimal]
) -> Allowed:
    own = used.get(feature)
    is_left = own is None or found.limit is None or own < found.limit
    return Allowed(feature, kind, found.is_allowed and is_left, found.limit, own)
