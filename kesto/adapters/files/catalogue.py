"""A price list in TOML: products, plans and add-ons with their prices (docs/import.md)."""

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import get_args
from uuid import UUID

from msgspec import Struct

from kesto.adapters.files import checks
from kesto.adapters.files.errors import FileError, Findings
from kesto.adapters.files.toml_lines import line_of, toml_lines
from kesto.adapters.files.toml_table import TomlTable, field_name, path_of, read_toml
from kesto.core.calendar import LONGEST_INTERVAL, Interval, Unit
from kesto.core.catalog import (
    AddOn,
    Catalogue,
    Charged,
    PlanVersion,
    Price,
    Product,
    ProrationRule,
)
from kesto.core.pricing import PriceSpec, parse_price
from kesto.core.refusals import Invalid, Refused

LARGEST_BYTES = 2_000_000

HIGHEST_VERSION = 9999
LARGEST_BITS = 64


class _Terms(Struct):
    """What all prices of a file share."""

    currency: str
    includes_tax: bool
    products: dict[str, Product]
    new_id: Callable[[], UUID]


def read_catalogue(data: bytes, file: str, new_id: Callable[[], UUID]) -> Catalogue:
    """The price list in a file; `file` is its name for errors, `new_id` gives each thing its id."""
    findings = Findings(file)
    root = read_toml(data, findings, LARGEST_BYTES)
    currency = root.text("currency", checks.currency, "EUR", required=True)
    includes_tax = root.boolean("prices_include_tax", required=True)
    products = _products(root, new_id)
    by_code = {product.code: product for product in products}
    terms = _Terms(currency, includes_tax, by_code, new_id)
    plans = _plans(root, terms)
    add_ons = _add_ons(root, terms, frozenset(plan.plan for plan in plans))
    root.finish()
    findings.refuse_if_any()
    return Catalogue(
        currency=currency,
        includes_tax=includes_tax,
        products=products,
        plans=plans,
        add_ons=add_ons,
    )


def place_of(data: bytes, file: str, offered: Catalogue, refusal: Refused) -> FileError:
    """Where in a file stands the product, plan or add-on that a flow refused (its `subject`)."""
    noun, _, _ = refusal.field.partition(".")
    codes = {
        "products": [product.code for product in offered.products],
        "plans": [plan.plan for plan in offered.plans],
        "add_ons": [add_on.code for add_on in offered.add_ons],
    }.get(noun, [])
    if refusal.subject not in codes:
        return FileError(file, 1, refusal.field, refusal.detail)
    path = (noun, codes.index(refusal.subject))
    line = line_of(toml_lines(data.decode("utf-8-sig")), path)
    return FileError(file, line, field_name(path), refusal.detail)


def _products(root: TomlTable, new_id: Callable[[], UUID]) -> tuple[Product, ...]:
    tables = root.tables("products", required=True)
    products = tuple(_product(table, new_id()) for table in tables)
    _refuse_repeats(tables, [product.code for product in products])
    return products


def _product(table: TomlTable, product_id: UUID) -> Product:
    product = Product(
        id=product_id,
        code=_code(table),
        names=_names(table),
        tax_category=table.text("tax_category", checks.tax_category, "standard"),
        revenue_account=table.text("revenue_account", checks.code, "3000"),
    )
    table.finish()
    return product


def _plans(root: TomlTable, terms: _Terms) -> tuple[PlanVersion, ...]:
    tables = root.tables("plans", required=True)
    plans = tuple(_plan(table, terms) for table in tables)
    _refuse_repeats(tables, [plan.plan for plan in plans])
    return plans


def _plan(table: TomlTable, terms: _Terms) -> PlanVersion:
    plan = PlanVersion(
        id=terms.new_id(),
        plan=_code(table),
        version=table.whole("version", 1, HIGHEST_VERSION, 1),
        names=_names(table),
        prices=_prices(table, terms),
    )
    table.finish()
    return plan


def _add_ons(root: TomlTable, terms: _Terms, plans: frozenset[str]) -> tuple[AddOn, ...]:
    tables = root.tables("add_ons")
    add_ons = tuple(_add_on(table, terms, plans) for table in tables)
    _refuse_repeats(tables, [add_on.code for add_on in add_ons])
    return add_ons


