import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kesto.core.comparison import compare
from kesto.core.comparison_test import (
    ITEM,
    LINE,
    NEW_PRICE,
    OCTOBER,
    TV,
    flat,
    line,
    lines,
    reasons,
)
from kesto.core.line import MINIMUM, ONE_TIME, Explanation, Line
from kesto.core.reasons import Reason, at_most


@pytest.mark.parametrize(
    ("what", "what_before", "more"),
    [
        ("correction", "correction_before", {"revision": 2}),
        ("one_time", "one_time_before", {"kind": ONE_TIME}),
        ("minimum", "minimum", {"kind": MINIMUM}),
        ("discount_new", "discount_ended", {"kind": "discount"}),
    ],
)
def test_what_stands_for_itself(what: str, what_before: str, more: dict[str, object]) -> None:
    special = line(-300, flat("-3"), **more)  # type: ignore[arg-type]  # mixed facts
    assert reasons([], [special]) == [(what, -300, "", "")]
    assert reasons([special], []) == [(what_before, 300, "", "")]


def test_tax_is_told_where_it_comes_on_top() -> None:
    before, now = line(1000, flat("10")), line(2000, flat("20"), price=NEW_PRICE)
    found = compare([before], [now], "EUR", tax_change_minor=255)
    assert [(one.what, one.amount_minor) for one in found] == [("price", 1000), ("tax", 255)]


def test_the_rest_is_rolled_up() -> None:
    four = [Reason("new", LINE, amount) for amount in (50, 40, -30, 20)]
    assert at_most(4, four) == tuple(four)
    assert at_most(3, four) == (*four[:2], Reason("other", None, -10))
    assert at_most(2, [four[0], Reason("new", TV, 5), Reason("ended", TV, -5)]) == (four[0],)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"percent": "0"}, ("phase", 2000, "0", "100")),
        ({"paused_days": 31}, ("pause", 2000, "31", "0")),
        ({"skipped": 4, "deliveries": 4}, ("skipped", 2000, "4", "0")),
    ],
)
def test_what_was_free_says_why(told: dict[str, object], reason: tuple[object, ...]) -> None:
    free = line(0, period=OCTOBER)
    explained = msgspec.json.encode(Explanation("1", "0", **told))  # type: ignore[arg-type]  # mixed facts
    before = Line(ITEM, msgspec.structs.replace(free.rated, explanation=explained))
    assert reasons([before], [line(2000, flat("20"))]) == [reason]


def test_what_somebody_changed_is_never_in_the_rest_while_a_small_thing_has_a_row() -> None:
    found = [
        Reason("quantity", LINE, 900, meter="calls"),
        Reason("days", LINE, 500),
        Reason("quantity", LINE, 400, meter="data"),
        Reason("minimum", LINE, 300),
        Reason("tax", None, 200),
        Reason("plan", None, -100, "mini", "medium"),
        Reason("discount_ended", None, 50, coupon="spring"),
    ]
    assert [one.what for one in at_most(5, found)] == [
        *("quantity", "days", "plan", "discount_ended", "other"),
    ]
    assert [one.what for one in at_most(3, found)] == ["quantity", "plan", "other"]


@given(some.lists(lines(), max_size=8), some.lists(lines(), max_size=8), some.integers(1, 6))
def test_a_person_s_change_has_a_row_before_any_other_but_the_weightiest(
    before: list[Line], now: list[Line], rows: int
) -> None:
    found = compare(before, now, "EUR")
    kept = at_most(rows, found)
    hidden = [one for one in found if one not in kept]
    if any(one.is_made for one in hidden):
        named = [one for one in kept[1:] if (one.what, one.product_id) != ("other", None)]
        assert all(one.is_made for one in named)
