from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as some

from kesto.core.comparison import compare
from kesto.core.line import MINIMUM, ONE_TIME, USAGE, ExplainedPart, Explanation, Line, Rated
from kesto.core.plan_swaps import OfPlan
from kesto.core.reasons import at_most

LINE, TV = UUID(int=1), UUID(int=2)
ITEM, OTHER_ITEM = UUID(int=11), UUID(int=12)
PRICE, NEW_PRICE, CALLS, MONTHLY = (UUID(int=number) for number in range(21, 25))
OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = (date(2026, 11, 1), date(2026, 12, 1))


def line(
    amount_minor: int,
    *parts: ExplainedPart,
    period: tuple[date, date] = NOVEMBER,
    quantity: str = "1",
    product: UUID = LINE,
    item: UUID = ITEM,
    price: UUID = PRICE,
    kind: str = "recurring",
    revision: int = 1,
) -> Line:
    explanation = msgspec.json.encode(Explanation(quantity, "0", parts)) if parts else b""
    rated = Rated(
        *(price, product, kind, *period, 0, revision, Decimal(quantity), amount_minor),
        *("standard", Decimal("25.5"), "3000", explanation),
    )
    return Line(item, rated)


def flat(amount: str) -> ExplainedPart:
    return ExplainedPart("flat", "1", amount, "0", amount)


def units(quantity: str, unit: str) -> ExplainedPart:
    return ExplainedPart("units", quantity, str(Decimal(quantity) * Decimal(unit)), unit)


def share_of(amount: str) -> ExplainedPart:
    return ExplainedPart("share", "0.5", amount)


def reasons(before: Sequence[Line], now: Sequence[Line]) -> list[tuple[str, int, str, str]]:
    found = compare(before, now, "EUR")
    known = {None, *(line.rated.product_id for line in (*before, *now))}
    assert {one.product_id for one in found} <= known
    return [(one.what, one.amount_minor, one.before, one.now) for one in found]


def test_the_same_again_has_no_reason() -> None:
    before, now = line(2000, flat("20"), period=OCTOBER), line(2000, flat("20"))
    assert reasons([before], [now]) == []


def test_what_is_new_and_what_has_ended() -> None:
    phone, tv = line(2000, flat("20")), line(500, flat("5"), product=TV, item=OTHER_ITEM)
    assert reasons([phone], [phone, tv]) == [("new", 500, "", "")]
    assert reasons([phone, tv], [phone]) == [("ended", -500, "", "")]


def test_a_whole_month_after_a_part_of_one() -> None:
    part = (date(2026, 10, 17), date(2026, 11, 1))
    before = line(968, flat("20"), share_of("-10.322580645161"), period=part)
    assert reasons([before], [line(2000, flat("20"))]) == [("days", 1032, "15", "30")]


def test_more_units_at_the_same_price() -> None:
    before = line(400, units("2", "2"), quantity="2", period=OCTOBER)
    assert reasons([before], [line(1000, units("5", "2"), quantity="5")]) == [
        ("quantity", 600, "2", "5")
    ]


def test_another_price_for_the_same_quantity() -> None:
    before = line(400, units("2", "2"), quantity="2", period=OCTOBER)
    now = line(500, units("2", "2.5"), quantity="2", price=NEW_PRICE)
    assert reasons([before], [now]) == [("price", 100, "2", "2.5")]
    assert reasons([line(2000, flat("20"))], [line(2400, flat("24"), price=NEW_PRICE)]) == [
        ("price", 400, "20", "24")
    ]


def test_a_new_plan_version_is_followed_by_its_product() -> None:
    before = line(2000, flat("20"), period=OCTOBER)
    now = line(2400, flat("24"), price=NEW_PRICE, item=OTHER_ITEM)
    assert reasons([before], [now]) == [("price", 400, "20", "24")]


def test_price_quantity_and_share_are_told_apart() -> None:
    part = (date(2026, 10, 17), date(2026, 11, 1))
    before = line(200, units("2", "2"), share_of("-2"), quantity="2", period=part)
    now = line(1500, units("5", "3"), quantity="5", price=NEW_PRICE)
    assert reasons([before], [now]) == [
        ("quantity", 600, "2", "5"),
        ("price", 500, "2", "3"),
        ("days", 200, "15", "30"),
    ]