def _add_on(table: TomlTable, terms: _Terms, plans: frozenset[str]) -> AddOn:
    add_on = AddOn(
        id=terms.new_id(),
        code=_code(table),
        version=table.whole("version", 1, HIGHEST_VERSION, 1),
        names=_names(table),
        prices=_prices(table, terms),
        plans=table.texts("plans", _known(plans, "plan")),
    )
    table.finish()
    return add_on


def _prices(table: TomlTable, terms: _Terms) -> tuple[Price, ...]:
    tables = table.tables("prices", required=True)
    prices = [_price(entry, terms) for entry in tables]
    _refuse_repeats(tables, [str(entry.content.get("code", "")) for entry in tables])
    return tuple(price for price in prices if price is not None)


def _price(table: TomlTable, terms: _Terms) -> Price | None:
    """The price, or none when it has no product or its own fields are wrong."""
    code = _code(table)
    known = _known(terms.products, "product")
    product = terms.products.get(table.text("product", known, "", required=True))
    interval = _interval(table)
    charged: Charged = table.text("charged", checks.choice(*get_args(Charged)), "arrears")
    proration: ProrationRule = table.text(
        "proration", checks.choice(*get_args(ProrationRule)), "day"
    )
    spec = _spec(table, charged)
    if spec is None or product is None:
        return None
    return Price(
        id=terms.new_id(),
        code=code,
        product=product,
        spec=spec,
        currency=terms.currency,
        includes_tax=terms.includes_tax,
        interval=interval,
        charged=charged,
        proration=proration,
    )


def _interval(table: TomlTable) -> Interval | None:
    """How often the price is due; none for a one-time price."""
    is_one_time = table.boolean("one_time")
    unit: Unit = table.text("interval", checks.choice(*get_args(Unit)), "month")
    count = table.whole("interval_count", 1, LONGEST_INTERVAL, 1)
    if not is_one_time and "interval" not in table.content:
        table.error(("interval",), "is missing; write an interval, or one_time = true")
    for key in ("interval", "interval_count"):
        if is_one_time and key in table.content:
            table.error((key,), "does not go together with one_time = true; remove one of them")
    return None if is_one_time else Interval(unit, count)


def _spec(table: TomlTable, charged: Charged) -> PriceSpec | None:
    """The price's own fields, judged by the pricing model itself."""
    fields = {key: _plain(value) for key, value in table.rest().items()}
    if fields.get("model") == "flat":
        fields["charged"] = charged
    try:
        return parse_price(fields, is_metered=False)  # usage can't be metered yet
    except Invalid as invalid:
        detail = invalid.detail.removeprefix(invalid.field).strip()
        table.error(path_of(invalid.field), detail)
        return None


def _plain(value: object) -> object:
    """A TOML value as the pricing models take it.

    Decimal numbers become text as they were written, and so do numbers that are far too large:
    writing 1e999999999 out in digits would take a gigabyte.
    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
        return hex(value)
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return value


def _code(table: TomlTable) -> str:
    return table.text("code", checks.code, "", required=True)


def _names(table: TomlTable) -> dict[str, str]:
    """The names by language, at least one."""
    names = table.table("name")
    if names is None:
        return {}
    found = {
        language: names.text(language, checks.words, "")
        for language in checks.LANGUAGES
        if language in names.content
    }
    if not found:
        languages = ", ".join(checks.LANGUAGES)
        table.error(("name",), f"needs the name in at least one of these languages: {languages}")
    names.finish()
    return found


def _known(codes: Collection[str], what: str) -> Callable[[str], str]:
    """A check that a code is one of those defined in the file."""

    def check(text: str) -> str:
        if text not in codes:
            raise Invalid(f"{checks.shown(text)} is no {what} of this file")
        return text

    return check


def _refuse_repeats(tables: Sequence[TomlTable], codes: Sequence[str]) -> None:
    first_lines: dict[str, int] = {}
    for table, code in zip(tables, codes, strict=True):
        if code and code in first_lines:
            first_line = first_lines[code]
            table.error(("code",), f"{checks.shown(code)} is there already, in line {first_line}")
        first_lines.setdefault(code, table.line)
