"""The catalogue in the database: published once, read into core values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kesto.core.calendar import Interval
from kesto.core.catalog import AddOn, PlanVersion, Price, Product
from kesto.core.item import Extra
from kesto.core.life_items import extra_price, selected
from kesto.core.pricing import parse_price, price_fields
from kesto.core.refusals import NotFound
from kesto.store.ids import new_id
from kesto.store.promises import (
    content_hash,
    plain,
    read_delivery,
    read_entitlements,
    read_phases,
    read_terms,
)
from kesto.store.session import Session, hexed


def products(session: Session) -> dict[str, Product]:
    """The merchant's products by code."""
    rows = session.rows(
        "select id, code, names, tax_category, revenue_account from product where merchant_id = %s"
        " order by code",
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
    found = [(read_version(row, prices), sha256) for *row, sha256 in version_rows(session)]
    return {(version.plan, version.version): (version, sha256) for version, sha256 in found}


def add_ons(session: Session) -> dict[tuple[str, int], tuple[AddOn, bytes]]:
    """All published add-ons with the hashes of their content, by code and version."""
    prices = prices_by_owner(session)
    found = [(read_add_on(row, prices), sha256) for *row, sha256 in add_on_rows(session)]
    return {(add_on.code, add_on.version): (add_on, sha256) for add_on, sha256 in found}


def version_rows(session: Session) -> list[tuple[Any, ...]]:
    """All plan versions as they stand: what `read_version` reads, then the hash."""
    return session.rows(
        "select v.id, coalesce(p.code, ''), v.version, v.names, v.phases, v.terms, v.entitlements,"
        " v.delivery, v.content_sha256 from plan_version v"
        " left join plan p on p.merchant_id = v.merchant_id and p.id = v.plan_id"
        " where v.merchant_id = %s order by v.id",
        session.merchant_id,
    )


def read_version(row: Sequence[Any], prices: Mapping[UUID, tuple[Price, ...]]) -> PlanVersion:
    """A plan version out of its row. Raises ValidationError for one that nobody published."""
    own, code, version, names, phases, terms, entitlements, delivery = row
    return PlanVersion(
        *(own, code, version, names, prices.get(own, ())),
        *(read_phases(phases), read_terms(terms), read_entitlements(entitlements)),
        read_delivery(delivery),
    )


def add_on_rows(session: Session) -> list[tuple[Any, ...]]:
    """All add-ons as they stand: what `read_add_on` reads, then the hash."""
    return session.rows(
        "select id, code, version, names, plans, minimum_months, entitlements, delivery,"
        " content_sha256 from add_on where merchant_id = %s order by id",
        session.merchant_id,
    )


def read_add_on(row: Sequence[Any], prices: Mapping[UUID, tuple[Price, ...]]) -> AddOn:
    """An add-on out of its row. Raises ValidationError for one that nobody published."""
    own, code, version, names, plans, minimum_months, entitlements, delivery = row
    return AddOn(
        *(own, code, version, names, prices.get(own, ()), tuple(plans)),
        *(minimum_months, read_entitlements(entitlements), read_delivery(delivery)),
    )


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
        self.is_metered = False
        """Whether any price that was asked for so far goes by usage."""

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
            self.is_metered = self.is_metered or any(price.meter for price in found)
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
        " includes_tax, interval_unit, interval_count, charged, proration, meter, phases"
        " from price where merchant_id = %s order by position",
        session.merchant_id,
    )


def read_price(row: Sequence[Any], by_id: Mapping[UUID, Product]) -> Price:
    """A price out of its row. Raises Invalid for one that no catalogue could have brought."""
    own, code, product_id, spec, currency, includes_tax, *rest = row
    unit, count, charged, proration, meter, phases = rest
    return Price(
        id=own,
        code=code,
        product=by_id[product_id],
        spec=parse_price(spec, is_metered=bool(meter)),
        currency=currency,
        includes_tax=includes_tax,
        interval=Interval(unit, count) if unit else None,
        charged=charged,
        proration=proration,
        meter=meter,
        phases=tuple(phases),
    )


def publish_plan(session: Session, version: PlanVersion, now: datetime) -> None:
    """Write a plan version with its prices; from now on neither changes."""
    session.execute(
        "insert into plan (merchant_id, id, code) values (%s, %s, %s) on conflict do nothing",
        *(session.merchant_id, new_id(), version.plan),
    )
    found = session.row(
        "select id from plan where merchant_id = %s and code = %s",
        *(session.merchant_id, version.plan),
    )
    row = {
        "id": version.id,
        "plan_id": found[0] if found else None,
        "version": version.version,
        "names": version.names,
        "phases": plain(version.phases),
        "terms": plain(version.terms),
        "entitlements": plain(version.entitlements),
        "delivery": version.delivery,
        "content_sha256": hexed(content_hash(version)),
        "published_at": now,
    }
    session.add("plan_version", [row])
    _add_prices(session, version.prices, plan_version_id=version.id)


def publish_add_on(session: Session, add_on: AddOn, now: datetime) -> None:
    """Write an add-on with its prices; from now on neither changes."""
    row = {
        "id": add_on.id,
        "code": add_on.code,
        "version": add_on.version,
        "names": add_on.names,
        "plans": add_on.plans,
        "minimum_months": add_on.minimum_months,
        "entitlements": plain(add_on.entitlements),
        "delivery": add_on.delivery,
        "content_sha256": hexed(content_hash(add_on)),
        "published_at": now,
    }
    session.add("add_on", [row])
    _add_prices(session, add_on.prices, add_on_id=add_on.id)


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
            "meter": price.meter,
            "phases": price.phases,
        }
        for position, price in enumerate(prices)
    ]
    session.add("price", rows)
