"""Prices of every model as other programs ask for them: what they send, what they are told."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.calculate import answer_lines, calculate

Request = dict[str, object]

PERCENTAGE: Request = {"model": "percentage", "rate": "1.5", "fixed_amount": "0.25"}
RATES: Request = {
    "model": "graduated_percentage",
    "tiers": [{"up_to": "100", "rate": "2"}, {"up_to": None, "rate": "1", "flat_amount": "3"}],
}
REGIONS: Request = {
    "model": "dimensional",
    "dimensions": ["region"],
    "rows": [
        {"region": "eu", "unit_amount": "20"},
        {"region": "us", "price": {"model": "package", "package_size": "5", "package_amount": "7"}},
    ],
}
SIZES: Request = {
    "model": "capacity",
    "tiers": [{"limits": {"cpu": "4"}, "amount": "10"}, {"limits": {}, "amount": "30"}],
}
SPOT: Request = {
    "model": "time_series",
    "series": {"2026-03-01T10:00:00Z": "0.10", "2026-03-01T11:00:00Z": "0.30"},
}
PER_UNIT: Request = {"model": "per_unit", "unit_amount": "2"}
DYNAMIC: Request = {"model": "dynamic"}


def asked(price: Request, **more: object) -> Request:
    return {"op": "price", "currency": "EUR", "price": price, **more}


@pytest.mark.parametrize(
    ("request_", "amount"),
    [
        (asked(PERCENTAGE, amounts=["100", "-10"]), "1.85"),
        (asked(PERCENTAGE, amounts=[]), "0"),
        (asked(RATES, amounts=["60", "60"]), "5.2"),
        (asked(RATES, quantity="120"), "5.2"),
        (asked(RATES, amounts=["20"], part="last", previous_quantity="100"), "3.2"),
        (asked(RATES, amounts=["-20"], part="last", previous_quantity="120"), "-3.2"),
        (asked(DYNAMIC, amounts=["10", "-12.5"]), "-2.5"),
        (asked(DYNAMIC, amounts=["0.402"], quantity="20"), "0.402"),
        (asked(REGIONS, quantities=[{"quantity": "2", "region": "eu"}]), "40"),
        (asked(REGIONS, quantities=[{"quantity": "6", "region": "us"}]), "14"),
        (asked(REGIONS | {"default": {"unit_amount": "1"}}, quantity="3"), "3"),
        (asked(SIZES, levels={"cpu": "4", "disk": "9"}), "10"),
        (asked(SIZES, levels={"cpu": "4.1"}), "30"),
        (
            asked(
                SPOT,
                quantities=[
                    {"quantity": "2", "interval": "2026-03-01T12:00:00+02:00"},
                    {"quantity": "1", "interval": "2026-03-01T11:00:00Z", "share": "1/2"},
                ],
            ),
            "0.35",
        ),
        (
            asked(
                SPOT | {"series": ["0.1", "0.3"]}, quantities=[{"quantity": "0"}, {"quantity": "2"}]
            ),
            "0.6",
        ),
        (asked(PER_UNIT | {"bucketed": True}, quantities=[{"quantity": "2"}]), "4"),
        (asked(PER_UNIT | {"commitment": {"amount": "9"}}, quantity="2"), "9"),
    ],
)
def test_a_price_is_asked_in_the_kind_of_its_model(request_: Request, amount: str) -> None:
    assert calculate(request_).get("amount") == amount


def test_a_part_of_the_explanation_is_data() -> None:
    answer = calculate(asked(PERCENTAGE | {"free_amount": "50"}, amounts=["150"]))
    assert answer["explanation"] == [
        {
            "what": what,
            "quantity": quantity,
            "unit_amount": unit_amount,
            "flat_amount": "0",
            "amount": amount,
        }
        for what, quantity, unit_amount, amount in (
            ("free_amount", "50", "0", "0"),
            ("percentage", "100", "0.015", "1.5"),
            ("fixed_amounts", "1", "0.25", "0.25"),
        )
    ]


def test_a_line_that_replaces_another_tells_the_difference() -> None:
    answer = calculate(asked(SIZES, levels={"cpu": "9"}, replaces="10"))
    assert (answer["rounded"], answer["difference"]) == ("30.00", "20.00")


def test_an_invoice_has_lines_of_any_model() -> None:
    lines: list[Request] = [
        {"id": "cards", "price": PERCENTAGE | {"minimum": "5"}, "amounts": ["100"]},
        {"id": "turnover", "price": RATES, "amounts": ["120"]},
        {"id": "calls", "price": DYNAMIC, "amounts": ["10", "-12.5"]},
        {"id": "places", "price": REGIONS, "quantities": [{"quantity": "6", "region": "us"}]},
        {"id": "size", "price": SIZES, "levels": {"cpu": "5"}, "replaces": "10"},
        {"id": "power", "price": SPOT | {"series": ["0.1"]}, "quantities": [{"quantity": "7"}]},
    ]
    tax: Request = {"tax_rate": "25.5"}
    answer = calculate(
        {"op": "invoice", "currency": "EUR", "lines": [line | tax for line in lines]}
    )
    found = answer["lines"]
    assert isinstance(found, list)
    assert [(line["id"], line["amount"]) for line in found] == [
        ("cards", "1.75"),
        ("cards:minimum", "3.25"),
        ("turnover", "5.20"),
        ("calls", "-2.50"),
        ("places", "14.00"),
        ("size", "20.00"),
        ("power", "0.70"),
    ]
    assert answer["net"] == "42.40"


def entry(**more: object) -> list[Request]:
    return [{"quantity": "1", **more}]


VOLUME: Request = {"model": "volume", "tiers": [{"up_to": None, "unit_amount": "1"}]}
COMMITTED: Request = {"commitment": {"amount": "1"}}
ROUNDED: Request = {"transform_quantity": {"divide_by": "3", "round": "up"}}
LATER: Request = {"part": "last", "previous_quantity": "1"}


@pytest.mark.parametrize(
    ("request_", "code", "named"),
    [
        (asked(PERCENTAGE), "missing", "amounts"),
        (asked(PERCENTAGE, quantity="1", amounts=["1"]), "unknown_field", "quantity"),
        (asked(PERCENTAGE, amounts="1"), "not_a_list", "amounts"),
        (asked(PERCENTAGE, amounts=["1", 0.5]), "bad_decimal", "amounts[1]"),
        (asked(RATES, amounts=["1", "-2"]), "negative", "amounts"),
        (asked(RATES, amounts=["1"], quantity="1"), "contradiction", "quantity"),
        (asked(DYNAMIC, quantity="1"), "missing", "amounts"),
        (asked(DYNAMIC | {"rate": "1"}, amounts=[]), "unknown_field", "price.rate"),
        (asked(REGIONS), "missing", "quantity"),
        (asked(REGIONS, quantity="1"), "no_price", "quantity"),
        (asked(REGIONS, quantities=entry(region="asia")), "no_price", "quantities[0].region"),
        (asked(REGIONS, quantities=entry(region=1)), "bad_text", "quantities[0].region"),
        (asked(REGIONS, quantities=entry(regoin="eu")), "unknown_field", "quantities[0].regoin"),
        (
            asked(REGIONS, quantities=[*entry(region="eu"), {"quantity": "-1", "region": "us"}]),
            "negative",
            "quantities",
        ),
        (
            asked(REGIONS | {"included_units": "1"}, quantities=entry(region="eu", share="1/2")),
            "contradiction",
            "quantities",
        ),
        (asked(REGIONS, quantities=entry(region="us"), **LATER), "contradiction", "part"),
        (
            asked(
                REGIONS | {"rows": [{"region": "eu", "unit_amount": "1"}], "included_units": "1"},
                quantities=entry(region="eu"),
                **LATER,
            ),
            "contradiction",
            "part",
        ),
        (asked(SIZES, quantity="1"), "missing", "levels"),
        (asked(SIZES, levels={"cpu": "-1"}), "negative", "levels.cpu"),
        (asked(SIZES, levels=["1"]), "not_an_object", "levels"),
        (asked(SPOT, quantity="1"), "missing", "quantities"),
        (asked(SPOT, quantities=entry()), "missing", "quantities[0].interval"),
        (asked(SPOT, quantities=entry(interval="noon")), "no_price", "quantities[0].interval"),
        (asked(SPOT | {"series": ["1"]}, quantities=[*entry(), *entry()]), "no_price", "[1]"),
        (
            asked(SPOT | {"series": ["1"]}, quantities=[{"quantity": "-1"}]),
            "negative",
            "quantities",
        ),
        (asked(PER_UNIT, amounts=["1"]), "missing", "quantity"),
        (asked(PER_UNIT | {"bucketed": "yes"}, quantity="1"), "bad_flag", "price.bucketed"),
        (asked(PER_UNIT | {"commitment": {}}, quantity="1"), "missing", "price.commitment.amount"),
        (
            asked(PER_UNIT | {"commitment": {"amount": "1", "factor": "2"}}, quantity="1"),
            "unknown_field",
            "price.commitment.factor",
        ),
        (
            asked(PER_UNIT | {"bucketed": True}, quantities=[*entry(), {"quantity": "-1"}]),
            "negative",
            "quantities",
        ),
        (
            asked(VOLUME | {"bucketed": True}, quantities=entry(), part="first"),
            "contradiction",
            "part",
        ),
        (
            asked(PERCENTAGE | {"free_events": 1}, amounts=["1"], **LATER),
            "contradiction",
            "part",
        ),
        (
            asked(PERCENTAGE | ROUNDED | {"free_amount": "1"}, amounts=["1"], **LATER),
            "contradiction",
            "part",
        ),
        (
            asked(SPOT | ROUNDED | {"included_units": "1"}, quantities=[], **LATER),
            "contradiction",
            "part",
        ),
        (asked(PERCENTAGE | COMMITTED, amounts=["1"], **LATER), "contradiction", "part"),
        (asked(PER_UNIT, quantities=entry(share="1/2"), part="first"), "contradiction", "shares"),
        (asked(PERCENTAGE, amounts=["1"], levels={"cpu": "1"}), "unknown_field", "levels"),
    ],
)
def test_what_cannot_be_priced_says_which_field(request_: Request, code: str, named: str) -> None:
    error = calculate(request_).get("error")
    assert isinstance(error, dict)
    assert error["code"] == code
    assert named in error["detail"]


def test_an_error_on_an_invoice_names_the_line() -> None:
    line = {"id": "a", "tax_rate": "0", "price": PERCENTAGE, "amounts": ["x"]}
    error = calculate({"op": "invoice", "currency": "EUR", "lines": [line]})["error"]
    assert isinstance(error, dict)
    assert "lines[0].amounts[0]" in error["detail"]


BASES: list[Request] = [
    asked(PERCENTAGE, amounts=["5"]),
    asked(RATES | COMMITTED, amounts=["5"]),
    asked(DYNAMIC | {"transform_quantity": {"divide_by": "3"}}, amounts=["5"]),
    asked(REGIONS, quantities=entry(region="eu")),
    asked(SIZES, levels={"cpu": "5"}),
    asked(SPOT | {"series": ["1"], "bucketed": True}, quantities=entry()),
]
NAMES = [
    *("amounts", "levels", "quantities", "quantity", "share", "part", "previous_quantity"),
    *("previously_billed", "minimum_share", "replaces"),
]
PRICE_NAMES = [
    *("model", "rate", "tiers", "rows", "default", "dimensions", "series", "margin", "limits"),
    *("free_events", "free_amount", "min_per_event", "max_per_event", "fixed_amount", "bucketed"),
    *("commitment", "included_units", "transform_quantity", "minimum", "maximum", "region"),
    *("unit_amount", "price", "up_to", "amount", "cpu"),
]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 10**16)
    | st.sampled_from(["1", "-1", "0", "1/3", "us", "0.000000000001", "9999-12-31T23:00:00-14:00"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(PRICE_NAMES) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.sampled_from(BASES),
    st.dictionaries(st.sampled_from(NAMES), values, max_size=2),
    st.dictionaries(st.sampled_from(PRICE_NAMES), values, max_size=2),
)
def test_whatever_comes_in_is_answered(base: Request, more: Request, fields: Request) -> None:
    price = base["price"]
    assert isinstance(price, dict)
    line = msgspec.json.encode(base | more | {"price": price | fields})
    (answer,) = answer_lines([line])
    assert json.loads(msgspec.json.encode(answer)) == answer
