from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import fraction, shown
from kesto.core.pricing import Usage, parse_price, price
from kesto.core.refusals import Invalid

amounts = st.lists(st.decimals(0, 1000, places=2), max_size=6)


def amount(transactions: list[str], **fields: object) -> str:
    spec = parse_price({"model": "percentage", **fields})
    return shown(price(spec, Usage(amounts=tuple(map(Decimal, transactions)))).exact)


@pytest.mark.parametrize(
    ("transactions", "expected"),
    [([], "0"), (["0"], "0"), (["100"], "1.3"), (["100", "0.01"], "1.30013"), (["-100"], "-1.3")],
)
def test_a_rate_of_each_transaction(transactions: list[str], expected: str) -> None:
    assert amount(transactions, rate="1.3") == expected


@pytest.mark.parametrize(
    ("transactions", "expected"), [([], "0"), (["0"], "2"), (["100", "0"], "5"), (["-100"], "1")]
)
def test_a_fixed_amount_for_each_even_for_one_of_zero(
    transactions: list[str], expected: str
) -> None:
    assert amount(transactions, rate="1", fixed_amount="2") == expected


@pytest.mark.parametrize(
    ("transactions", "fields", "expected"),
    [
        (["1", "1", "1", "1"], {"free_events": 3}, "5.01"),
        (["1", "1", "1"], {"free_events": 3}, "0"),
        (["50", "100", "250", "400"], {"free_amount": "250"}, "15.5"),
        (["250"], {"free_amount": "250"}, "0"),
        (["250", "0"], {"free_amount": "250"}, "5"),
        (["250.01"], {"free_amount": "250"}, "5.0001"),
        (["1", "1", "1", "1"], {"free_events": 3, "free_amount": "15"}, "5.01"),
        (["20", "1", "1"], {"free_events": 3, "free_amount": "15"}, "15.07"),
        (["10", "5", "0"], {"free_events": 9, "free_amount": "15"}, "5"),
        (["0", "0", "7"], {"free_events": 2, "free_amount": "15"}, "5.07"),
        (["5"], {"free_events": 0, "free_amount": "0"}, "5.05"),
        (["10", "-4", "6"], {"free_amount": "12"}, "0"),
        (["-4", "13"], {"free_amount": "12"}, "5.01"),
    ],
)
def test_an_allowance_ends_when_its_events_or_its_amount_are_used_up(
    transactions: list[str], fields: dict[str, object], expected: str
) -> None:
    assert amount(transactions, rate="1", fixed_amount="5", **fields) == expected


@pytest.mark.parametrize(
    ("transactions", "fields", "expected"),
    [
        (["10", "80", "10000"], {"fixed_amount": "2"}, "18.691"),
        (["0"], {}, "1.75"),
        (["0"], {"fixed_amount": "2"}, "2"),
        (["-100"], {}, "1.75"),
        (["10", "80", "10000"], {"free_events": 3, "free_amount": "10000"}, "2.691"),
        (["10", "80"], {"free_events": 2}, "0"),
        (["1"], {"free_amount": "0.5"}, "1.75"),
    ],
)
def test_each_paying_transaction_has_its_minimum_and_maximum_with_the_fixed_amount(
    transactions: list[str], fields: dict[str, object], expected: str
) -> None:
    limits = {"min_per_event": "1.75", "max_per_event": "12"}
    assert amount(transactions, rate="2.99", **limits, **fields) == expected


def test_a_maximum_below_the_fixed_amount_caps_it() -> None:
    assert amount(["100"], rate="15", fixed_amount="3", max_per_event="2") == "2"


def test_each_transaction_is_converted_and_included_units_go_first() -> None:
    cents = {"transform_quantity": {"divide_by": "100"}}
    assert amount(["40.2", "100"], rate="10", **cents) == "0.1402"
    assert amount(["1", "1"], rate="100", transform_quantity={"divide_by": "3"}) == (
        "0.666666666667"
    )
    thirds = {"transform_quantity": {"divide_by": "3"}, "included_units": "0.1"}
    assert amount(["0", "1"], rate="100", free_amount="0.2", **thirds) == "0.033333333333"
    started = {"transform_quantity": {"divide_by": "100", "round": "up"}}
    assert amount(["40", "101"], rate="10", **started) == "0.3"
    assert amount(["40", "100"], rate="10", fixed_amount="1", included_units="50") == "11"


def test_a_share_prorates_the_minimum_and_the_maximum_only() -> None:
    fields = {"model": "percentage", "rate": "10", "minimum": "50", "maximum": "100"}
    spec, half = parse_price(fields), Fraction(1, 2)
    few = price(spec, Usage(amounts=(Decimal(100),)), share=half)
    assert (few.exact, few.true_up_minor("EUR")) == (10, 1500)
    assert price(spec, Usage(amounts=(Decimal(900),)), share=half).exact == 50


def test_the_explanation_adds_up_transactions() -> None:
    fields = {"rate": "2.99", "fixed_amount": "2", "free_events": 1, "max_per_event": "12"}
    spec = parse_price({"model": "percentage", **fields})
    used = Usage(amounts=tuple(map(Decimal, ("5", "10", "10000"))))
    assert [
        (part.what, shown(part.quantity), shown(part.amount)) for part in price(spec, used).parts
    ] == [
        ("free_events", "1", "0"),
        ("free_amount", "5", "0"),
        ("percentage", "10010", "299.299"),
        ("fixed_amounts", "2", "4"),
        ("event_maximum", "1", "-289"),
    ]


def test_a_minimum_above_the_maximum_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        parse_price(
            {"model": "percentage", "rate": "1", "min_per_event": "2", "max_per_event": "1"}
        )
    assert refused.value.field == "min_per_event"


@given(amounts, amounts)
def test_two_lines_of_a_period_cost_what_one_does(one: list[Decimal], other: list[Decimal]) -> None:
    fields = {"rate": "1.5", "fixed_amount": "0.3", "free_amount": "500", "max_per_event": "4"}
    spec = parse_price({"model": "percentage", **fields})
    lines = [
        price(spec, Usage(amounts=tuple(one)), part="first"),
        price(
            spec,
            Usage(amounts=tuple(other)),
            part="last",
            previous_quantity=sum(one, Decimal(0)),
        ),
    ]
    whole = price(spec, Usage(amounts=(*one, *other))).exact
    assert sum(fraction(line.exact) for line in lines) == whole


@given(amounts)
def test_without_an_allowance_the_order_does_not_matter(found: list[Decimal]) -> None:
    fields = {"rate": "1.5", "fixed_amount": "0.3", "min_per_event": "1", "max_per_event": "4"}
    spec = parse_price({"model": "percentage", **fields})
    in_order = price(spec, Usage(amounts=tuple(sorted(found)))).exact
    assert price(spec, Usage(amounts=tuple(found))).exact == in_order
