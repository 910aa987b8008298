"""Publish a catalogue: products, plan versions and add-ons, once and for good."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from msgspec import Struct, structs

from kesto.core.calendar import local_date
from kesto.core.catalog import AddOn, Catalogue, PlanVersion, Price, Product
from kesto.core.refusals import Conflict, Invalid
from kesto.countries import vat_rate
from kesto.store import audit, catalogue, merchants
from kesto.store.promises import content_hash
from kesto.store.session import Session, writing

Version = TypeVar("Version", PlanVersion, AddOn)


class Published(Struct, frozen=True):
    """What a catalogue brought: new products, plan versions and add-ons, and what was there."""

    products: int
    plans: int
    add_ons: int
    unchanged: int


def publish_catalogue(merchant_id: UUID, offered: Catalogue, now: datetime) -> Published:
    """Publish what is new; a version that exists must be equal.

    Raises Conflict when a published version would change, Invalid when a version is left out.
    """
    with writing(merchant_id) as session:
        added, products = _products(session, offered, now)
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
        for version in new_plans:
            catalogue.publish_plan(session, version, now)
        for add_on in new_add_ons:
            catalogue.publish_add_on(session, add_on, now)
        known = len(offered.plans) + len(offered.add_ons)
        published = Published(
            added,
            len(new_plans),
            len(new_add_ons),
            known - len(new_plans) - len(new_add_ons),
        )
        audit.record(session, "publish_catalogue", structs.asdict(published), now)
    return published


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
