"""Values of a price series: on its grid, given once, never another."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from kesto.core.catalog import Price, Product
from kesto.core.price_checks import series_problems
from kesto.core.price_series import PriceSeries, SeriesValue, check_values, new_values
from kesto.core.pricing import Usage, parse_price, price
from kesto.core.pricing.time_series import Interval
from kesto.core.pricing.usage import Entry
from kesto.core.refusals import Conflict, Invalid

AT = datetime(2026, 11, 5, 0, tzinfo=UTC)
HOURLY = PriceSeries(UUID(int=1), "spot", "Spot", "EUR", "kWh", "hour")
QUARTERLY = PriceSeries(UUID(int=2), "spot-15", "Spot", "EUR", "kWh", "quarter_hour")


def value(amount: str = "0.1", at: datetime = AT) -> SeriesValue:
    return SeriesValue(at, Decimal(amount))


def test_values_stand_on_the_grid_in_any_zone() -> None:
    check_values(HOURLY, [value("-0.5"), value("999999999.999999999999")])
    check_values(QUARTERLY, [value(at=AT + timedelta(minutes=45))])
    helsinki = datetime.fromisoformat("2026-11-05T02:00+02:00")
    check_values(HOURLY, [value(at=helsinki)])


@pytest.mark.parametrize(
    ("series", "bad", "code", "field"),
    [
        (HOURLY, value(at=AT + timedelta(minutes=15)), "off_grid", "values[1].starts_at"),
        (QUARTERLY, value(at=AT + timedelta(minutes=10)), "off_grid", "values[1].starts_at"),
        (QUARTERLY, value(at=AT + timedelta(microseconds=1)), "off_grid", "values[1].starts_at"),
        (HOURLY, value(at=AT.replace(year=1999)), "bad_time", "values[1].starts_at"),
        (HOURLY, value(at=AT.replace(year=2200)), "bad_time", "values[1].starts_at"),
        (HOURLY, value("1000000000"), "bad_decimal", "values[1].amount"),
        (HOURLY, value("-1000000000"), "bad_decimal", "values[1].amount"),
        (HOURLY, value("0.0000000000001"), "bad_decimal", "values[1].amount"),
    ],
)
def test_what_is_no_price_is_refused(
    series: PriceSeries, bad: SeriesValue, code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_values(series, [value(), bad])
    assert (refused.value.code, refused.value.field) == (code, field)


def test_what_is_known_is_left_alone_and_never_changed() -> None:
    later = value("0.2", AT + timedelta(hours=1))
    assert new_values(HOURLY, [later, value(), later], {}) == [value(), later]
    assert new_values(HOURLY, [value("0.10"), later], {AT: Decimal("0.1")}) == [later]
    for known, given in ({AT: Decimal(3)}, [value()]), ({}, [value(), value("0.3")]):
        with pytest.raises(Conflict) as refused:
            new_values(HOURLY, given, known)
        assert refused.value.code == "other_price"
        assert refused.value.field == f"values[{len(given) - 1}].starts_at"
        assert "2026-11-05T00:00Z" in refused.value.detail


def sold(**fields: object) -> Price:
    spec = parse_price(fields or {"model": "flat", "amount": "1"})
    product = Product(UUID(int=2), "power", {})
    return Price(UUID(int=1), "energy", product, spec, "EUR", includes_tax=True, interval=None)


def test_a_price_names_a_series_of_its_currency() -> None:
    prices = [sold(), sold(model="time_series", series="spot")]
    assert not list(series_problems(prices, {"spot": "EUR"}))
    for known, told in ({}, "no price series"), ({"spot": "SEK"}, "is in SEK"):
        (problem,) = series_problems(prices, known)
        assert (problem.code, problem.field) == ("bad_price", "prices[1].series")
        assert told in problem.detail


def test_what_comes_with_its_prices_is_priced_by_them() -> None:
    start = AT.isoformat()
    entries = (Entry(Decimal(3), None, (("interval", start),)),)
    used = Usage(entries=entries, series=(Interval(start, Decimal("-0.1")),))
    named = {"model": "time_series", "series": "spot", "margin": "0.3"}
    assert price(parse_price(named), used).exact == Decimal("0.6")
    assert price(parse_price({**named, "included_units": "1"}), used).exact == Decimal("0.4")
    assert price(parse_price({**named, "bucketed": True}), used).exact == Decimal("0.6")
