"""What a customer is entitled to: read by one query from what runs for them today."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.catalog import Entitlement, EntitlementKind
from kesto.core.entitlements import NOT_ENTITLED, Entitled, entitled, quantity_on
from kesto.core.ids import parsed
from kesto.core.item import Course
from kesto.core.refusals import Invalid, NotFound
from kesto.store.session import Session

GIVEN = """
    select c.id, coalesce(m.clock_at, %(now)s), f.kind, f.meter,
        today.day, i.quantity, i.course::text, coalesce(v.entitlements, a.entitlements)::text
    from customer c
    join merchant m on m.id = c.merchant_id
    left join feature f on f.merchant_id = c.merchant_id and f.code = %(feature)s
    left join subscription s on s.merchant_id = c.merchant_id and s.user_id = c.id
    left join lateral (
        select (coalesce(m.clock_at, %(now)s) at time zone coalesce((
            select z.zone from jsonb_to_recordset(s.later_zones) z ("on" date, zone text)
            where z."on" <= (coalesce(m.clock_at, %(now)s) at time zone s.zone)::date
            order by z."on" desc limit 1), s.zone))::date as day) today on true
    left join subscription_item i on i.merchant_id = s.merchant_id and i.subscription_id = s.id
        and i.extra is null and i.start_on <= today.day and coalesce(i.end_on > today.day, true)
    left join plan_version v on v.merchant_id = i.merchant_id and v.id = i.plan_version_id
    left join add_on a on a.merchant_id = i.merchant_id and a.id = i.add_on_id
    where c.merchant_id = %(own)s and (c.id = %(id)s or c.external_id = %(customer)s)
    order by c.id = %(id)s desc nulls last, c.id
"""
"""What runs for who uses it, on the day that it is where each subscription is."""

_course = msgspec.json.Decoder(Course)
_entitlements = msgspec.json.Decoder(tuple[Entitlement, ...])


class Checked(Struct, frozen=True):
    """What a customer has of a feature at their merchant's time, of which kind it is, its meter."""

    customer_id: UUID
    at: datetime
    kind: EntitlementKind
    meter: str
    entitled: Entitled


class Given(Struct, frozen=True):
    """What a customer has of all features that are given to them, by code, at that time."""

    customer_id: UUID
    at: datetime
    entitled: Mapping[str, Entitled]


def check(session: Session, customer: str, feature: str, now: datetime) -> Checked:
    """What a customer has of a feature. Raises NotFound for either."""
    rows = _rows(session, customer, feature, now)
    customer_id, at, kind, meter = rows[0][:4]
    if kind is None:
        raise NotFound(f"there is no feature {feature!r}", code="unknown_feature", field="feature")
    return Checked(customer_id, at, kind, meter, _entitled(rows).get(feature, NOT_ENTITLED))


def entitlements_of(session: Session, customer: str, now: datetime) -> Given:
    """What a customer has of all features. Raises NotFound."""
    rows = _rows(session, customer, "", now)
    customer_id, at = rows[0][:2]
    return Given(customer_id, at, _entitled(rows))


def _rows(session: Session, customer: str, feature: str, now: datetime) -> list[tuple[Any, ...]]:
    words = {
        "own": session.merchant_id,
        "id": _own_id(customer),
        "customer": customer,
        "feature": feature,
        "now": now,
    }
    rows = session.prepared(GIVEN, words)
    if not rows:
        raise NotFound(
            f"there is no customer {customer!r}", code="unknown_customer", field="customer"
        )
    # An external id may look like another's id: what its id says comes first.
    return [row for row in rows if row[0] == rows[0][0]]


def _own_id(customer: str) -> UUID | None:
    """The id that a name may be, or None."""
    with contextlib.suppress(Invalid):
        return parsed("customer", customer)
    return None


def _entitled(rows: Sequence[tuple[Any, ...]]) -> Mapping[str, Entitled]:
    return entitled(
        (_entitlements.decode(given), _quantity(day, quantity, course))
        for *_, day, quantity, course, given in rows
        if given is not None
    )


def _quantity(day: date, quantity: Decimal, course: str | None) -> Decimal:
    return quantity_on(day, quantity, _course.decode(course) if course else None)
