"""Entitlements: what a customer may do or have by what runs for them today."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from kesto.api.doors.door import AtTheDoor
from kesto.api.doors.looking import CHECK, CheckAsked, described
from kesto.api.faults import READS
from kesto.api.keys import Bearer, holder, real_now
from kesto.api.values import own_id
from kesto.core.catalog import EntitlementKind
from kesto.core.entitlements import NOT_ENTITLED, Entitled
from kesto.core.exact import shown as plain
from kesto.store import entitlements as store
from kesto.store import meters
from kesto.store.api.listing import id_of
from kesto.store.session import reading

router = Router(tags=["entitlements"])


class Entitlement(Schema):
    """What somebody has of a feature; `limit` null: without limit, or a feature without any.

    `used` is null: what was used of a metered feature is counted by the merchant's own systems.
    """

    feature: str
    allowed: bool
    kind: EntitlementKind
    limit: str | None
    used: str | None = None


class Entitlements(Schema):
    """All features, by their codes, with what a customer has of each."""

    customer: str
    items: list[Entitlement]


@router.get(
    "/customers/{customer}/entitlements",
    operation_id="list_entitlements",
    auth=Bearer("read"),
    response={200: Entitlements, **READS},
    summary="Read what a customer is entitled to",
)
def list_entitlements(request: HttpRequest, customer: str) -> dict[str, Any]:
    """What runs for them today, as who uses it, added up; in a trial all, in a pause nothing."""
    with reading(holder(request).merchant_id) as session:
        name = own_id("customer", id_of(session, "customer", customer))
        found = store.entitlements_of(session, name, real_now())
        features = meters.features(session)
    items = [
        _shown(code, one.kind, found.get(code, NOT_ENTITLED)) for code, one in features.items()
    ]
    return {"customer": name, "items": items}


@router.get(
    "/entitlements/check",
    operation_id="check_entitlement",
    auth=AtTheDoor(CHECK),
    response={200: Entitlement, **READS},
    openapi_extra=described(CheckAsked),
    summary="Check what a customer has of a feature",
)
def check(request: HttpRequest) -> HttpResponse:
    """The same for one feature, by one look into the database: ask it as often as you need."""
    return CHECK.through(request)


def _shown(feature: str, kind: EntitlementKind, found: Entitled) -> Entitlement:
    has_limit = kind != "boolean" and found.limit is not None
    return Entitlement(
        feature=feature,
        allowed=found.is_allowed,
        kind=kind,
        limit=plain(found.limit) if has_limit and found.limit is not None else None,
    )
