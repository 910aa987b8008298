"""Entitlements: what a customer may do or have by what runs for them today."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kesto.api.doors.door import AtTheDoor
from kesto.api.doors.looking import CHECK, CheckAsked, described
from kesto.api.faults import READS
from kesto.api.keys import Bearer, holder, real_now
from kesto.api.schema import Schema
from kesto.api.values import own_id
from kesto.core.catalog import EntitlementKind
from kesto.core.exact import shown as plain
from kesto.flows.check_entitlement import Allowed, check_entitlements
from kesto.store.api.listing import id_of
from kesto.store.session import reading

router = Router(tags=["entitlements"])


class Entitlement(Schema):
    """What somebody has of a feature; `limit` null: without limit, or a feature without any.

    `used` is what was used of a metered feature in the running period; when it reaches the limit,
    `allowed` says false. Usage above it is kept and billed all the same. Null for other features.
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
        found = check_entitlements(session, name, real_now())
    return {"customer": name, "items": [_shown(one) for one in found]}


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


def _shown(found: Allowed) -> Entitlement:
    has_limit = found.kind != "boolean" and found.limit is not None
    return Entitlement(
        feature=found.feature,
        allowed=found.is_allowed,
        kind=found.kind,
        limit=plain(found.limit) if has_limit and found.limit is not None else None,
        used=None if found.used is None else plain(found.used),
    )
