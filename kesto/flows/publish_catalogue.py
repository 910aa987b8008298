"""Publish a catalogue: what is sold and how it is priced, once and for good."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar
from uuid import UUID

from msgspec import Struct, structs

from kesto.core.calendar import local_date
from kesto.core.catalog import AddOn, Catalogue, Feature, PlanVersion, Price, Product
from kesto.core.coupon_checks import coupon_problems, feature_problems
from kesto.core.metering import Meter
from kesto.core.plan_checks import add_on_problems, plan_problems, refuse_together
from kesto.core.price_checks import series_problems
from kesto.core.publishing import coupon_step, feature_step, meter_step, new_codes
from kesto.core.refusals import Conflict, Invalid
from kesto.countries import vat_rate
from kesto.store import audit, catalogue, merchants, portal_offers, price_series
from kesto.store import coupons as coupon_store
from kesto.store import meters as meter_store
from kesto.store.promises import content_hash
from kesto.store.session import Session, writing

Version = TypeVar("Version", PlanVersion, AddOn)


class Published(Struct, frozen=True):
    """What a catalogue brought, and how much of it was there already."""

    products: int
    plans: int
    add_ons: int
    meters: int
    features: int
    coupons: int
    unchanged: int


def publish_catalogue(
    merchant_id: UUID, offered: Catalogue, now: datetime, actor: str = "system"
) -> Published:
    """Publish what is new; a version that exists must be equal.

    Who subscribed keeps the version they took. Raises Conflict when something published would
    change, Invalid when a version is left out, RefusedTogether when a new one makes no sense.
    """
    with writing(merchant_id) as session:
        added, products = _products(session, offered, now)
        meters, counting = _meters(session, offered)
        features, known_features = _features(session, offered, counting)
        plans = catalogue.plan_versions(session)
        add_ons = catalogue.add_ons(session)
        new_plans = [
            structs.replace(version, prices=_with_products(version.prices, products))
            for version in offered.plans
            if _is_new("plan", version.plan, version.version, version, plans)
        ]
        new_add_ons = [
            structs.replace(add_on, prices=_with_products(add_on.prices, products))
            for add_on in offered.add_ons
            if _is_new("add_on", add_on.code, add_on.version, add_on, add_ons)
        ]
        series = {code: one.currency for code, one in price_series.all_series(session).items()}
        for version in new_plans:
            problems = chain(
                plan_problems(version, counting, known_features),
                series_problems(version.prices, series),
            )
            refuse_together(_placed("plans", version.plan, problems))
            catalogue.publish_plan(session, version, now)
        plan_codes = {code for code, _ in plans} | {version.plan for version in new_plans}
        for add_on in new_add_ons:
            problems = chain(
                add_on_problems(add_on, counting, known_features),
                series_problems(add_on.prices, series),
            )
            refuse_together(_placed("add_ons", add_on.code, problems))
            _refuse_unknown_plans(add_on, plan_codes)
            catalogue.publish_add_on(session, add_on, now)
        coupons = _coupons(session, offered, products.keys(), plan_codes, now)
        _offer(session, offered)
        new = (len(new_plans), len(new_add_ons), meters, features, coupons)
        published = Published(added, *new, _offered_count(offered) - sum(new))
        audit.record(session, "publish_catalogue", structs.asdict(published), now, actor)
    return published


def _offer(session: Session, offered: Catalogue) -> None:
    """Offer in the portal, or withhold, what the catalogue says so of."""
    for (noun, code), is_offered in offered.in_portal.items():
        change = portal_offers.offer if is_offered else portal_offers.withhold
        change(session, noun, code)


def _offered_count(offered: Catalogue) -> int:
    """How much is offered besides products, which have no versions."""
    versions = len(offered.plans) + len(offered.add_ons)
    return versions + len(offered.meters) + len(offered.features) + len(offered.coupons)


def _placed(noun: str, code: str, problems: Iterable[Invalid]) -> list[Invalid]:
    """Problems with the place that they have among all that is offered."""
    return [
        Invalid(one.detail, code=one.code, field=f"{noun}.{code}.{one.field}", subject=code)
        for one in problems
    ]


def _refuse_unknown_plans(add_on: AddOn, plans: Collection[str]) -> None:
    for place, code in enumerate(add_on.plans):
        if code not in plans:
            raise Invalid(
                f"{code!r} is no plan that is known; publish it first, or leave it out",
                code="unknown_plan",
                field=f"add_ons.{add_on.code}.plans[{place}]",
                subject=add_on.code,
            )


def _meters(session: Session, offered: Catalogue) -> tuple[int, dict[str, Meter]]:
    """Publish meters; how many are new or changed, and all that there are by code."""
    known = meter_store.meters(session)
    steps = [(one, meter_step(known.get(one.code), one)) for one in offered.meters]
    meter_store.add_meters(session, [one for one, step in steps if step == "add"])
    for one, step in steps:
        if step == "change":
            changed = structs.replace(one, id=known[one.code].id)
            meter_store.change_meter(session, changed)
    counting = {code: sold.meter for code, sold in known.items()}
    counting |= {one.code: one.meter for one in offered.meters}
    return sum(step != "leave" for _, step in steps), counting


def _features(
    session: Session, offered: Catalogue, meters: Collection[str]
) -> tuple[int, dict[str, Feature]]:
    """Publish features; how many are new or changed, and all that there are by code."""
    known = meter_store.features(session)
    steps = [(one, feature_step(known.get(one.code), one)) for one in offered.features]
    for one, step in steps:
        if step == "add":
            refuse_together(_placed("features", one.code, feature_problems(one, meters)))
        if step == "change":
            changed = structs.replace(one, id=known[one.code].id)
            meter_store.change_feature(session, changed)
    meter_store.add_features(session, [one for one, step in steps if step == "add"])
    found = known | {one.code: one for one in offered.features}
    return sum(step != "leave" for _, step in steps), found


def _coupons(
    session: Session,
    offered: Catalogue,
    products: Collection[str],
    plans: Collection[str],
    now: datetime,
) -> int:
    """Publish coupons; how many are new or changed."""
    known = coupon_store.coupons(session)
    taken = coupon_store.typed_codes(session)
    steps = [(one, coupon_step(known.get(one.code), one)) for one in offered.coupons]
    for one, step in steps:
        if step != "leave":
            problems = coupon_problems(one, products, plans)
            refuse_together(_placed("coupons", one.code, problems))
        for place, code in enumerate(one.codes):
            if taken.setdefault(code.casefold(), one.code) != one.code:
                detail = f"{code!r} belongs to coupon {taken[code.casefold()]!r} already"
                raise Conflict(
                    detail,
                    code="coupon_code_taken",
                    field=f"coupons.{one.code}.codes[{place}]",
                    subject=one.code,
                )
        if step == "change":
            before = known[one.code]
            coupon_store.change_coupon(session, structs.replace(one, id=before.id))
            coupon_store.add_codes(session, before.id, new_codes(before, one))
    coupon_store.add_coupons(session, [one for one, step in steps if step == "add"], now)
    return sum(step != "leave" for _, step in steps)


def _products(
    session: Session, offered: Catalogue, now: datetime
) -> tuple[int, dict[str, Product]]:
    known = catalogue.products(session)
    added = [product for product in offered.products if product.code not in known]
    _refuse_without_vat_rate(session, added, now)
    catalogue.add_products(session, added)
    for product in offered.products:
        before = known.get(product.code)
        if before is None:
            continue
        if (product.tax_category, product.revenue_account) != (
            before.tax_category,
            before.revenue_account,
        ):
            raise Conflict(
                f"product {product.code!r} is sold with VAT category {before.tax_category!r} and"
                f" account {before.revenue_account!r}; give the changed product a new code",
                code="product_changed",
                field=f"products.{product.code}",
                subject=product.code,
            )
        if product.names != before.names:
            catalogue.change_product(session, structs.replace(product, id=before.id))
    return len(added), known | {product.code: product for product in added}


def _refuse_without_vat_rate(session: Session, added: Sequence[Product], now: datetime) -> None:
    """A product whose VAT category the seller's country lacks could never be billed."""
    for entity in merchants.billing_entities(session):
        today = local_date(now, entity.zone)
        for product in added:
            try:
                vat_rate(entity.country, product.tax_category, today)
            except Invalid as invalid:
                raise Invalid(
                    invalid.detail,
                    code=invalid.code,
                    field=f"products.{product.code}",
                    subject=product.code,
                ) from None


def _with_products(prices: tuple[Price, ...], products: dict[str, Product]) -> tuple[Price, ...]:
    return tuple(structs.replace(price, product=products[price.product.code]) for price in prices)


def _is_new(
    noun: str,
    code: str,
    version: int,
    offered: Version,
    published: Mapping[tuple[str, int], tuple[Version, bytes]],
) -> bool:
    found = published.get((code, version))
    if found is not None:
        if found[1] != content_hash(offered):
            raise Conflict(
                f"{noun} {code!r} version {version} is published and cannot change;"
                f" publish the changed one as version = {version + 1}",
                code="published_version_changed",
                field=f"{noun}s.{code}",
                subject=code,
            )
        return False
    newest = max((number for known, number in published if known == code), default=0)
    if version != newest + 1:
        raise Invalid(
            f"the next version of {noun} {code!r} is {newest + 1}, not {version}",
            code="version_out_of_order",
            field=f"{noun}s.{code}.version",
            subject=code,
        )
    return True
