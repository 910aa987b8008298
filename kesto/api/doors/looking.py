"""The doors that only look: what was used so far, and what a customer is entitled to."""

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from django.http import QueryDict
from msgspec import Struct
from pydantic import Field, ValidationError

from kesto.api.bodies import written
from kesto.api.current_usage import SubscriptionUsage, current
from kesto.api.doors.door import Asked, Door, looking
from kesto.api.errors import problem_of_errors
from kesto.api.keys import now_of, real_now
from kesto.api.paging import refuse_unknown
from kesto.api.schema import Schema
from kesto.api.values import Required, own_id
from kesto.core.exact import shown as plain
from kesto.flows.check_entitlement import check_entitlement
from kesto.flows.show_usage import used_so_far
from kesto.store import merchants
from kesto.store.session import LOST, Session, forget_connections, glancing
from kesto.store.shop import party

USAGE_PATH = re.compile(r"/v1/subscriptions/([^/]+)/usage")
CHECK_PATH = "/v1/entitlements/check"

Seen = TypeVar("Seen")
Shape = TypeVar("Shape", bound=Schema)


class CheckAsked(Schema):
    """Who, by id or external id, and which feature, by its code."""

    customer: Annotated[Required, Field(description="By id or external id.")]
    feature: Annotated[Required, Field(description="By its code.")]


class Checked(Struct, frozen=True):
    """What somebody has of a feature; the shape that the description calls `Entitlement`."""

    feature: str
    allowed: bool
    kind: str
    limit: str | None
    used: str | None = None


def check(asked: Asked) -> bytes:
    """Say what a customer has of a feature. Raises Problem or NotFound."""
    wanted = _query(asked, CheckAsked)

    def look(session: Session) -> bytes:
        found = check_entitlement(session, wanted.customer, wanted.feature, real_now())
        limit = None if found.kind == "boolean" else found.limit
        told = plain(limit) if limit is not None else None
        used = None if found.used is None else plain(found.used)
        return written(Checked(wanted.feature, found.is_allowed, found.kind, told, used))

    return _look(asked, look)


def usage(asked: Asked) -> bytes:
    """Say what a subscription has used so far. Raises NotFound."""
    found = USAGE_PATH.fullmatch(asked.path)
    name = found[1] if found else ""

    def look(session: Session) -> bytes:
        subscription = party(session, name)
        now = now_of(merchants.merchant(session))
        items = [current(one) for one in used_so_far(session, subscription, now)]
        own = own_id("subscription", subscription.id)
        return written(SubscriptionUsage(subscription=own, items=items).model_dump())

    return _look(asked, look)


def described(shape: type[Schema]) -> dict[str, Any]:
    """A query's parameters, as the description tells them."""
    schema = shape.model_json_schema()
    return {
        "parameters": [
            {
                "in": "query",
                "name": name,
                "schema": field,
                "required": name in schema.get("required", ()),
                "description": field.get("description", ""),
            }
            for name, field in schema["properties"].items()
        ]
    }


def _look(asked: Asked, look: Callable[[Session], Seen]) -> Seen:
    """Look into the merchant's rows, again where the connection was lost meanwhile."""
    try:
        with glancing(asked.who.merchant_id) as session:
            return look(session)
    except LOST:
        forget_connections()
    with glancing(asked.who.merchant_id) as session:
        return look(session)


def _query(asked: Asked, shape: type[Shape]) -> Shape:
    given = QueryDict(asked.surroundings.get("QUERY_STRING", ""))
    refuse_unknown(given, shape)
    try:
        return shape.model_validate(given.dict())
    except ValidationError as invalid:
        errors = [{**one, "loc": ("query", *one["loc"])} for one in invalid.errors()]
        raise problem_of_errors(errors) from None


CHECK = Door(("read",), looking(check))
USAGE = Door(("read",), looking(usage))
