from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kesto.core.catalog import Coupon, Feature
from kesto.core.coupon_checks import coupon_problems, feature_problems

NOT_BOTH = ("percent", "or an amount must be given, and not both")
NEEDS_AMOUNT = ("currency", "goes with an amount, which needs it, and not with a percentage")
PERIODS = ("periods", "must be from 1 to 120: for how many it holds")
LATER = ("valid_until", "may not be before valid_from")
TWICE = "is there already, whatever its capital letters"


def problems(**terms: Any) -> list[tuple[str, str]]:
    """What is wrong with a coupon of 10 percent, or of an amount, in a shop of two products."""
    percent = {} if "amount_minor" in terms else {"percent": Decimal(10)}
    coupon = Coupon(UUID(int=1), "spring", {"en": "Spring"}, **(percent | terms))
    found = list(coupon_problems(coupon, {"seat", "paper"}, {"basic"}))
    assert all(one.code == "bad_catalogue" for one in found)
    return [(one.field, one.detail) for one in found]


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"percent": Decimal(100)},
        {"percent": Decimal("0.01")},
        {"amount_minor": 1, "currency": "EUR"},
        {"amount_minor": 10**15, "currency": "EUR"},
        {"duration": "once"},
        {"duration": "periods", "periods": 1},
        {"duration": "periods", "periods": 120},
        {"products": ("seat", "paper"), "plans": ("basic",)},
        {"codes": ("SPRING", "summer")},
        {"most_uses": 10**9, "most_uses_per_customer": 10**9},
        {"most_uses": 5, "most_uses_per_customer": 5},
        {"most_uses_per_customer": 5},
        {"valid_from": date(2027, 1, 1), "valid_until": date(2027, 1, 1)},
        {"valid_from": date(2027, 1, 1)},
        {"valid_until": date(2027, 1, 1)},
    ],
)
def test_a_coupon_that_makes_sense(terms: dict[str, Any]) -> None:
    assert problems(**terms) == []


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ({"percent": Decimal(0)}, [NOT_BOTH]),
        ({"percent": Decimal(5), "amount_minor": 5, "currency": "EUR"}, [NOT_BOTH]),
        ({"percent": Decimal("100.01")}, [("percent", "must be above 0 and at most 100")]),
        ({"percent": Decimal("-0.01")}, [("percent", "must be above 0 and at most 100")]),
        (
            {"amount_minor": -1, "currency": "EUR"},
            [("amount", "must be above 0, and not astronomical")],
        ),
        (
            {"amount_minor": 10**15 + 1, "currency": "EUR"},
            [("amount", "must be above 0, and not astronomical")],
        ),
        ({"amount_minor": 5}, [NEEDS_AMOUNT]),
        ({"currency": "EUR"}, [NEEDS_AMOUNT]),
        ({"duration": "periods"}, [PERIODS]),
        ({"duration": "periods", "periods": 121}, [PERIODS]),
        (
            {"periods": 2},
            [("periods", 'goes with the duration "periods" only; leave it out')],
        ),
        (
            {"products": ("seat", "boat")},
            [("products[1]", "'boat' is none of the products that are known")],
        ),
        ({"plans": ("seat",)}, [("plans[0]", "'seat' is none of the plans that are known")]),
        ({"codes": ("spring", "summer", "SPRING")}, [("codes[2]", TWICE)]),
        ({"most_uses": 10**9 + 1}, [("most_uses", "must be from 0 to 1000000000")]),
        (
            {"most_uses_per_customer": 10**9 + 1},
            [("most_uses_per_customer", "must be from 0 to 1000000000")],
        ),
        (
            {"most_uses": 5, "most_uses_per_customer": 6},
            [("most_uses_per_customer", "may not be above most_uses")],
        ),
        ({"valid_from": date(2027, 1, 2), "valid_until": date(2027, 1, 1)}, [LATER]),
    ],
)
def test_a_coupon_that_makes_none(terms: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    assert problems(**terms) == wanted


def feature(**terms: Any) -> list[tuple[str, str, str]]:
    given = Feature(UUID(int=1), "calls", {"en": "Calls"}, **terms)
    found = feature_problems(given, {"minutes"})
    return [(one.code, one.field, one.detail) for one in found]


def test_a_metered_feature_names_its_meter_and_no_other_does() -> None:
    assert feature() == feature(kind="metered", meter="minutes") == []
    assert feature(kind="metered", meter="hours") == [
        (
            "bad_catalogue",
            "meter",
            "'hours' is no meter that is known; a metered feature names its meter",
        )
    ]
    assert feature(kind="metered")[0][1] == "meter"
    assert feature(meter="minutes") == [
        ("bad_catalogue", "meter", 'goes with the kind "metered" only; leave it out')
    ]
