from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kesto.core.calendar import Interval
from kesto.core.catalog import Price, Product
from kesto.core.pricing import MODELS, parse_price, price
from kesto.core.pricing.usage import Usage
from kesto.words.messages import LANGUAGES
from kesto.words.tariffs import tariff

CALLS = Product(UUID(int=1), "calls", {"en": "Calls"})
TWO = [{"up_to": "400", "unit_amount": "0.05"}, {"up_to": None, "unit_amount": "0.03"}]
FLAT = [{"up_to": "10", "flat_amount": "50"}, {"up_to": None, "flat_amount": "200"}]


def sold(*, includes_tax: bool = True, months: int = 1, **given: Any) -> Price:
    spec = parse_price(given)
    return Price(
        *(UUID(int=2), "calls", CALLS, spec, "EUR", includes_tax),
        Interval("month", months),
        meter="calls",
    )


def said(language: str = "en", unit: str = "min", **given: Any) -> str:
    return tariff(sold(**given), unit, language).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"model": "per_unit", "unit_amount": "0.1"}, "€0.10/min"),
        (
            {"model": "per_unit", "unit_amount": "0.05", "included_units": "100"},
            "100 min a month included, then €0.05/min",
        ),
        (
            {"model": "per_unit", "unit_amount": "0.05", "included_units": "100", "months": 3},
            "100 min in 3 months included, then €0.05/min",
        ),
        ({"model": "graduated", "tiers": TWO}, "€0.05/min up to 400 min, above that €0.03/min"),
        (
            {"model": "graduated", "tiers": TWO, "included_units": "100"},
            "100 min a month included, then €0.05/min up to 500 min in all, above that €0.03/min",
        ),
        (
            {"model": "volume", "tiers": TWO},
            "all of it at one price: €0.05/min up to 400 min, above that €0.03/min",
        ),
        ({"model": "stairstep", "tiers": FLAT}, "€50.00 up to 10 min, above that €200.00"),
        (
            {
                "model": "package",
                "package_size": "10",
                "package_amount": "15",
                "free_units": "5",
            },
            "5 min a month included, then €15.00 for each started 10 min",
        ),
        (
            {"model": "flat", "amount": "5", "minimum": "9"},
            "€5.00, however much is used, at least €9.00 a period",
        ),
        (
            {
                "model": "per_unit",
                "unit_amount": "10",
                "included_units": "0.5",
                "transform_quantity": {"divide_by": "1000", "round": "up"},
            },
            "500 min a month included, then €10.00 for each started 1,000 min",
        ),
        (
            {"model": "per_unit", "unit_amount": "3", "transform_quantity": {"divide_by": "60"}},
            "€3.00 for 60 min",
        ),
        (
            {"model": "percentage", "rate": "1.5", "fixed_amount": "0.25", "free_events": 3},
            "the first 3 transactions free, 1.5% of each transaction + €0.25",
        ),
        (
            {"model": "time_series", "series": {"a": "1"}, "margin": "0.004"},
            "the price of its hour or quarter-hour + €0.004/min",
        ),
        ({"model": "dynamic", "maximum": "9"}, "each use at its own price, at most €9.00 a period"),
        (
            {"model": "per_unit", "unit_amount": "0.1", "includes_tax": False},
            "€0.10/min, without VAT",
        ),
    ],
)
def test_a_tariff_in_words(given: dict[str, Any], text: str) -> None:
    assert said(**given) == text


def test_a_tariff_without_a_unit_and_in_other_languages() -> None:
    graduated: dict[str, Any] = {"model": "graduated", "tiers": TWO, "included_units": "100"}
    assert said(unit="", model="per_unit", unit_amount="2") == "€2.00 each"
    assert said("fi", **graduated) == (
        "100 min kuukaudessa sisältyy hintaan, sitten 0,05 €/min yhteensä 500 min asti,"
        " sen yli 0,03 €/min"
    )
    assert said("sv", **graduated) == (
        "100 min per månad ingår, sedan 0,05 €/min upp till totalt 500 min, därutöver 0,03 €/min"
    )


def test_the_bounds_that_are_told_are_those_that_are_priced() -> None:
    spec = sold(model="graduated", tiers=TWO, included_units="100").spec
    for quantity, amount in (("100", "0"), ("500", "20"), ("501", "20.03")):
        assert price(spec, Usage(Decimal(quantity))).exact == Decimal(amount)


REST: dict[str, dict[str, Any]] = {
    "graduated_percentage": {"tiers": [{"up_to": "10", "rate": "1"}, {"rate": "2"}]},
    "capacity": {"tiers": [{"limits": {"cpu": "1"}, "amount": "5"}]},
    "dimensional": {
        "dimensions": ["region"],
        "rows": [{"region": "eu", "unit_amount": "2"}],
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", REST)
def test_every_other_model_has_words_too(model: str, language: str) -> None:
    found = said(language, model=model, **REST[model])
    assert found
    assert "{" not in found


def test_what_is_paid_once_has_a_plain_price() -> None:
    opening = sold(model="flat", amount="15")
    assert tariff(opening, "", "en", is_used=False) == "€15.00"


def test_no_model_is_without_words() -> None:
    known = {"flat", "per_unit", "package", "graduated", "volume", "stairstep", *REST}
    assert known | {"percentage", "dynamic", "time_series"} == MODELS.keys()
