"""The catalogue in the database: published once, read into core values."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kesto.core.calendar import Interval
from kesto.core.catalog import AddOn, PlanVersion, Price, Product
from kesto.core.item import Extra
from kesto.core.life_items import extra_price, selected
from kesto.core.pricing import parse_price
from kesto.core.pricing.plain import price_fields
from kesto.core.refusals import NotFound
from kesto.store.ids import new_id
from kesto.store.session import Session, hexed


def products(session: Session) -> dict[str, Product]:
    """The merchant's products by code."""
    rows = session.rows(
        "select id, code, names, tax_category, revenue_account from product where merchant_id = %s",
        session.merchant_id,
    )
    return {row[1]: Product(*row) for row in rows}


def add_products(session: Session, added: Sequence[Product]) -> None:
    """Add products that are not there yet."""
    session.add("product", [msgspec.structs.asdict(product) for product in added])


def change_product(session: Session, product: Product) -> None:
    """Take over a product's new names; category and account belong to what was sold."""
    session.execute(
        "update product set names = %s::jsonb where merchant_id = %s and id = %s",
        msgspec.json.encode(product.names).decode(),
        session.merchant_id,
        product.id,
    )


def plan_versions(session: Session) -> dict[tuple[str, int], tuple[PlanVersion, bytes]]:
    """All published plan versions with the hashes of their content, by code and version."""
    prices = prices_by_owner(session)
    rows = session.rows(
        "select v.id, p.code, v.version, v.names, v.content_sha256 from plan_version v"
        " join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id"
        " where v.merchant_id = %s",
        session.merchant_id,
    )
    return {
        (code, version): (PlanVersion(own, code, version, names, prices.get(own, ())), sha256)
        for own, code, version, names, sha256 in rows
    }


def add_ons(session: Session) -> dict[tuple[str, int], tuple[AddOn, bytes]]:
    """All published add-ons with the hashes of their content, by code and version."""
    prices = prices_by_owner(session)
    rows = session.rows(
        "select id, code, version, names, plans, content_sha256 from add_on where merchant_id = %s",
        session.merchant_id,
    )
    return {
        (code, version): (
            AddOn(own, code, version, names, prices.get(own, ()), tuple(plans)),
            sha256,
        )
        for own, code, version, names, plans, sha256 in rows
    }


def prices_by_owner(session: Session) -> dict[UUID, tuple[Price, ...]]:
    """All prices of the merchant by the plan version or add-on that they belong to."""
    by_id = {product.id: product for product in products(session).values()}
    found: dict[UUID, tuple[Price, ...]] = {}
    for owner, *price in price_rows(session):
        found[owner] = (*found.get(owner, ()), read_price(price, by_id))
    return found


class PriceList:
    """A merchant's prices by plan version or add-on, each read when it is first asked for.

    Published prices never change, so what was read holds for a whole run; what is published
    meanwhile is found too. A price that can't be read stops who needs it and nobody else.
    """

    def __init__(self) -> None:
        self._rows: dict[UUID, list[list[Any]]] = {}
        self._products: dict[UUID, Product] = {}
        self._prices: dict[UUID, tuple[Price, ...]] = {}

    def of(
        self, session: Session, owner_id: UUID, phase: int, listed: tuple[str, bool]
    ) -> tuple[Price, ...]:
        """The prices of a plan version's phase or an add-on in a price list.

        `listed` is the list's currency and whether it includes VAT. Raises Invalid for a price
        that can't be read.
        """
        found = self._prices.get(owner_id)
        if found is None:
            if owner_id not in self._rows:
                self._read(session)
            rows = self._rows.get(owner_id, [])
            found = tuple(read_price(row, self._products) for row in rows)
            self._prices[owner_id] = found
        return selected(found, listed[0], phase, includes_tax=listed[1])

    def of_extra(
        self, session: Session, item_id: UUID, extra: Extra, listed: tuple[str, bool]
    ) -> tuple[Price, ...]:
        """The price of what is sold once beside the plan. Raises NotFound."""
        product = self._products.get(extra.product_id)
        if product is None:
            self._read(session)
            product = self._products.get(extra.product_id)
        if product is None:
            raise NotFound(f"there is no product {extra.product_id}", field="product")
        return (extra_price(item_id, extra, product, listed[0], includes_tax=listed[1]),)

    def _read(self, session: Session) -> None:
        self._products = {product.id: product for product in products(session).values()}
        self._rows = {}
        for owner_id, *row in price_rows(session):
            self._rows.setdefault(owner_id, []).append(row)


