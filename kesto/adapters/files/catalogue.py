"""A price list in TOML: products, plans, add-ons, meters, features, coupons (docs/import.md)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from kesto.adapters.files import checks, nouns
from kesto.adapters.files.coupons import read_coupons, read_features, read_meters
from kesto.adapters.files.delivery import read_delivery
from kesto.adapters.files.errors import FileError, Findings
from kesto.adapters.files.prices import Shared, read_prices
from kesto.adapters.files.terms import read_entitlements, read_phases, read_terms
from kesto.adapters.files.toml_lines import line_of, toml_lines
from kesto.adapters.files.toml_table import TomlTable, field_name, path_of, read_toml
from kesto.core.catalog import AddOn, Catalogue, PlanVersion, Product, SoldNoun
from kesto.core.plan_checks import MOST_MONTHS, add_on_problems, plan_problems
from kesto.core.refusals import Invalid, Refused

LARGEST_BYTES = 2_000_000
IN_PORTAL = "offered_in_portal"
HIGHEST_VERSION = 9999
IN_FILES = {"length": "interval", "is_trial": "trial"}
"""What a field of the core is called in a file, where that differs."""


def read_catalogue(data: bytes, file: str, new_id: Callable[[], UUID]) -> Catalogue:
    """The price list in a file; `file` is its name for errors, `new_id` gives each thing its id."""
    findings = Findings(file)
    root = read_toml(data, findings, LARGEST_BYTES)
    currency = root.text("currency", checks.currency, "EUR", required=True)
    includes_tax = root.boolean("prices_include_tax", required=True)
    products = _products(root, new_id)
    meters = {meter.code: meter for meter in read_meters(root, new_id)}
    features = {one.code: one for one in read_features(root, meters, new_id)}
    by_code = {product.code: product for product in products}
    shared = Shared(currency, includes_tax, by_code, meters, features, new_id)
    plans = _plans(root, shared)
    plan_codes = frozenset(plan.plan for plan in plans)
    add_ons = _add_ons(root, shared, plan_codes)
    coupons = read_coupons(root, currency, by_code, plan_codes, new_id)
    root.finish()
    findings.refuse_if_any()
    in_portal = {**in_portal_of(root.content, "plan"), **in_portal_of(root.content, "add_on")}
    return Catalogue(
        *(currency, includes_tax, products, plans, add_ons),
        *(tuple(meters.values()), tuple(features.values()), coupons, in_portal),
    )


def in_portal_of(content: Mapping[str, object], noun: SoldNoun) -> dict[tuple[SoldNoun, str], bool]:
    """What tables that were read say of being offered in the portal, where they say it."""
    tables = cast("list[dict[str, Any]]", content.get(f"{noun}s", []))
    return {(noun, table["code"]): table[IN_PORTAL] for table in tables if IN_PORTAL in table}


def place_of(data: bytes, file: str, offered: Catalogue, refusal: Refused) -> FileError:
    """Where in a file stands the thing that a flow refused (its `subject`), or a field of it."""
    noun = refusal.field.partition(".")[0]
    codes = {
        "products": [product.code for product in offered.products],
        "plans": [plan.plan for plan in offered.plans],
        "add_ons": [add_on.code for add_on in offered.add_ons],
        "meters": [meter.code for meter in offered.meters],
        "features": [feature.code for feature in offered.features],
        "coupons": [coupon.code for coupon in offered.coupons],
    }.get(noun, [])
    if refusal.subject not in codes:
        return FileError(file, 1, refusal.field, refusal.detail)
    inside = refusal.field.removeprefix(f"{noun}.{refusal.subject}").removeprefix(".")
    path = (noun, codes.index(refusal.subject), *path_of(inside))
    line = line_of(toml_lines(data.decode("utf-8-sig")), path)
    return FileError(file, line, field_name(path), refusal.detail)


def _products(root: TomlTable, new_id: Callable[[], UUID]) -> tuple[Product, ...]:
    tables = root.tables("products", required=True)
    products = tuple(_product(table, new_id()) for table in tables)
    nouns.refuse_repeats(tables, [product.code for product in products])
    return products


def _product(table: TomlTable, product_id: UUID) -> Product:
    product = Product(
        id=product_id,
        code=nouns.code(table),
        names=nouns.names(table),
        tax_category=table.text("tax_category", checks.tax_category, "standard"),
        revenue_account=table.text("revenue_account", checks.code, "3000"),
    )
    table.finish()
    return product


def _plans(root: TomlTable, shared: Shared) -> tuple[PlanVersion, ...]:
    tables = root.tables("plans", required=True)
    plans = tuple(read_plan(table, shared) for table in tables)
    nouns.refuse_repeats(tables, [plan.plan for plan in plans])
    return plans


def read_plan(table: TomlTable, shared: Shared) -> PlanVersion:
    """A plan version out of its table."""
    phases = read_phases(table)
    prices, is_whole = read_prices(table, shared, phases)
    plan = PlanVersion(
        id=shared.new_id(),
        plan=nouns.code(table),
        version=table.whole("version", 1, HIGHEST_VERSION, 1),
        names=nouns.names(table),
        prices=prices,
        phases=phases,
        terms=read_terms(table),
        entitlements=read_entitlements(table),
        delivery=read_delivery(table),
    )
    table.boolean(IN_PORTAL)
    table.finish()
    _note(table, plan_problems(plan, shared.counting, shared.features), are_prices_read=is_whole)
    return plan


def _add_ons(root: TomlTable, shared: Shared, plans: frozenset[str]) -> tuple[AddOn, ...]:
    tables = root.tables("add_ons")
    add_ons = tuple(read_add_on(table, shared, plans) for table in tables)
    nouns.refuse_repeats(tables, [add_on.code for add_on in add_ons])
    return add_ons


def read_add_on(table: TomlTable, shared: Shared, plans: Collection[str]) -> AddOn:
    """An add-on out of its table; `plans` are the codes that there are."""
    prices, is_whole = read_prices(table, shared, ())
    add_on = AddOn(
        id=shared.new_id(),
        code=nouns.code(table),
        version=table.whole("version", 1, HIGHEST_VERSION, 1),
        names=nouns.names(table),
        prices=prices,
        plans=table.texts("plans", nouns.known(plans, "plan")),
        minimum_months=table.whole("minimum_months", 0, MOST_MONTHS, 0),
        entitlements=read_entitlements(table),
        delivery=read_delivery(table),
    )
    table.boolean(IN_PORTAL)
    table.finish()
    _note(
        table, add_on_problems(add_on, shared.counting, shared.features), are_prices_read=is_whole
    )
    return add_on


def _note(table: TomlTable, problems: Iterable[Invalid], *, are_prices_read: bool) -> None:
    """Note what is wrong with a plan as a whole; nothing of prices when some could not be read."""
    for problem in problems:
        path = path_of(problem.field)
        if path[0] == "prices" and not are_prices_read:
            continue
        *above, name = path
        table.error((*above, IN_FILES.get(str(name), name)), problem.detail)
