"""What the simulated office sells: plans of every kind, add-ons and coupons."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from kesto.core.calendar import Interval
from kesto.core.catalog import (
    AddOn,
    Charged,
    Coupon,
    DeliverySchedule,
    Phase,
    PlanTerms,
    PlanVersion,
    Price,
    Product,
    ProrationRule,
    SoldMeter,
)
from kesto.core.metering.spec import Meter
from kesto.core.pricing import parse_price

ZONES = (
    *("Europe/Helsinki", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC"),
    "Pacific/Pago_Pago",  # 24 hours and more behind Auckland
)
WEEK, MONTH, QUARTER = Interval("week"), Interval("month"), Interval("month", 3)
THIRTY_DAYS, YEAR = Interval("day", 30), Interval("year")
RATES = {"standard": Decimal("25.5"), "reduced": Decimal("13.5"), "exempt": Decimal(0)}

TIERS = [{"up_to": "2", "unit_amount": "9.90"}, {"up_to": None, "unit_amount": "7.77"}]
VOLUME = [{"up_to": "3", "unit_amount": "5", "flat_amount": "1"}, {"unit_amount": "4.21"}]
CALLS = {"model": "graduated", "tiers": TIERS, "included_units": "3"}
PACKAGE = {"model": "package", "package_size": "2", "package_amount": "6.66"}
OPEN = PlanTerms(notice_days=0)
CONTRACT = PlanTerms(
    minimum_months=3,
    notice_days=14,
    at_term_end="renew",
    renewal_months=3,
    early_termination_percent=Decimal(50),
    longest_pause_days=60,
)
FIXED = PlanTerms(minimum_months=2, notice_days=0, at_term_end="end")
HALF = PlanTerms(notice_days=0, paused_percent=Decimal(50), longest_pause_days=90)
DELIVERIES = (
    DeliverySchedule(Interval("week"), day=4),
    DeliverySchedule(Interval("month"), day=31, cut_off_days=5, most_skips=2),
    None,
)
"""What the plans deliver in turn; skipping gives nothing back, so that the count stays simple."""

FREE = Phase("free", Interval("day", 14), Decimal(0), is_trial=True)
CHEAP = Phase("cheap", MONTH, Decimal(30), is_trial=True)
RAMP = (Phase("start", Interval("month", 2), Decimal(50)), Phase("rest"))

PRODUCTS = {
    code: Product(UUID(int=100 + place), code, {"en": code}, category, account)
    for place, (code, category, account) in enumerate(
        (
            ("service", "standard", "3000"),
            ("seat", "standard", "3010"),
            ("paper", "reduced", "3020"),
            ("care", "exempt", "3030"),
        )
    )
}
METERS = {
    code: SoldMeter(UUID(int=500 + place), code, {"en": code}, Meter(aggregation))
    for place, (code, aggregation) in enumerate((("minutes", "sum"), ("visits", "count")))
}


def flat(amount: str) -> Mapping[str, object]:
    return {"model": "flat", "amount": amount}


def per_unit(amount: str, **more: str) -> Mapping[str, object]:
    return {"model": "per_unit", "unit_amount": amount, **more}


def sold(
    number: int,
    spec: Mapping[str, object],
    interval: Interval | None = MONTH,
    charged: Charged = "advance",
    *,
    proration: ProrationRule = "day",
    product: str = "service",
    phases: tuple[int, ...] = (),
    meter: str = "",
) -> Price:
    return Price(
        id=UUID(int=1000 + number),
        code=f"price-{number}",
        product=PRODUCTS[product],
        spec=parse_price(spec),
        currency="EUR",
        includes_tax=True,
        interval=interval,
        charged=charged,
        proration=proration,
        phases=phases,
        meter=meter,
    )


def plan(
    number: int,
    code: str,
    *prices: Price,
    version: int = 1,
    phases: tuple[Phase, ...] = (),
    terms: PlanTerms = OPEN,
) -> PlanVersion:
    return PlanVersion(
        *(UUID(int=2000 + number), code, version, {"en": code}, prices, phases, terms),
        delivery=DELIVERIES[number % len(DELIVERIES)],
    )


_ALL_PLANS = (
    plan(1, "basic", sold(1, flat("9.90")), sold(2, flat("14.90"), None)),
    plan(2, "plus", sold(3, flat("29.90")), terms=CONTRACT),
    plan(3, "seats", sold(4, per_unit("3.33"), charged="arrears", product="seat"), terms=HALF),
    plan(4, "tiers", sold(5, {"model": "graduated", "tiers": TIERS}, product="seat")),
    plan(5, "volume", sold(6, {"model": "volume", "tiers": VOLUME}, charged="arrears")),
    plan(6, "packs", sold(7, PACKAGE, proration="none", product="paper")),
    plan(7, "year", sold(8, flat("299.00"), YEAR), sold(9, per_unit("1.11")), terms=HALF),
    plan(8, "quarter", sold(10, per_unit("12.34"), QUARTER, "arrears"), terms=FIXED),
    plan(9, "week", sold(11, per_unit("2.55"), WEEK), sold(12, flat("1.00"), None)),
    plan(10, "days", sold(13, per_unit("7.77"), THIRTY_DAYS, proration="second")),
    plan(11, "trial", sold(14, flat("19.90")), phases=(FREE, Phase("rest")), terms=HALF),
    plan(12, "paid", sold(15, per_unit("8.88")), phases=(CHEAP, Phase("rest"))),
    plan(13, "ramp", sold(16, per_unit("10.01", minimum="15")), phases=RAMP, terms=CONTRACT),
    plan(
        14,
        "both",
        sold(17, flat("4.99"), phases=(1,)),
        sold(18, per_unit("0.77"), charged="arrears", product="care"),
        sold(19, flat("3.00"), None, phases=(1,)),
        phases=(FREE, *RAMP),
    ),
    plan(15, "basic", sold(20, flat("10.90")), version=2),
    plan(
        16,
        "calls",
        sold(21, flat("5.00")),
        sold(22, CALLS, charged="arrears", meter="minutes"),
        sold(23, per_unit("0.15"), THIRTY_DAYS, "arrears", meter="visits"),
        terms=HALF,
    ),
    plan(
        17,
        "metered",
        sold(24, per_unit("0.0712"), charged="arrears", meter="minutes"),
        sold(25, {"model": "volume", "tiers": VOLUME}, QUARTER, "arrears", meter="visits"),
    ),
)
PLANS: dict[str, list[PlanVersion]] = {}
for _one in _ALL_PLANS:
    PLANS.setdefault(_one.plan, []).append(_one)


def add_on(
    number: int, code: str, *prices: Price, plans: tuple[str, ...] = (), least: int = 0
) -> AddOn:
    return AddOn(UUID(int=3000 + number), code, 1, {"en": code}, prices, plans, least)


ADD_ONS = {
    one.code: [one]
    for one in (
        add_on(1, "safety", sold(51, per_unit("4.99"), charged="arrears", product="care")),
        add_on(2, "storage", sold(52, per_unit("2.22"), product="seat"), least=2),
        add_on(3, "care", sold(53, flat("25.00"), None), sold(54, flat("3.30"), WEEK)),
        add_on(4, "yearly", sold(55, flat("49.00"), YEAR), plans=("plus", "year", "basic")),
    )
}


def coupon(number: int, code: str, **terms: object) -> Coupon:
    return Coupon(UUID(int=4000 + number), code, {"en": code}, **terms)  # type: ignore[arg-type]  # rows below


COUPONS = {
    one.code: one
    for one in (
        coupon(1, "once10", percent=Decimal(10), duration="once"),
        coupon(2, "three", percent=Decimal("33.3"), duration="periods", periods=3),
        coupon(3, "forever5", percent=Decimal(5)),
        coupon(4, "five", amount_minor=500, currency="EUR", duration="periods", periods=2),
        coupon(5, "ten", amount_minor=1000, currency="EUR"),
        coupon(6, "first7", amount_minor=700, currency="EUR", duration="once"),
        coupon(7, "seat20", percent=Decimal(20), products=("seat",)),
    )
}

PRICES: dict[UUID, tuple[Price, ...]] = {
    version.id: version.prices for found in PLANS.values() for version in found
} | {add_on.id: add_on.prices for found in ADD_ONS.values() for add_on in found}
"""Prices by the plan version or add-on that they are of."""
