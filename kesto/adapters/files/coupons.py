"""Meters, features and coupons of a price list."""

from collections.abc import Callable, Collection
from typing import get_args
from uuid import UUID

from kesto.adapters.files import checks, nouns
from kesto.adapters.files.toml_table import TomlTable
from kesto.core.catalog import (
    Coupon,
    CouponDuration,
    EntitlementKind,
    Feature,
    LateEvents,
    SoldMeter,
)
from kesto.core.coupon_checks import MOST_PERIODS, MOST_USES, coupon_problems, feature_problems
from kesto.core.exact import shown
from kesto.core.fields import Fields
from kesto.core.metering import Meter, parse_meter
from kesto.core.money import parse_minor
from kesto.core.refusals import Invalid

NewId = Callable[[], UUID]
COUNT = Meter("count")


def read_meters(root: TomlTable, new_id: NewId) -> tuple[SoldMeter, ...]:
    """The meters of a file."""
    tables = root.tables("meters")
    meters = tuple(read_meter(table, new_id()) for table in tables)
    nouns.refuse_repeats(tables, [meter.code for meter in meters])
    return meters


def read_features(root: TomlTable, meters: Collection[str], new_id: NewId) -> tuple[Feature, ...]:
    """The features of a file."""
    tables = root.tables("features")
    features = tuple(read_feature(table, new_id()) for table in tables)
    nouns.refuse_repeats(tables, [feature.code for feature in features])
    for table, feature in zip(tables, features, strict=True):
        for problem in feature_problems(feature, meters):
            nouns.refuse(table, problem)
    return features


def read_coupons(
    root: TomlTable,
    currency: str,
    products: Collection[str],
    plans: Collection[str],
    new_id: NewId,
) -> tuple[Coupon, ...]:
    """The coupons of a file; `currency` is that of its main price list."""
    tables = root.tables("coupons")
    coupons = tuple(read_coupon(table, currency, new_id()) for table in tables)
    nouns.refuse_repeats(tables, [coupon.code for coupon in coupons])
    typed: dict[str, int] = {}
    for table, coupon in zip(tables, coupons, strict=True):
        for problem in coupon_problems(coupon, products, plans):
            nouns.refuse(table, problem)
        for place, code in enumerate(coupon.codes):
            line = typed.setdefault(code.casefold(), table.line)
            if line != table.line:
                detail = f"{checks.shown(code)} belongs to the coupon in line {line} already"
                table.error(("codes", place), detail)
    return coupons


def read_meter(table: TomlTable, own: UUID) -> SoldMeter:
    """A meter out of its table."""
    code, names = nouns.code(table), nouns.names(table)
    unit = table.text("unit", checks.words, "")
    late: LateEvents = table.text("late", checks.choice(*get_args(LateEvents)), "correct")
    fields = {key: nouns.plain(value) for key, value in table.rest().items()}
    try:
        meter = parse_meter(Fields(fields))
    except Invalid as invalid:
        nouns.refuse(table, invalid)
        meter = COUNT
    return SoldMeter(own, code, names, meter, unit, late)


def read_feature(table: TomlTable, own: UUID) -> Feature:
    """A feature out of its table."""
    kind: EntitlementKind = table.text("kind", checks.choice(*get_args(EntitlementKind)), "boolean")
    feature = Feature(
        own, nouns.code(table), nouns.names(table), kind, table.text("meter", checks.code, "")
    )
    table.finish()
    return feature


def read_coupon(table: TomlTable, currency: str, own: UUID) -> Coupon:
    """A coupon out of its table; `currency` is that of amounts without one."""
    has_amount = "amount" in table.content
    own_currency = table.text("currency", checks.currency, currency if has_amount else "")
    duration: CouponDuration = table.text(
        "duration", checks.choice(*get_args(CouponDuration)), "forever"
    )
    coupon = Coupon(
        id=own,
        code=nouns.code(table),
        names=nouns.names(table),
        percent=nouns.decimal(table, "percent"),
        amount_minor=_amount(table, own_currency) if has_amount else 0,
        currency=own_currency,
        duration=duration,
        periods=table.whole("periods", 1, MOST_PERIODS, 0),
        products=table.texts("products", checks.code),
        plans=table.texts("plans", checks.code),
        codes=table.texts("codes", checks.code),
        most_uses=table.whole("most_uses", 1, MOST_USES, 0),
        most_uses_per_customer=table.whole("most_uses_per_customer", 1, MOST_USES, 0),
        valid_from=table.day("valid_from"),
        valid_until=table.day("valid_until"),
    )
    table.finish()
    return coupon


def _amount(table: TomlTable, currency: str) -> int:
    amount = nouns.decimal(table, "amount")
    try:
        return parse_minor(shown(amount), currency)
    except Invalid as invalid:
        table.error(("amount",), invalid.detail)
        return 0
