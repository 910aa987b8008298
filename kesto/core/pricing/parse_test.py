"""A price as it is read: each field in its place, what is left out, and what a refusal says."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from msgspec import Struct

from kesto.core.pricing import PriceSpec, parse_price
from kesto.core.pricing.capacity import Capacity, Size
from kesto.core.pricing.commitment import Commitment
from kesto.core.pricing.dimensional import Dimensional, Row
from kesto.core.pricing.dynamic import Dynamic
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.graduated import Graduated
from kesto.core.pricing.graduated_percentage import GraduatedPercentage, RateTier
from kesto.core.pricing.package import Package
from kesto.core.pricing.per_unit import PerUnit
from kesto.core.pricing.percentage import Percentage
from kesto.core.pricing.stairstep import Stairstep
from kesto.core.pricing.tiers import Step, Tier
from kesto.core.pricing.time_series import Interval, TimeSeries
from kesto.core.pricing.transform import Transform
from kesto.core.pricing.volume import Volume
from kesto.core.refusals import Invalid

ONE, TWO, THREE, FOUR, FIVE, SIX = (Decimal(n) for n in range(1, 7))
ZERO = Decimal(0)
FIRST_TIER = {
    "up_to": "1",
    "unit_amount": "2",
    "flat_amount": "3",
    "maximum": "4",
    "package_size": "5",
}
TIERS = (Tier(ONE, TWO, THREE, FOUR, FIVE), Tier(None, ZERO, SIX))
LAST_TIER = {"up_to": None, "flat_amount": "6"}
UNIT_TIERS = (Tier(None, ONE),)


@pytest.mark.parametrize(
    ("name", "fields", "model"),
    [
        ("flat", {"amount": "1"}, Flat(ONE, "advance")),
        ("flat", {"amount": "1", "charged": "arrears"}, Flat(ONE, "arrears")),
        ("per_unit", {"unit_amount": "1"}, PerUnit(ONE, ONE)),
        ("per_unit", {"unit_amount": "1", "per": "2"}, PerUnit(ONE, TWO)),
        (
            "package",
            {"package_size": "1", "package_amount": "2"},
            Package(ONE, TWO, ZERO, "up"),
        ),
        (
            "package",
            {"package_size": "1", "package_amount": "2", "free_units": "3", "round": "down"},
            Package(ONE, TWO, THREE, "down"),
        ),
        ("graduated", {"tiers": [FIRST_TIER, LAST_TIER]}, Graduated(TIERS, flat_at_zero=False)),
        ("volume", {"tiers": [FIRST_TIER, LAST_TIER]}, Volume(TIERS, flat_at_zero=False)),
        (
            "graduated",
            {"tiers": [{"unit_amount": "1"}], "flat_at_zero": True},
            Graduated(UNIT_TIERS, flat_at_zero=True),
        ),
        (
            "volume",
            {"tiers": [{"unit_amount": "1"}], "flat_at_zero": True},
            Volume(UNIT_TIERS, flat_at_zero=True),
        ),
        (
            "stairstep",
            {"tiers": [{"up_to": "1", "flat_amount": "2"}, {"flat_amount": "3"}]},
            Stairstep((Step(ONE, TWO), Step(None, THREE))),
        ),
        ("percentage", {"rate": "1"}, Percentage(ONE, ZERO, 0, ZERO, None, None)),
        (
            "percentage",
            {
                "rate": "1",
                "fixed_amount": "2",
                "free_events": 3,
                "free_amount": "4",
                "min_per_event": "5",
                "max_per_event": "5",
            },
            Percentage(ONE, TWO, 3, FOUR, FIVE, FIVE),
        ),
        (
            "graduated_percentage",
            {"tiers": [{"up_to": "1", "rate": "2", "flat_amount": "3"}, {"flat_amount": "4"}]},
            GraduatedPercentage(
                (RateTier(ONE, TWO, THREE), RateTier(None, ZERO, FOUR)), flat_at_zero=False
            ),
        ),
        (
            "graduated_percentage",
            {"tiers": [{"rate": "2"}], "flat_at_zero": True},
            GraduatedPercentage((RateTier(None, TWO, ZERO),), flat_at_zero=True),
        ),
        ("dynamic", {}, Dynamic()),
        (
            "dimensional",
            {
                "dimensions": ["region", "size"],
                "rows": [
                    {"region": "eu", "size": "l", "unit_amount": "1"},
                    {"size": "l", "price": {"model": "flat", "amount": "2"}},
                ],
                "default": {"unit_amount": "3"},
            },
            Dimensional(
                ("region", "size"),
                (
                    Row((("region", "eu"), ("size", "l")), PriceSpec("per_unit", PerUnit(ONE))),
                    Row((("size", "l"),), PriceSpec("flat", Flat(TWO))),
                    Row((), PriceSpec("per_unit", PerUnit(THREE))),
                ),
            ),
        ),
        (
            "capacity",
            {"tiers": [{"limits": {"cpu": "1", "disk": "2"}, "amount": "3"}, {"amount": "4"}]},
            Capacity((Size((("cpu", ONE), ("disk", TWO)), THREE), Size((), FOUR))),
        ),
        (
            "time_series",
            {"series": ["1", "-2"], "margin": "-3"},
            TimeSeries((Interval("0", ONE), Interval("1", -TWO)), -THREE, is_by_place=True),
        ),
        (
            "time_series",
            {"series": {"2026-03-01T12:00:00+02:00": "-1", "night": "2"}},
            TimeSeries(
                (Interval("2026-03-01T10:00:00+00:00", -ONE), Interval("night", TWO)),
                ZERO,
                is_by_place=False,
            ),
        ),
    ],
)
def test_a_model_is_read_field_by_field(
    name: str, fields: dict[str, object], model: Struct
) -> None:
    assert parse_price({"model": name, **fields}) == PriceSpec(name, model)


def test_what_goes_around_a_model_is_read_too() -> None:
    fields = {
        "model": "flat",
        "amount": "1",
        "included_units": "2",
        "minimum": "3",
        "maximum": "3",
        "transform_quantity": {"divide_by": "4", "round": "nearest"},
        "commitment": {"amount": "5", "overage_factor": "6", "true_up": False},
        "bucketed": True,
    }
    assert parse_price(fields) == PriceSpec(
        "flat",
        Flat(ONE),
        TWO,
        THREE,
        THREE,
        Transform(None, FOUR, "nearest"),
        Commitment(FIVE, SIX, true_up=False),
        bucketed=True,
    )
    usual = {"transform_quantity": {"multiply_by": "4"}, "commitment": {"amount": "5"}}
    spec = parse_price({"model": "flat", "amount": "1", **usual})
    assert spec.transform_quantity == Transform(FOUR, None, "none")
    assert spec.commitment == Commitment(FIVE, ONE, true_up=True)


@pytest.mark.parametrize("field", ["commitment", "bucketed"])
def test_what_is_for_usage_is_no_field_of_a_price_that_is_not_metered(field: str) -> None:
    plain = parse_price({"model": "flat", "amount": "1"}, is_metered=False)
    assert plain == PriceSpec("flat", Flat(ONE))
    given = {"commitment": {"amount": "1"}, "bucketed": True}
    with pytest.raises(Invalid) as refused:
        parse_price({"model": "flat", "amount": "1", field: given[field]}, is_metered=False)
    assert (refused.value.code, refused.value.field) == ("unknown_field", field)
    with pytest.raises(Invalid, match="'dynamic' is unknown; known: flat, per_unit, package"):
        parse_price({"model": "dynamic"}, is_metered=False)


def tiers(*found: object, model: str = "graduated") -> dict[str, object]:
    return {"model": model, "tiers": list(found)}


def rows(*found: object, **more: object) -> dict[str, object]:
    return {"model": "dimensional", "dimensions": ["region", "size"], "rows": found, **more}


def transform(**fields: str) -> dict[str, object]:
    return {"model": "flat", "amount": "1", "transform_quantity": fields}


def series(given: object) -> dict[str, object]:
    return {"model": "time_series", "series": given}


NAMES = "must be 1 to 6 names"
ONCE = "must have a price for each interval, once"
FLAT_ROW = {"region": "eu", "unit_amount": "1"}


@pytest.mark.parametrize(
    ("values", "code", "field", "reason"),
    [
        ({}, "missing", "model", "is missing"),
        (
            {"model": "flat", "amount": "1", "minimum": "2", "maximum": "1"},
            *("contradiction", "minimum", "may not be above the maximum"),
        ),
        (tiers(), "bad_tiers", "tiers", "must be a list of 1 to 1000 tiers"),
        (
            tiers(model="graduated_percentage"),
            *("bad_tiers", "tiers", "must be a list of 1 to 1000 tiers"),
        ),
        (tiers(model="capacity"), "bad_tiers", "tiers", "must be a list of 1 to 1000 tiers"),
        (
            tiers({"up_to": "5", "unit_amount": "1"}),
            *("bad_tiers", "tiers[0].up_to", "must be null: the last tier has no bound"),
        ),
        (
            tiers({"unit_amount": "1"}, {"unit_amount": "1"}),
            *("bad_tiers", "tiers[0].up_to", "is missing; only the last tier has no bound"),
        ),
        (
            tiers({"up_to": "5", "flat_amount": "1"}, {"up_to": "5", "flat_amount": "1"}, {}),
            *("missing", "tiers[2].unit_amount", "is missing; give it, or a flat_amount, or both"),
        ),
        (
            tiers({"up_to": "5", "flat_amount": "1"}, *[{"up_to": "5", "flat_amount": "1"}] * 2),
            *("bad_tiers", "tiers[1].up_to", "must be above 5: bounds rise"),
        ),
        (
            tiers({"up_to": "0", "flat_amount": "1"}, {"flat_amount": "1"}, model="stairstep"),
            *("bad_tiers", "tiers[0].up_to", "must be above 0: bounds rise"),
        ),
        (
            tiers({"up_to": "1"}, model="graduated_percentage"),
            *("missing", "tiers[0].rate", "is missing; give it, or a flat_amount, or both"),
        ),
        (
            tiers({"rate": "1", "up_to": "1"}, model="graduated_percentage"),
            *("bad_tiers", "tiers[0].up_to", "must be null: the last tier has no bound"),
        ),
        (
            transform(divide_by="2", multiply_by="2"),
            "contradiction",
            "transform_quantity.multiply_by",
            "can't stand beside divide_by; give one",
        ),
        (
            transform(round="up"),
            *("missing", "transform_quantity.divide_by", "is missing; give it or multiply_by"),
        ),
        (
            transform(divide_by="2", round="away"),
            "bad_choice",
            "transform_quantity.round",
            "must be one of up, down, nearest, none",
        ),
        (
            {"model": "percentage", "rate": "1", "min_per_event": "2", "max_per_event": "1"},
            *("contradiction", "min_per_event", "may not be above max_per_event"),
        ),
        (rows(FLAT_ROW, dimensions=[]), "bad_dimension", "dimensions", NAMES),
        (rows(FLAT_ROW, dimensions=list("abcdefg")), "bad_dimension", "dimensions", NAMES),
        (
            rows(FLAT_ROW, dimensions=["region", "region"]),
            *("bad_dimension", "dimensions", "can't have 'region' here, or twice"),
        ),
        (
            rows(FLAT_ROW, dimensions=["price"]),
            *("bad_dimension", "dimensions", "can't have 'price' here, or twice"),
        ),
        (
            rows(FLAT_ROW, dimensions=["region", ""]),
            *("bad_text", "dimensions", "must be a list of texts"),
        ),
        (rows(), "missing", "rows", "is missing; give rows, or a default, or both"),
        (rows(*[FLAT_ROW] * 10_001), "too_many", "rows", "may be at most 10000"),
        (
            rows({"unit_amount": "1"}),
            *("missing", "rows[0].region", "or another dimension must have a value"),
        ),
        (
            rows({"region": "eu"}),
            *("missing", "rows[0].unit_amount", "or price must be given, and not both"),
        ),
        (
            rows(FLAT_ROW | {"price": {"model": "flat", "amount": "1"}}),
            *("missing", "rows[0].unit_amount", "or price must be given, and not both"),
        ),
        (
            rows(FLAT_ROW, FLAT_ROW),
            *("twice", "rows[1].region", "and the rest of this row stand in an earlier row"),
        ),
        (
            rows({"size": "l", "price": {"model": "flat", "amount": "1", "minimum": "1"}}),
            "contradiction",
            "rows[0].price.minimum",
            "is for the whole price, not for a row",
        ),
        (series([]), "bad_series", "series", ONCE),
        (series({}), "bad_series", "series", ONCE),
        (
            series({"2026-03-01T10:00:00Z": "1", "2026-03-01T12:00:00+02:00": "1"}),
            *("bad_series", "series", ONCE),
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_do(
    values: Mapping[str, object], code: str, field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_price(values)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.detail == f"{field} {reason}"


def test_the_most_tiers_dimensions_and_rows_can_be_used() -> None:
    bounds = [{"up_to": str(n), "unit_amount": "1"} for n in range(1, 1000)]
    assert parse_price(tiers(*bounds, {"unit_amount": "1"}))
    with pytest.raises(Invalid, match="must be a list of 1 to 1000 tiers"):
        parse_price(tiers(*bounds, {"up_to": "1000", "unit_amount": "1"}, {"unit_amount": "1"}))
    assert parse_price(
        {"model": "dimensional", "dimensions": list("abcdef"), "default": {"unit_amount": "1"}}
    )
    many = [{"region": str(n), "unit_amount": "1"} for n in range(10_000)]
    assert parse_price(rows(*many))
