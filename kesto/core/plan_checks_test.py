"""What is refused of a plan as a whole, with the field that is at fault."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.calendar import Interval
from kesto.core.catalog import (
    AddOn,
    Coupon,
    Entitlement,
    Feature,
    Phase,
    PlanTerms,
    PlanVersion,
    Price,
    Product,
)
from kesto.core.coupon_checks import coupon_problems, feature_problems
from kesto.core.metering import Meter
from kesto.core.plan_checks import add_on_problems, check_add_on, check_plan, closed, plan_problems
from kesto.core.pricing import parse_price
from kesto.core.refusals import RefusedTogether

MONTH = Interval("month")
PRODUCT = Product(UUID(int=1), "line", {"en": "Line"})
FLAT = {"model": "flat", "amount": "10", "charged": "arrears"}
USED = {"model": "per_unit", "unit_amount": "0.10"}
METERS = {
    "data": Meter("sum"),
    "calls": Meter("count", group_by=("zone",)),
    "peak": Meter("max"),
}
FEATURES = {
    "support": Feature(UUID(int=2), "support", {"en": "Support"}),
    "seats": Feature(UUID(int=3), "seats", {"en": "Seats"}, "limit"),
}


def a_price(spec: Mapping[str, object] = FLAT, **changes: Any) -> Price:
    usual = Price(UUID(int=4), "p", PRODUCT, parse_price(spec), "EUR", True, MONTH)
    return structs.replace(usual, **changes)


def a_plan(*prices: Price, **changes: Any) -> PlanVersion:
    usual = PlanVersion(UUID(int=5), "basic", 1, {"en": "Basic"}, prices or (a_price(),))
    return structs.replace(usual, **changes)


TRIAL = Phase("trial", Interval("day", 14), Decimal(0), is_trial=True)
HALF = Phase("half", Interval("month", 3), Decimal(50))
OPEN = Phase("regular")
PERCENTAGE = {"model": "percentage", "rate": "2"}
SERIES = {"model": "time_series", "series": {"a": "1"}}
SIZES = {"model": "capacity", "tiers": [{"amount": "1"}]}
BY_ZONE = {"model": "dimensional", "dimensions": ["zone"], "default": {"unit_amount": "1"}}

FINE = [
    a_plan(),
    a_plan(a_price(), a_price(currency="SEK"), a_price(includes_tax=False)),
    a_plan(phases=(TRIAL, HALF, OPEN)),
    a_plan(a_price(phases=(1, 2)), phases=(TRIAL, HALF, OPEN)),
    a_plan(a_price(USED, meter="data")),
    a_plan(a_price(PERCENTAGE, meter="data")),
    a_plan(a_price(SERIES, meter="data")),
    a_plan(a_price(SIZES, meter="peak")),
    a_plan(a_price(BY_ZONE, meter="calls")),
    a_plan(a_price(USED | {"minimum": "5", "commitment": {"amount": "9"}}, meter="data")),
    a_plan(terms=PlanTerms(12, at_term_end="renew", renewal_months=12)),
    a_plan(entitlements=(Entitlement("support"), Entitlement("seats", Decimal(5)))),
]
AT_MOST = "must be from 0 to {}"
ONE_TRIAL = "only the first phase can be a trial, with one after it"
WRONG = [
    (a_plan(prices=()), "prices", "at least one price is needed"),
    (
        a_plan(a_price(phases=(0,))),
        "prices[0].phases",
        "names a phase that is not there; there are 0",
    ),
    (
        a_plan(phases=(OPEN, Phase("more"))),
        "phases[0].length",
        "is missing; only the last phase goes on and on",
    ),
    (
        a_plan(phases=(TRIAL, HALF)),
        "phases[1].length",
        "must be left out in the last phase, which goes on and on",
    ),
    (a_plan(phases=(HALF, TRIAL, OPEN)), "phases[1].is_trial", ONE_TRIAL),
    (a_plan(phases=(Phase("trial", is_trial=True),)), "phases[0].is_trial", ONE_TRIAL),
    (
        a_plan(phases=(HALF, HALF, OPEN)),
        "phases[1].code",
        "'half' is there already; give another code",
    ),
    (a_plan(phases=(Phase("x", percent=Decimal(-1)),)), "phases[0].percent", AT_MOST.format(1000)),
    (
        a_plan(phases=(Phase("x", percent=Decimal(1001)),)),
        "phases[0].percent",
        AT_MOST.format(1000),
    ),
    (a_plan(terms=PlanTerms(minimum_months=121)), "terms.minimum_months", AT_MOST.format(120)),
    (a_plan(terms=PlanTerms(minimum_months=-1)), "terms.minimum_months", AT_MOST.format(120)),
    (a_plan(terms=PlanTerms(notice_days=-1)), "terms.notice_days", AT_MOST.format(366)),
    (a_plan(terms=PlanTerms(reminder_days=367)), "terms.reminder_days", AT_MOST.format(366)),
    (
        a_plan(terms=PlanTerms(longest_pause_days=3661)),
        "terms.longest_pause_days",
        AT_MOST.format(3660),
    ),
    (
        a_plan(terms=PlanTerms(paused_percent=Decimal(101))),
        "terms.paused_percent",
        AT_MOST.format(100),
    ),
    (
        a_plan(terms=PlanTerms(early_termination_percent=Decimal(-1))),
        "terms.early_termination_percent",
        AT_MOST.format(100),
    ),
    (
        a_plan(terms=PlanTerms(12, at_term_end="renew")),
        "terms.renewal_months",
        "is needed where the term renews; say for how long",
    ),
    (
        a_plan(terms=PlanTerms(12, renewal_months=1)),
        "terms.renewal_months",
        'goes with at_term_end "renew" only',
    ),
    (
        a_plan(terms=PlanTerms(at_term_end="end")),
        "terms.minimum_months",
        "is needed where the term ends or renews",
    ),
    (
        a_plan(terms=PlanTerms(at_term_end="renew", renewal_months=1)),
        "terms.minimum_months",
        "is needed where the term ends or renews",
    ),
    (
        a_plan(entitlements=(Entitlement("sets"),)),
        "entitlements[0].feature",
        "'sets' is no feature that is known; define it",
    ),
    (
        a_plan(entitlements=(Entitlement("support", Decimal(1)),)),
        "entitlements[0].limit",
        "'support' is had or not had; leave the limit out",
    ),
    (
        a_plan(entitlements=(Entitlement("seats", Decimal(-1)),)),
        "entitlements[0].limit",
        "may not be below zero",
    ),
    (
        a_plan(entitlements=(Entitlement("seats"), Entitlement("seats"))),
        "entitlements[1].feature",
        "'seats' is there already",
    ),
]


@pytest.mark.parametrize("plan", FINE)
def test_a_plan_that_can_be_billed_passes(plan: PlanVersion) -> None:
    check_plan(plan, METERS, FEATURES)


@pytest.mark.parametrize(("plan", "field", "detail"), WRONG)
def test_what_is_wrong_is_named(plan: PlanVersion, field: str, detail: str) -> None:
    found = [(one.field, one.detail) for one in plan_problems(plan, METERS, FEATURES)]
    assert found == [(field, detail)]
    with pytest.raises(RefusedTogether) as refused:
        check_plan(plan, METERS, FEATURES)
    assert (refused.value.field, refused.value.detail) == (field, detail)


def test_what_is_wrong_with_phases_terms_and_features_is_a_bad_plan() -> None:
    plan = a_plan(
        phases=(OPEN, Phase("more", percent=Decimal(-1))),
        terms=PlanTerms(notice_days=-1),
        entitlements=(Entitlement("sets"),),
    )
    assert [one.code for one in plan_problems(plan, METERS, FEATURES)] == ["bad_plan"] * 4


def test_the_limits_of_terms_and_phases_can_be_used() -> None:
    highest = PlanTerms(
        minimum_months=120,
        renewal_months=120,
        at_term_end="renew",
        notice_days=366,
        longest_pause_days=3660,
        reminder_days=366,
        early_termination_percent=Decimal(100),
        paused_percent=Decimal(100),
    )
    dear = Phase("dear", percent=Decimal(1000))
    check_plan(a_plan(terms=highest, phases=(dear,)), METERS, FEATURES)
    check_plan(a_plan(entitlements=(Entitlement("seats", Decimal(0)),)), METERS, FEATURES)
    several = (Entitlement("support"), Entitlement("seats"), Entitlement("sets"))
    problems = plan_problems(a_plan(entitlements=several), METERS, FEATURES)
    assert [one.field for one in problems] == ["entitlements[2].feature"]


def test_an_add_on_is_looked_at_in_the_same_way() -> None:
    add_on = AddOn(UUID(int=6), "more", 1, {"en": "More"}, (a_price(phases=(0,)),))
    check_add_on(structs.replace(add_on, prices=(a_price(),)), METERS, FEATURES)
    more = structs.replace(
        add_on, prices=(a_price(USED, meter="data"),), entitlements=(Entitlement("seats"),)
    )
    check_add_on(more, METERS, FEATURES)
    wrong = structs.replace(add_on, minimum_months=-1, entitlements=(Entitlement("x"),))
    problems = list(add_on_problems(wrong, METERS, FEATURES))
    assert [found.field for found in problems] == [
        "prices[0].phases",
        "minimum_months",
        "entitlements[0].feature",
    ]
    assert problems[1].detail == "must be from 0 to 120"
    check_add_on(structs.replace(add_on, prices=(a_price(),), minimum_months=120), METERS, FEATURES)
    with pytest.raises(RefusedTogether, match="must be from 0 to 120"):
        check_add_on(
            structs.replace(add_on, prices=(a_price(),), minimum_months=121), METERS, FEATURES
        )


def test_phases_are_closed_by_one_without_end() -> None:
    assert closed(()) == ()
    assert closed((TRIAL, OPEN)) == (TRIAL, OPEN)
    assert closed((TRIAL,)) == (TRIAL, OPEN)
    first = Phase("regular", MONTH)
    assert closed((first,)) == (first, Phase("regular-0"))
    taken = (first, Phase("regular-0", MONTH), Phase("regular-1", MONTH))
    assert closed(taken)[-1] == Phase("regular-2")


def a_coupon(**changes: Any) -> Coupon:
    usual = Coupon(UUID(int=7), "spring", {"en": "Spring"}, percent=Decimal(20))
    return structs.replace(usual, **changes)


@pytest.mark.parametrize(
    ("coupon", "field"),
    [
        (a_coupon(percent=Decimal(0)), "percent"),
        (a_coupon(amount_minor=100, currency="EUR"), "percent"),
        (a_coupon(percent=Decimal(101)), "percent"),
        (a_coupon(percent=Decimal(0), amount_minor=100), "currency"),
        (a_coupon(currency="EUR"), "currency"),
        (a_coupon(duration="periods"), "periods"),
        (a_coupon(duration="once", periods=3), "periods"),
        (a_coupon(products=("lime",)), "products[0]"),
        (a_coupon(plans=("basic", "x")), "plans[1]"),
        (a_coupon(codes=("ABC", "abc")), "codes[1]"),
        (a_coupon(most_uses_per_customer=-1), "most_uses_per_customer"),
        (a_coupon(most_uses=1, most_uses_per_customer=2), "most_uses_per_customer"),
        (
            a_coupon(valid_from=date(2027, 2, 1), valid_until=date(2027, 1, 31)),
            "valid_until",
        ),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(coupon: Coupon, field: str) -> None:
    assert [found.field for found in coupon_problems(coupon, {"line"}, {"basic"})] == [field]


def test_coupons_that_make_sense_pass() -> None:
    for coupon in (
        a_coupon(codes=("ABC", "DEF"), plans=("basic",), products=("line",)),
        a_coupon(percent=Decimal(0), amount_minor=500, currency="EUR", duration="once"),
        a_coupon(duration="periods", periods=3, most_uses=10, most_uses_per_customer=1),
    ):
        assert not list(coupon_problems(coupon, {"line"}, {"basic"}))


def test_a_metered_feature_names_its_meter_and_no_other_does() -> None:
    metered = Feature(UUID(int=8), "gigabytes", {"en": "Gigabytes"}, "metered", "data")
    assert not list(feature_problems(metered, METERS))
    for wrong in (structs.replace(metered, meter=""), structs.replace(metered, kind="limit")):
        assert [found.field for found in feature_problems(wrong, METERS)] == ["meter"]