def test_where_a_unit_has_no_one_price_both_changes_are_told_together() -> None:
    tiers = (ExplainedPart("tier", "2", "4", "2"), ExplainedPart("tier", "1", "1", "1"))
    before = line(500, *tiers, quantity="3", period=OCTOBER)
    now = line(900, flat("9"), quantity="4", price=NEW_PRICE)
    assert reasons([before], [now]) == [("quantity_and_price", 400, "", "")]
    by_unit = line(800, units("4", "2"), quantity="4", price=NEW_PRICE)
    assert reasons([before], [by_unit]) == [("quantity_and_price", 300, "", "")]
    assert reasons([by_unit], [before]) == [("quantity_and_price", -300, "", "")]


def test_two_items_of_one_product_and_two_products_of_one_item_are_told_apart() -> None:
    one, two = line(2000, flat("20")), line(3000, flat("30"), item=OTHER_ITEM)
    other = line(500, flat("5"), product=TV)
    assert reasons([one, two, other], [one, other]) == [("ended", -3000, "", "")]
    found = compare([one], [one, two, other], "EUR")
    assert [(reason.what, reason.product_id, reason.amount_minor) for reason in found] == [
        ("new", LINE, 3000),
        ("new", TV, 500),
    ]


def test_a_late_invoice_has_more_periods() -> None:
    months = [line(2000, flat("20"), period=OCTOBER), line(2000, flat("20"))]
    assert reasons(months[:1], months) == [("periods", 2000, "1", "2")]
    assert reasons(months, months[1:]) == [("periods", -2000, "2", "1")]


def test_a_line_without_explanation_is_still_counted() -> None:
    assert reasons([line(100)], [line(250)]) == [("other", 150, "", "")]


@some.composite
def lines(draw: some.DrawFn) -> Line:
    start = date(2026, draw(some.integers(1, 12)), draw(some.integers(1, 28)))
    end = start + timedelta(days=draw(some.integers(1, 31)))
    amount = draw(some.integers(-5000, 5000))
    parts = [
        *(units("3", "1.25"), flat("7"), share_of(str(draw(some.integers(-9, 0))))),
        *(ExplainedPart("included", "2", "0"), ExplainedPart("series", "3", "0.6", "0.2")),
    ]
    return line(
        amount,
        *draw(some.lists(some.sampled_from(parts), max_size=3)),
        period=(start, end),
        quantity=str(draw(some.integers(0, 3))),
        product=draw(some.sampled_from([LINE, TV])),
        item=draw(some.sampled_from([ITEM, OTHER_ITEM])),
        price=draw(some.sampled_from([PRICE, NEW_PRICE])),
        kind=draw(some.sampled_from(["recurring", ONE_TIME, MINIMUM, "discount", USAGE])),
        revision=draw(some.integers(1, 2)),
    )


@given(
    some.lists(lines(), max_size=8),
    some.lists(lines(), max_size=8),
    some.integers(-99, 99),
    some.integers(1, 4),
)
def test_the_reasons_always_add_up(
    before: list[Line], now: list[Line], tax_minor: int, rows: int
) -> None:
    wanted = sum(one.rated.amount_minor for one in now) + tax_minor
    wanted -= sum(one.rated.amount_minor for one in before)
    meters = {PRICE: "data"}
    found = compare(before, now, "EUR", meters=meters, tax_change_minor=tax_minor)
    assert sum(reason.amount_minor for reason in found) == wanted
    rolled_up = at_most(rows, found)
    assert sum(reason.amount_minor for reason in rolled_up) == wanted
    assert len(rolled_up) <= rows
    assert all(reason.amount_minor for reason in rolled_up)


def usage(
    amount_minor: int, *parts: ExplainedPart, quantity: str, price: UUID = PRICE, **more: object
) -> Line:
    return line(amount_minor, *parts, quantity=quantity, price=price, kind=USAGE, **more)  # type: ignore[arg-type]  # mixed facts


def told(before: Sequence[Line], now: Sequence[Line]) -> list[tuple[str, int, str, str, str]]:
    meters = {PRICE: "data", NEW_PRICE: "data", CALLS: "calls"}
    found = compare(before, now, "EUR", meters=meters)
    return [(one.what, one.amount_minor, one.before, one.now, one.meter) for one in found]


def test_more_usage_and_another_price_are_told_apart() -> None:
    before = usage(2000, units("250", "0.08"), quantity="250", period=OCTOBER)
    now = usage(2558, units("311", "0.08225"), quantity="311", price=NEW_PRICE)
    assert told([before], [now]) == [
        ("quantity", 488, "250", "311", "data"),
        ("price", 70, "0.08", "0.08225", "data"),
    ]


