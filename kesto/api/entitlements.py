"""Entitlements: what a customer may do or have by what runs for them today."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from kesto.api.faults import READS
from kesto.api.keys import Bearer, holder, real_now
from kesto.api.paging import check_names
from kesto.api.values import Required, own_id
from kesto.core.catalog import EntitlementKind
from kesto.core.exact import shown as plain
from kesto.flows.check_entitlement import Allowed, check_entitlement, check_entitlements
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


class CheckAsked(Schema):
    """Who, by id or external id, and which feature, by its code."""

    customer: Annotated[Required, Field(description="By id or external id.")]
    feature: Annotated[Required, Field(description="By its code.")]


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
    auth=Bearer("read"),
    response={200: Entitlement, **READS},
    summary="Check what a customer has of a feature",
)
def check(request: HttpRequest, asked: Query[CheckAsked]) -> Entitlement:
    """The same for one feature: ask it as often as you need, such as before each use."""
    check_names(request, asked)
    with reading(holder(request).merchant_id) as session:
        found = check_entitlement(session, asked.customer, asked.feature, real_now())
    return _shown(found)


def _shown(found: Allowed) -> Entitlement:
    has_limit = found.kind != "boolean" and found.limit is not None
    return Entitlement(
        feature=found.feature,
        allowed=found.is_allowed,
        kind=found.kind,
        limit=plain(found.limit) if has_limit and found.limit is not None else None,
        used=None if found.used is None else plain(found.used),
    )
