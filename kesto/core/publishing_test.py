"""What is published already may change in its words, and not in what it counts or gives."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.catalog import Coupon, Feature, SoldMeter
from kesto.core.metering import Meter
from kesto.core.publishing import coupon_step, feature_step, meter_step, new_codes
from kesto.core.refusals import Conflict

OTHER_ID = UUID(int=99)
NEW_CODE = "give the changed one a new code"
METER = SoldMeter(UUID(int=1), "calls", {"en": "Calls"}, Meter("count"), "call")
FEATURE = Feature(UUID(int=2), "seats", {"en": "Seats"}, "metered", "calls")
COUPON = Coupon(
    UUID(int=3),
    "spring",
    {"en": "Spring"},
    percent=Decimal(20),
    codes=("ABC", "Def"),
    valid_until=date(2027, 5, 31),
)


def test_what_is_new_is_added() -> None:
    assert meter_step(None, METER) == "add"
    assert feature_step(None, FEATURE) == "add"
    assert coupon_step(None, COUPON) == "add"


def test_what_is_the_same_is_left_whatever_id_it_comes_with() -> None:
    assert meter_step(METER, structs.replace(METER, id=OTHER_ID)) == "leave"
    assert feature_step(FEATURE, structs.replace(FEATURE, id=OTHER_ID)) == "leave"
    assert coupon_step(COUPON, structs.replace(COUPON, id=OTHER_ID)) == "leave"


@pytest.mark.parametrize(
    "changes", [{"names": {"en": "API calls"}}, {"unit": "piece"}, {"late": "refuse"}]
)
def test_a_meter_may_be_called_otherwise(changes: dict[str, object]) -> None:
    assert meter_step(METER, structs.replace(METER, **changes)) == "change"


def test_a_feature_may_be_called_otherwise() -> None:
    assert feature_step(FEATURE, structs.replace(FEATURE, names={"en": "Places"})) == "change"


@pytest.mark.parametrize(
    "changes",
    [
        {"names": {"en": "Summer"}},
        {"valid_until": None},
        {"valid_until": date(2027, 6, 30)},
        {"codes": ("ABC", "Def", "GHI")},
        {"codes": ("GHI",)},
    ],
)
def test_a_coupon_may_have_other_names_another_last_day_and_more_codes(
    changes: dict[str, object],
) -> None:
    assert coupon_step(COUPON, structs.replace(COUPON, **changes)) == "change"


def test_codes_are_the_same_in_any_case_and_those_that_were_given_stay() -> None:
    offered = structs.replace(COUPON, codes=("abc", "GHI", "DEF"))
    assert new_codes(COUPON, offered) == ("GHI",)
    assert coupon_step(COUPON, structs.replace(COUPON, codes=("def",))) == "leave"


def test_a_meter_that_would_count_otherwise_is_refused() -> None:
    with pytest.raises(Conflict) as refused:
        meter_step(METER, structs.replace(METER, meter=Meter("sum")))
    assert told(refused.value) == (
        f"meter 'calls' counts usage already; what it counts can't change; {NEW_CODE}",
        "meter_changed",
        "meters.calls",
        "calls",
    )


@pytest.mark.parametrize("changes", [{"kind": "limit"}, {"meter": "bytes"}])
def test_a_feature_that_would_be_another_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Conflict) as refused:
        feature_step(FEATURE, structs.replace(FEATURE, **changes))
    assert told(refused.value) == (
        f"feature 'seats' is a metered feature already; {NEW_CODE}",
        "feature_changed",
        "features.seats",
        "seats",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"percent": Decimal(25)},
        {"duration": "once"},
        {"products": ("line",)},
        {"most_uses": 5},
        {"valid_from": date(2027, 1, 1)},
    ],
)
def test_a_coupon_that_would_give_something_else_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Conflict) as refused:
        coupon_step(COUPON, structs.replace(COUPON, **changes))
    assert told(refused.value) == (
        f"coupon 'spring' is given out already; what it gives can't change; {NEW_CODE}",
        "coupon_changed",
        "coupons.spring",
        "spring",
    )


def told(refusal: Conflict) -> tuple[str, str, str, str]:
    return refusal.detail, refusal.code, refusal.field, refusal.subject
