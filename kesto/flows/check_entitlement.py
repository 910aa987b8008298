"""Check an entitlement: what a customer has of a feature, and of a metered one what is used of it.

A limit that is reached is an answer, never a lock: events above it are kept and billed as ever.
Reads only.
"""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from kesto.core.catalog import EntitlementKind
from kesto.core.entitlements import NOT_ENTITLED, Entitled
from kesto.flows.show_usage import used_now
from kesto.store import entitlements, meters
from kesto.store.entitlements import Checked, Given
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
    used = _used(session, found, found.kind, found.meter)
    return _allowed(feature, found.kind, found.entitled, used)


def check_entitlements(session: Session, customer: str, now: datetime) -> list[Allowed]:
    """The same of all features, by their codes. Raises NotFound."""
    found = entitlements.entitlements_of(session, customer, now)
    return [
        _allowed(
            *(code, one.kind, found.entitled.get(code, NOT_ENTITLED)),
            _used(session, found, one.kind, one.meter),
        )
        for code, one in meters.features(session).items()
    ]


def _used(session: Session, found: Checked | Given, kind: str, meter: str) -> Decimal | None:
    """What is used of a metered feature in the running periods of all that the customer uses."""
    if kind != "metered" or not meter:
        return None
    return used_now(session, found.customer_id, meter, found.at)


def _allowed(feature: str, kind: EntitlementKind, found: Entitled, used: Decimal | None) -> Allowed:
    is_left = used is None or found.limit is None or used < found.limit
    return Allowed(feature, kind, found.is_allowed and is_left, found.limit, used)
