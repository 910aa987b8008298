"""What is sold, as the API shows it: products, plans with their versions, add-ons."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kesto.core.catalog import AddOn, Coupon, Feature, PlanVersion, Product, SoldMeter
from kesto.store import catalogue, portal_offers
from kesto.store import coupons as coupon_store
from kesto.store import meters as meter_store
from kesto.store.api.listing import Window, listed
from kesto.store.session import Session

ONE = Window(1)


class Plan(Struct, frozen=True):
    """A plan with its published versions, the newest first, and whether the portal offers it."""

    id: UUID
    code: str
    versions: tuple[PlanVersion, ...]
    offered_in_portal: bool


def products(session: Session, wanted: Mapping[str, object], window: Window) -> list[Product]:
    """Products in a list."""
    query = "select p.id, p.code, p.names, p.tax_category, p.revenue_account from product p"
    return [Product(*row) for row in listed(session, query, wanted, window, "p.id")]


def plans(session: Session, wanted: Mapping[str, object], window: Window) -> list[Plan]:
    """Plans in a list."""
    rows = listed(session, "select p.id, p.code from plan p", wanted, window, "p.id")
    versions: dict[str, list[PlanVersion]] = {}
    for _, (version, _) in sorted(catalogue.plan_versions(session).items(), reverse=True):
        versions.setdefault(version.plan, []).append(version)
    offered = portal_offers.offered(session)
    return [
        Plan(own, code, tuple(versions.get(code, ())), ("plan", code) in offered)
        for own, code in rows
    ]


def add_ons(session: Session, wanted: Mapping[str, object], window: Window) -> list[AddOn]:
    """Published add-ons in a list; each version stands for itself."""
    rows = listed(session, "select a.id from add_on a", wanted, window, "a.id")
    known = {add_on.id: add_on for add_on, _ in catalogue.add_ons(session).values()}
    return [known[own] for (own,) in rows]


def published_at(session: Session) -> dict[UUID, datetime]:
    """When each plan version and each add-on was published."""
    rows = session.rows(
        "select id, published_at from plan_version where merchant_id = %s"
        " union all select id, published_at from add_on where merchant_id = %s",
        *(session.merchant_id, session.merchant_id),
    )
    return {row[0]: row[1] for row in rows}


def coupons(session: Session, wanted: Mapping[str, object], window: Window) -> list[Coupon]:
    """Coupons in a list."""
    rows = listed(session, "select o.code from coupon o", wanted, window, "o.id")
    known = coupon_store.coupons(session)
    return [known[code] for (code,) in rows]


def features(session: Session, wanted: Mapping[str, object], window: Window) -> list[Feature]:
    """Features in a list."""
    rows = listed(session, "select f.code from feature f", wanted, window, "f.id")
    known = meter_store.features(session)
    return [known[code] for (code,) in rows]


def meters(session: Session, wanted: Mapping[str, object], window: Window) -> list[SoldMeter]:
    """Meters in a list."""
    rows = listed(session, "select m.code from meter m", wanted, window, "m.id")
    known = meter_store.meters(session)
    return [known[code] for (code,) in rows]
