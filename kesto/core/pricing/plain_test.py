import pytest

from kesto.core.pricing import parse_price
from kesto.core.pricing.plain import price_fields

PRICES: list[dict[str, object]] = [
    {"model": "flat", "amount": "20.00"},
    {"model": "per_unit", "unit_amount": "0.05", "per": "100", "minimum": "5", "maximum": "50"},
    {"model": "package", "package_size": "10", "package_amount": "3", "round": "down"},
    {
        "model": "graduated",
        "tiers": [
            {"up_to": "50", "unit_amount": "0.80", "flat_amount": "4", "maximum": "30"},
            {"up_to": None, "unit_amount": "0.60", "package_size": "5"},
        ],
        "flat_at_zero": True,
        "included_units": "3",
    },
    {
        "model": "volume",
        "tiers": [{"up_to": "5", "unit_amount": "2"}, {"up_to": None, "unit_amount": "1"}],
        "transform_quantity": {"multiply_by": "3", "round": "up"},
    },
    {
        "model": "stairstep",
        "tiers": [{"up_to": "5", "flat_amount": "2"}, {"up_to": None, "flat_amount": "3"}],
        "transform_quantity": {"divide_by": "1024", "round": "none"},
    },
    {"model": "percentage", "rate": "1.3", "fixed_amount": "2", "free_events": 3},
    {
        "model": "graduated_percentage",
        "tiers": [{"up_to": "5", "rate": "2", "flat_amount": "1"}, {"up_to": None, "rate": "1"}],
    },
    {"model": "dynamic", "commitment": {"amount": "5", "overage_factor": "2", "true_up": False}},
    {
        "model": "dimensional",
        "dimensions": ["region", "size"],
        "rows": [
            {"region": "eu", "unit_amount": "2"},
            {"size": "l", "price": {"model": "flat", "amount": "3"}},
        ],
        "default": {"unit_amount": "1"},
        "bucketed": True,
    },
    {"model": "dimensional", "dimensions": ["kind"], "rows": [{"kind": "a", "unit_amount": "2"}]},
    {"model": "capacity", "tiers": [{"limits": {"cpu": "4"}, "amount": "1"}, {"amount": "9"}]},
    {"model": "time_series", "series": ["0.1", "-0.2"], "margin": "0.01"},
    {"model": "time_series", "series": "spot-fi", "margin": "-0.01"},
    {"model": "time_series", "series": {"2026-03-01T10:00:00Z": "0.1"}},
]


@pytest.mark.parametrize("price", PRICES, ids=lambda price: str(price["model"]))
def test_a_price_reads_back_as_it_was(price: dict[str, object]) -> None:
    spec = parse_price(price)
    assert parse_price(price_fields(spec)) == spec


def test_a_price_without_buckets_is_written_as_before_there_were_any() -> None:
    assert price_fields(parse_price({"model": "flat", "amount": "1.50"})) == {
        "model": "flat",
        "amount": "1.5",
        "charged": "advance",
        "included_units": "0",
    }


def test_equal_prices_are_equal_fields() -> None:
    first = parse_price({"model": "flat", "amount": "20.00"})
    second = parse_price({"model": "flat", "amount": "20"})
    assert price_fields(first) == price_fields(second)
