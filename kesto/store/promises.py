"""What a published version promises, in one plain form: how it is stored and how it is sealed."""

import hashlib
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from kesto.core.catalog import (
    AddOn,
    DeliverySchedule,
    Entitlement,
    Phase,
    PlanTerms,
    PlanVersion,
    Price,
)
from kesto.core.exact import shown
from kesto.core.pricing import price_fields

USUAL_TERMS = PlanTerms()


def plain(value: Any) -> Any:
    """A value as JSON keeps it; equal decimals are written the same."""
    match value:
        case Decimal():
            return shown(value)
        case Struct():
            return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        case tuple():
            return [plain(one) for one in value]
    return value


def read_phases(stored: object) -> tuple[Phase, ...]:
    """Phases as they were stored. Raises ValidationError for what nobody published."""
    return msgspec.convert(stored, tuple[Phase, ...])


def read_terms(stored: object) -> PlanTerms:
    """Terms as they were stored; a plan without any has the usual ones."""
    return msgspec.convert(stored, PlanTerms)


def read_entitlements(stored: object) -> tuple[Entitlement, ...]:
    """Entitlements as they were stored."""
    return msgspec.convert(stored, tuple[Entitlement, ...])


def read_delivery(stored: object) -> DeliverySchedule | None:
    """A delivery schedule as it was stored."""
    return msgspec.convert(stored, DeliverySchedule | None)


def content_hash(published: PlanVersion | AddOn) -> bytes:
    """SHA-256 over everything a version promises; ids and products' names take no part.

    What a version makes no use of takes no part either, so that one from before there was such a
    thing keeps its seal.
    """
    promised = (
        published.plan if isinstance(published, PlanVersion) else published.code,
        published.version,
        published.names,
        [_promised_price(price) for price in published.prices],
        () if isinstance(published, PlanVersion) else published.plans,
        *((further,) if (further := _further(published)) else ()),
    )
    return hashlib.sha256(msgspec.json.encode(promised, order="sorted")).digest()


def _further(published: PlanVersion | AddOn) -> dict[str, object]:
    """What is promised besides names and prices."""
    found: dict[str, object] = {}
    if published.entitlements:
        found["entitlements"] = plain(published.entitlements)
    if published.delivery is not None:
        found["delivery"] = plain(published.delivery)
    if isinstance(published, AddOn):
        if published.minimum_months:
            found["minimum_months"] = published.minimum_months
        return found
    if published.phases:
        found["phases"] = plain(published.phases)
    if published.terms != USUAL_TERMS:
        found["terms"] = plain(published.terms)
    return found


def _promised_price(price: Price) -> tuple[object, ...]:
    interval = price.interval
    further = {"meter": price.meter, "phases": list(price.phases)}
    return (
        *(price.code, price.product.code, price_fields(price.spec), price.currency),
        *(price.includes_tax, price.charged, price.proration),
        *((interval.unit, interval.count) if interval else ()),
        *((further,) if price.meter or price.phases else ()),
    )