def test_meters_of_one_product_are_followed_each_for_itself() -> None:
    monthly = line(500, flat("5"), price=MONTHLY)
    before = [
        monthly,
        usage(2000, units("20", "1"), quantity="20"),
        usage(300, units("30", "0.1"), quantity="30", price=CALLS),
    ]
    now = [
        monthly,
        usage(100, units("10", "0.1"), quantity="10", price=CALLS),
        usage(2500, units("25", "1"), quantity="25", item=OTHER_ITEM, price=NEW_PRICE),
    ]
    assert told(before, now) == [
        ("quantity", 500, "20", "25", "data"),
        ("quantity", -200, "30", "10", "calls"),
    ]


def test_units_above_those_included_are_told_at_the_price_before() -> None:
    free = ExplainedPart("included", "100", "0")
    before = usage(500, free, units("50", "0.1"), quantity="150", period=OCTOBER)
    now = usage(1200, free, units("60", "0.2"), quantity="160", price=NEW_PRICE)
    assert told([before], [now]) == [
        ("price", 600, "0.1", "0.2", "data"),
        ("quantity", 100, "150", "160", "data"),
    ]
    fewer = ExplainedPart("included", "80", "0")
    before = usage(0, fewer, units("0", "0.1"), quantity="80", period=OCTOBER)
    assert told([before], [now]) == [("quantity_and_price", 1200, "", "", "data")]


def test_prices_by_the_hour_have_an_average() -> None:
    def hours(quantity: str, average: str, amount: str) -> tuple[ExplainedPart, ExplainedPart]:
        margin = ExplainedPart("margin", quantity, str(Decimal(quantity) / 200), "0.005")
        return ExplainedPart("series", quantity, amount, average), margin

    before = usage(850, *hours("100", "0.08", "8"), quantity="100", period=OCTOBER)
    now = usage(1138, *hours("120", "0.089833333333", "10.78"), quantity="120")
    assert told([before], [now]) == [
        ("quantity", 170, "100", "120", "data"),
        ("average", 118, "0.085", "0.0948", "data"),
    ]
    nothing = usage(0, *hours("0", "0", "0"), quantity="0", period=OCTOBER)
    assert told([nothing], [now]) == [("quantity", 1138, "0", "120", "data")]


def test_usage_that_came_late_stands_for_itself() -> None:
    late = usage(100, units("1", "1"), quantity="1", revision=2)
    assert told([], [late]) == [("correction", 100, "", "", "data")]
    assert told([late], []) == [("correction_before", -100, "", "", "data")]


SUBSCRIPTION = UUID(int=99)


def discount(amount_minor: int, coupon: str, **more: object) -> Line:
    made = line(amount_minor, kind="discount", **more)  # type: ignore[arg-type]  # mixed facts
    part = ExplainedPart("discount_percent", "20", str(Decimal(amount_minor) / 100), "10")
    explained = msgspec.json.encode(Explanation("1", "0", (part,), discount=coupon))
    return Line(made.item_id, msgspec.structs.replace(made.rated, explanation=explained))


def test_a_plan_in_the_place_of_another_is_one_cause() -> None:
    plans = {
        ITEM: OfPlan(SUBSCRIPTION, "mini"),
        OTHER_ITEM: OfPlan(SUBSCRIPTION, "medium"),
    }
    before = [line(1000, flat("10"), period=OCTOBER)]
    rest_of_october = (date(2026, 10, 17), date(2026, 11, 1))
    new = {"item": OTHER_ITEM, "price": NEW_PRICE, "product": TV}
    now = [
        line(-484, period=OCTOBER, revision=2),
        line(968, flat("20"), share_of("-10.32"), period=rest_of_october, **new),  # type: ignore[arg-type]  # mixed facts
        line(2000, flat("20"), **new),  # type: ignore[arg-type]  # mixed facts
        line(500, flat("5"), kind=ONE_TIME, **new),  # type: ignore[arg-type]  # mixed facts
    ]
    found = compare(before, now, "EUR", plans=plans)
    assert [(one.what, one.amount_minor, one.before, one.now) for one in found] == [
        ("plan", 1484, "mini", "medium"),
        ("one_time", 500, "", ""),
    ]
    # The same plan again is followed by its lines.
    assert [one.what for one in compare(now, now[2:3], "EUR", plans=plans)] == [
        *("periods", "one_time_before", "correction_before"),
    ]


def test_a_coupon_is_one_cause_whatever_it_is_taken_off() -> None:
    before = [discount(-200, "spring"), discount(-50, "spring", product=TV), discount(-10, "loyal")]
    now = [discount(-100, "new"), discount(-20, "loyal")]
    found = compare(before, now, "EUR")
    assert [(one.what, one.amount_minor, one.coupon) for one in found] == [
        ("discount_ended", 250, "spring"),
        ("discount_new", -100, "new"),
        ("discount", -10, "loyal"),
    ]