def price_rows(session: Session) -> list[tuple[Any, ...]]:
    """All prices as they stand: the plan version or add-on, then what `read_price` reads."""
    return session.rows(
        "select coalesce(plan_version_id, add_on_id), id, code, product_id, spec, currency,"
        " includes_tax, interval_unit, interval_count, charged, proration from price"
        " where merchant_id = %s order by position",
        session.merchant_id,
    )


def read_price(row: Sequence[Any], by_id: Mapping[UUID, Product]) -> Price:
    """A price out of its row. Raises Invalid for one that no catalogue could have brought."""
    own, code, product_id, spec, currency, includes_tax, unit, count, charged, proration = row
    return Price(
        id=own,
        code=code,
        product=by_id[product_id],
        spec=parse_price(spec, is_metered=False),
        currency=currency,
        includes_tax=includes_tax,
        interval=Interval(unit, count) if unit else None,
        charged=charged,
        proration=proration,
    )


def publish_plan(session: Session, version: PlanVersion, now: datetime) -> None:
    """Write a plan version with its prices; from now on neither changes."""
    session.execute(
        "insert into plan (merchant_id, id, code) values (%s, %s, %s) on conflict do nothing",
        *(session.merchant_id, new_id(), version.plan),
    )
    session.execute(
        "insert into plan_version (merchant_id, id, plan_id, version, names, content_sha256,"
        " published_at) select merchant_id, %s, id, %s, %s::jsonb, %s, %s from plan"
        " where merchant_id = %s and code = %s",
        *(version.id, version.version, msgspec.json.encode(version.names).decode()),
        *(content_hash(version), now, session.merchant_id, version.plan),
    )
    _add_prices(session, version.prices, plan_version_id=version.id)


def publish_add_on(session: Session, add_on: AddOn, now: datetime) -> None:
    """Write an add-on with its prices; from now on neither changes."""
    row = {
        "id": add_on.id,
        "code": add_on.code,
        "version": add_on.version,
        "names": add_on.names,
        "plans": add_on.plans,
        "content_sha256": hexed(content_hash(add_on)),
        "published_at": now,
    }
    session.add("add_on", [row])
    _add_prices(session, add_on.prices, add_on_id=add_on.id)


def content_hash(published: PlanVersion | AddOn) -> bytes:
    """SHA-256 over everything a version promises; ids and products' names take no part."""
    promised = (
        published.plan if isinstance(published, PlanVersion) else published.code,
        published.version,
        published.names,
        [_promise(price) for price in published.prices],
        () if isinstance(published, PlanVersion) else published.plans,
    )
    return hashlib.sha256(msgspec.json.encode(promised, order="sorted")).digest()


def _promise(price: Price) -> tuple[object, ...]:
    interval = price.interval
    return (
        *(price.code, price.product.code, price_fields(price.spec), price.currency),
        *(price.includes_tax, price.charged, price.proration),
        *((interval.unit, interval.count) if interval else ()),
    )


def _add_prices(session: Session, prices: Sequence[Price], **owner: UUID) -> None:
    rows = [
        {
            "id": price.id,
            **owner,
            "position": position,
            "code": price.code,
            "product_id": price.product.id,
            "spec": price_fields(price.spec),
            "currency": price.currency,
            "includes_tax": price.includes_tax,
            "interval_unit": price.interval.unit if price.interval else None,
            "interval_count": price.interval.count if price.interval else None,
            "charged": price.charged,
            "proration": price.proration,
        }
        for position, price in enumerate(prices)
    ]
    session.add("price", rows)
