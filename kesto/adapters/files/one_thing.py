"""One thing of a price list by itself, in the fields that the file has, as JSON brings it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

from msgspec import Struct

from kesto.adapters.files import checks
from kesto.adapters.files.catalogue import read_add_on, read_plan
from kesto.adapters.files.coupons import read_coupon, read_feature, read_meter
from kesto.adapters.files.errors import FileError, Findings
from kesto.adapters.files.prices import Shared
from kesto.adapters.files.toml_table import TomlTable
from kesto.core.catalog import AddOn, Coupon, Feature, PlanVersion, SoldMeter
from kesto.core.refusals import Invalid, RefusedTogether

Thing = TypeVar("Thing", PlanVersion, AddOn, Coupon, Feature, SoldMeter)
Given = Mapping[str, object]


class Known(Struct, frozen=True):
    """What there is already that one thing can lean on; `plans` are codes."""

    shared: Shared
    plans: Collection[str]


def plan_of(given: Given, known: Known) -> PlanVersion:
    """A plan version; `currency` and `prices_include_tax` stand beside its own fields."""
    return _read(given, lambda table: read_plan(table, _listed(table, known.shared)))


def add_on_of(given: Given, known: Known) -> AddOn:
    """An add-on; `currency` and `prices_include_tax` stand beside its own fields."""
    return _read(given, lambda table: read_add_on(table, _listed(table, known.shared), known.plans))


def coupon_of(given: Given, known: Known) -> Coupon:
    """A coupon."""
    shared = known.shared
    return _read(given, lambda table: read_coupon(table, shared.currency, shared.new_id()))


def feature_of(given: Given, known: Known) -> Feature:
    """A feature."""
    return _read(given, lambda table: read_feature(table, known.shared.new_id()))


def meter_of(given: Given, known: Known) -> SoldMeter:
    """A meter."""
    return _read(given, lambda table: read_meter(table, known.shared.new_id()))


def _listed(table: TomlTable, shared: Shared) -> Shared:
    """The price list that prices are of unless they say otherwise."""
    return Shared(
        currency=table.text("currency", checks.currency, shared.currency),
        includes_tax=table.boolean("prices_include_tax", required=True),
        products=shared.products,
        meters=shared.meters,
        features=shared.features,
        new_id=shared.new_id,
    )


def _read(given: Given, read: Callable[[TomlTable], Thing]) -> Thing:
    findings = Findings("")
    found = read(TomlTable(given, (), {}, findings))
    _refuse_if_any(findings.errors)
    return found


def _refuse_if_any(errors: Iterable[FileError]) -> None:
    refusals = [
        Invalid(f"{one.field} {one.detail}".strip(), code="bad_value", field=one.field)
        for one in errors
    ]
    if refusals:
        raise RefusedTogether(refusals)
