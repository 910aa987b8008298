"""What is refused of prices that make no sense together, in words and with the field at fault."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.calendar import Interval
from kesto.core.catalog import Phase, Price, Product
from kesto.core.metering import Meter
from kesto.core.price_checks import price_lists, price_problems, prices_of
from kesto.core.pricing import parse_price

MONTH = Interval("month")
PRODUCT = Product(UUID(int=1), "line", {"en": "Line"})
FLAT = {"model": "flat", "amount": "10", "charged": "arrears"}
USED = {"model": "per_unit", "unit_amount": "0.10"}
PERCENTAGE = {"model": "percentage", "rate": "2"}
RATES = {"model": "graduated_percentage", "tiers": [{"rate": "2"}]}
SERIES = {"model": "time_series", "series": {"a": "1"}}
SIZES = {"model": "capacity", "tiers": [{"amount": "1"}]}
BY_ZONE = {"model": "dimensional", "dimensions": ["zone"], "default": {"unit_amount": "1"}}
BY_THREE = BY_ZONE | {"dimensions": ["zone", "size", "kind"]}
METERS = {
    "data": Meter("sum"),
    "calls": Meter("count", group_by=("zone",)),
    "count": Meter("count"),
    "zones": Meter("sum", group_by=("zone",)),
    "peak": Meter("max"),
    "last": Meter("latest", group_by=("zone",)),
    "people": Meter("unique"),
    "peaks": Meter("max", group_by=("zone", "size")),
}
PHASES = (Phase("half", Interval("month", 3)), Phase("regular"))

AMOUNTS = "it needs the amounts of transactions, from a meter that sums"
TIMES = "it needs quantities by time, from a meter that sums or counts without groups"
LEVELS = "it needs levels, from a meter of max, latest or unique with at most one group"
ONLY_METERED = "goes with the usage of a meter only; name the meter, or leave this out"
ONLY_AGAIN = "is for what is charged again and again, not for a one-time price"


def a_price(spec: Mapping[str, object] = FLAT, **changes: Any) -> Price:
    usual = Price(UUID(int=4), "p", PRODUCT, parse_price(spec), "EUR", True, MONTH)
    return structs.replace(usual, **changes)


def said(*prices: Price, phases: Sequence[Phase] = ()) -> list[tuple[str, str, str]]:
    found = price_problems(prices, phases, METERS)
    return [(one.code, one.field, one.detail) for one in found]


@pytest.mark.parametrize(
    "price",
    [
        a_price(),
        a_price(interval=None),
        a_price(USED, meter="data"),
        a_price(USED | {"bucketed": True, "commitment": {"amount": "9"}}, meter="calls"),
        a_price(USED | {"minimum": "5", "maximum": "9"}),
        a_price(PERCENTAGE, meter="data"),
        a_price(RATES, meter="zones"),
        a_price({"model": "dynamic"}, meter="data"),
        a_price(SERIES, meter="data"),
        a_price(SERIES, meter="count"),
        a_price(SIZES, meter="peak"),
        a_price(SIZES, meter="last"),
        a_price(SIZES, meter="people"),
        a_price(BY_ZONE, meter="calls"),
        a_price(BY_ZONE, meter="peaks"),
    ],
)
def test_a_price_that_can_be_billed_has_no_problem(price: Price) -> None:
    assert said(price) == []


@pytest.mark.parametrize(
    ("price", "field", "detail"),
    [
        (a_price(PERCENTAGE), "model", "a percentage price needs the usage of a meter; name it"),
        (a_price(USED | {"bucketed": True}), "bucketed", ONLY_METERED),
        (a_price(USED | {"commitment": {"amount": "9"}}), "commitment", ONLY_METERED),
        (a_price(FLAT | {"minimum": "5"}, interval=None), "minimum", ONLY_AGAIN),
        (a_price(FLAT | {"maximum": "5"}, interval=None), "maximum", ONLY_AGAIN),
        (
            a_price(USED, meter="date"),
            "meter",
            "'date' is no meter that is known; define it, or name another",
        ),
        (
            a_price(USED, meter="data", charged="advance"),
            "charged",
            'must be "arrears" where a meter is priced: usage is known afterwards',
        ),
        (
            a_price(USED, meter="data", interval=None),
            "interval",
            "is needed where a meter is priced: usage is counted period by period",
        ),
        (
            a_price(meter="data"),
            "meter",
            "does not go with a flat price: that one does not depend on usage",
        ),
    ],
)
def test_what_is_wrong_with_a_price_is_said(price: Price, field: str, detail: str) -> None:
    assert said(price) == [("bad_price", f"prices[0].{field}", detail)]


@pytest.mark.parametrize(
    ("spec", "meter", "wanted"),
    [
        (PERCENTAGE, "peak", AMOUNTS),
        (RATES, "count", AMOUNTS),
        ({"model": "dynamic"}, "calls", AMOUNTS),
        (SERIES, "calls", TIMES),
        (SERIES, "zones", TIMES),
        (SERIES, "peak", TIMES),
        (SIZES, "data", LEVELS),
        (SIZES, "peaks", LEVELS),
        (BY_ZONE, "data", "the meter has to group by zone"),
        (BY_THREE, "calls", "the meter has to group by size, kind"),
    ],
)
def test_a_model_wants_a_meter_that_gives_what_it_prices(
    spec: Mapping[str, object], meter: str, wanted: str
) -> None:
    detail = f"'{meter}' does not fit a {spec['model']} price: {wanted}"
    assert said(a_price(spec, meter=meter)) == [("bad_price", "prices[0].meter", detail)]


def test_at_least_one_price_is_needed() -> None:
    assert said() == [("missing", "prices", "at least one price is needed")]


def test_a_code_stands_once_in_a_price_list() -> None:
    in_three_lists = (a_price(), a_price(currency="SEK"), a_price(includes_tax=False))
    assert said(*in_three_lists) == []
    assert said(*in_three_lists, a_price(code="q"), a_price()) == [
        (
            "twice",
            "prices[4].code",
            "'p' is there already in this price list; give another code",
        )
    ]


@pytest.mark.parametrize(
    ("places", "detail"),
    [
        ((), ""),
        ((0, 1), ""),
        ((1, 1), "names a phase twice"),
        ((2,), "names a phase that is not there; there are 2"),
        ((0, -1), "names a phase that is not there; there are 2"),
    ],
)
def test_the_phases_of_a_price_are_those_of_the_plan(places: tuple[int, ...], detail: str) -> None:
    expected = [("bad_price", "prices[0].phases", detail)] if detail else []
    assert said(a_price(phases=places), phases=PHASES) == expected


def test_all_problems_of_all_prices_are_told() -> None:
    both = said(
        a_price(USED, meter="x", charged="advance", interval=None), a_price(code="q", phases=(0,))
    )
    assert [field for _, field, _ in both] == [
        "prices[0].meter",
        "prices[0].interval",
        "prices[0].charged",
        "prices[1].phases",
    ]


def test_price_lists_are_told_apart() -> None:
    euro, krona, net = a_price(), a_price(currency="SEK"), a_price(includes_tax=False)
    assert price_lists((euro, krona, euro, net)) == (("EUR", True), ("SEK", True), ("EUR", False))
    assert prices_of((euro, krona, net), "EUR", includes_tax=False) == (net,)
    assert prices_of((euro, krona, net), "EUR", includes_tax=True) == (euro,)
