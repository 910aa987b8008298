from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.discounts import Discount, discounted, take
from kesto.core.refusals import Invalid
from tests.refused import refused

discounts = st.builds(
    Discount,
    st.sampled_from(["percent", "amount"]),
    st.decimals(0, 100, places=2),
    st.integers(0, 10**6),
    st.none() | st.sampled_from([(0,), (1, 2), (0, 2)]),
    st.sampled_from(["line", "subscription", "customer"]),
)


def percent(value: str, **more: object) -> Discount:
    return Discount("percent", Decimal(value), **more)  # type: ignore[arg-type]  # lines and scope


def amount(minor: int, **more: object) -> Discount:
    return Discount("amount", amount_minor=minor, **more)  # type: ignore[arg-type]  # lines and scope


@pytest.mark.parametrize(
    ("lines", "given", "by_discount"),
    [
        ([10000], [percent("25"), percent("10")], (2500, 750)),
        ([100], [amount(10), percent("20")], (10, 18)),
        ([8000], [amount(1000), percent("25")], (1000, 1750)),
        ([8000], [percent("25"), amount(1000)], (2000, 1000)),
        ([99990], [percent("10")], (9999,)),
        ([5000], [amount(9000)], (5000,)),
        ([0], [amount(100), percent("50")], (0, 0)),
        ([-500], [amount(100), percent("50")], (0, 0)),
        ([100, 100, 100], [percent("0.5")], (2,)),
        ([], [amount(100)], (0,)),
    ],
)
def test_what_a_discount_takes(
    lines: list[int], given: list[Discount], by_discount: tuple[int, ...]
) -> None:
    assert discounted(lines, given).by_discount == by_discount


def test_an_amount_is_spread_over_the_net_lines() -> None:
    assert discounted([1000, 2000], [amount(1001)]).by_line == (334, 667)
    assert discounted([1000, -500, 2000], [amount(300)]).by_line == (100, 0, 200)
    assert discounted([1000, 2000], [amount(3000)]).by_line == (1000, 2000)


def test_a_percentage_is_of_the_sum_of_its_lines_rounded_once() -> None:
    taken = discounted([5, 5, 5], [percent("10")])
    assert (taken.by_discount, taken.by_line) == ((2,), (1, 1, 0))
    assert discounted([1000, 2000], [percent("10", lines=(1,))]).by_line == (0, 200)


def test_the_lines_own_come_before_the_subscriptions_and_the_customers() -> None:
    attached = [
        percent("10", scope="customer"),
        amount(1000, scope="subscription"),
        percent("50", lines=(0,)),
    ]
    assert discounted([10000], attached).by_discount == (400, 1000, 5000)


@pytest.mark.parametrize(
    "make", [lambda: percent("100.01"), lambda: percent("-0.01"), lambda: amount(-1)]
)
def test_what_is_no_discount_is_refused(make: Callable[[], Discount]) -> None:
    assert refused(Invalid, make) == (
        "bad_discount",
        "value",
        "a discount is from 0 to 100 percent, or an amount that is not negative",
    )


def test_all_or_nothing_may_be_taken() -> None:
    assert discounted([500], [percent("100")]).by_discount == (500,)
    assert discounted([500], [percent("0"), amount(0)]).by_discount == (0, 0)


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=3), st.lists(discounts, max_size=5)
)
def test_nothing_goes_below_zero_and_the_shares_add_up(
    lines: list[int], given: list[Discount]
) -> None:
    taken = discounted(lines, given)
    assert sum(taken.by_line) == sum(taken.by_discount)
    for line, off in zip(lines, taken.by_line, strict=True):
        assert 0 <= off <= max(line, 0)


def test_a_cent_is_taken_off_a_cent() -> None:
    left = [1, 0]
    assert take(amount(5), left) == 1
    assert left == [0, 0]
    assert discounted([1], [amount(1)]).by_line == (1,)
