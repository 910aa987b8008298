from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core import ledger
from kesto.core.invoicing import (
    Billed,
    draft,
    due_date,
    out_of_bounds,
    revenue_by_account,
    totals,
)
from kesto.core.item import Item
from kesto.core.line import Explanation, Key, Line
from kesto.core.rating import Rater
from kesto.core.tax import tax_group, tax_groups
from tests.items import RATES, day, item, items, sold, sums, vat_rate

LINE = Rater(vat_rate).due_lines([item(start_on="2028-01-01")], None, day("2028-02-01"))[0]
FAR = day("2029-06-30")

rated_lines = st.builds(
    lambda number, amount, category, account: Line(
        UUID(int=number),
        replace(
            LINE.rated,
            amount_minor=amount,
            tax_category=category,
            tax_rate_percent=RATES[category],
            revenue_account=account,
        ),
    ),
    st.integers(1, 9),
    st.integers(-(10**9), 10**9),
    st.sampled_from(sorted(RATES)),
    st.sampled_from(["3000", "3010", "3020"]),
)
line_lists = st.lists(rated_lines, max_size=8)


def with_amount(amount_minor: int, number: int = 1) -> Line:
    return Line(UUID(int=number), replace(LINE.rated, amount_minor=amount_minor))


def billed(*lines: Line) -> dict[Key, Billed]:
    return {line.key: Billed(line.rated.amount_minor, line.rated) for line in lines}


def explained(line: Line) -> Explanation:
    return msgspec.json.decode(line.rated.explanation, type=Explanation)


@given(lines=line_lists, includes_tax=st.booleans())
def test_net_and_vat_make_the_total_and_revenue_makes_the_net(
    *, lines: Sequence[Line], includes_tax: bool
) -> None:
    made = totals(lines, includes_tax=includes_tax)
    amounts = sum(line.rated.amount_minor for line in lines)
    assert amounts == (made.total_minor if includes_tax else made.net_minor)
    assert made.net_minor + made.tax_minor == made.total_minor
    assert sum(net for _, net in made.revenue) == made.net_minor
    postings = ledger.invoice(made.revenue, made.tax_minor, "EUR")
    assert sum(posting.amount_minor for posting in postings) == 0


@given(lines=line_lists, includes_tax=st.booleans())
def test_vat_is_computed_once_for_each_rate(*, lines: Sequence[Line], includes_tax: bool) -> None:
    by_rate: dict[str, int] = {}
    for line in lines:
        category = line.rated.tax_category
        by_rate[category] = by_rate.get(category, 0) + line.rated.amount_minor
    expected = [
        tax_group(category, RATES[category], gross_minor=amount)
        if includes_tax
        else tax_group(category, RATES[category], net_minor=amount)
        for category, amount in by_rate.items()
    ]
    assert list(totals(lines, includes_tax=includes_tax).taxes) == expected


@given(lines=line_lists, includes_tax=st.booleans(), chance=st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_sum(
    *, lines: list[Line], includes_tax: bool, chance: Random
) -> None:
    before = totals(lines, includes_tax=includes_tax)
    chance.shuffle(lines)
    after = totals(lines, includes_tax=includes_tax)
    assert (before.net_minor, before.tax_minor) == (after.net_minor, after.tax_minor)
    assert set(before.taxes) == set(after.taxes)


def test_revenue_of_one_rate_is_spread_over_its_accounts() -> None:
    lines = [
        Line(UUID(int=n), replace(LINE.rated, amount_minor=10, revenue_account=account))
        for n, account in enumerate(("3000", "3010", "3020"))
    ]
    made = totals(lines, includes_tax=True)
    assert (made.net_minor, made.tax_minor) == (24, 6)
    assert made.revenue == (("3000", 8), ("3010", 8), ("3020", 8))


def test_what_was_billed_with_the_same_amount_gives_no_line() -> None:
    reworded = replace(LINE.rated, explanation=b'{"quantity":"2","exact":"10"}')
    assert draft([LINE], billed(Line(LINE.item_id, reworded)), includes_tax=True).lines == ()


def test_another_amount_gives_the_difference_as_the_next_revision() -> None:
    (line,) = draft([with_amount(1250)], billed(LINE), includes_tax=True).lines
    assert (line.key, line.rated.revision, line.rated.amount_minor) == (LINE.key, 2, 250)
    found = explained(line)
    assert (found.corrects, found.was_minor, found.now_minor) == (1, 1000, 1250)
    assert found.parts == explained(LINE).parts


def test_what_is_due_no_more_is_credited_once() -> None:
    (line,) = draft([], billed(LINE), includes_tax=True).lines
    assert (line.rated.revision, line.rated.amount_minor) == (2, -1000)
    assert explained(line).now_minor == 0
    credited = {LINE.key: Billed(0, line.rated)}
    assert draft([], credited, includes_tax=True).lines == ()


@given(items(), items())
def test_a_draft_makes_what_was_billed_into_what_is_due(before: Item, now: Item) -> None:
    rater = Rater(vat_rate)
    old, new = (rater.due_lines([one], None, FAR) for one in (before, now))
    made = draft(new, billed(*old), includes_tax=True)
    result: Mapping[Key, int] = sums(old)
    for line in made.lines:
        result = {**result, line.key: result.get(line.key, 0) + line.rated.amount_minor}
    assert {key: amount for key, amount in result.items() if amount} == sums(new)


def test_lines_of_nothing_make_no_invoice_but_stand_beside_others() -> None:
    assert draft([], {}, includes_tax=True).is_empty
    assert draft([with_amount(0)], {}, includes_tax=True).is_empty
    both = draft([with_amount(0), with_amount(5, number=2)], {}, includes_tax=True)
    assert not both.is_empty
    assert len(both.lines) == 2


def parked(*lines: Line, limit_minor: int = 10**9, known: Mapping[Key, Billed] = {}) -> str:
    made = draft(lines, known, includes_tax=True)
    found = out_of_bounds(made, billed=known, currency="EUR", limit_minor=limit_minor)
    return found.code if found else ""


def months(count: int, number: int = 1) -> list[Line]:
    monthly = item(start_on="2028-01-01", number=number)
    end = day("2028-01-01") + timedelta(days=31 * count)
    return Rater(vat_rate).due_lines([monthly], None, end)[:count]


def test_the_same_key_twice_is_out_of_bounds() -> None:
    assert parked(LINE, LINE) == "billed_twice"
    assert parked(LINE, Line(UUID(int=2), LINE.rated)) == ""


def test_a_person_is_told_what_is_out_of_bounds() -> None:
    def reason(*lines: Line) -> str:
        made = draft(lines, {}, includes_tax=True)
        found = out_of_bounds(made, billed={}, currency="EUR", limit_minor=10**9)
        return found.reason if found else ""

    assert reason(LINE, LINE) == f"item {LINE.item_id} is due twice for 2028-01-01"
    assert reason(*months(7)) == (
        "7 periods of one price would be billed at once; more than 6 need a person's word"
    )


def test_more_than_six_periods_of_one_price_are_out_of_bounds() -> None:
    assert parked(*months(6)) == ""
    assert parked(*months(7)) == "too_many_periods"
    assert parked(*months(6), *months(6, number=2)) == ""


def test_a_minimum_does_not_count_as_a_period_of_its_own() -> None:
    spec = {"model": "per_unit", "unit_amount": "3.00", "minimum": "10.00"}
    monthly = item(sold(spec=spec), start_on="2028-01-01")
    lines = Rater(vat_rate).due_lines([monthly], None, day("2028-07-01"))
    assert len(lines) == 12
    assert parked(*lines) == ""


def test_corrections_and_periods_of_nothing_are_not_counted() -> None:
    lines = months(9)
    free = [Line(line.item_id, replace(line.rated, amount_minor=0)) for line in lines]
    assert parked(*free) == ""
    dearer = [Line(line.item_id, replace(line.rated, amount_minor=1100)) for line in lines]
    assert parked(*dearer, known=billed(*lines)) == ""


@pytest.mark.parametrize(
    ("amount_minor", "code"),
    [(5000, ""), (5001, "amount_over_limit"), (-5001, "amount_over_limit")],
)
def test_an_amount_over_the_limit_is_out_of_bounds(amount_minor: int, code: str) -> None:
    assert parked(with_amount(amount_minor), limit_minor=5000) == code


def test_the_limit_is_on_the_total_with_vat() -> None:
    net = draft([with_amount(1000)], {}, includes_tax=False)
    found = out_of_bounds(net, billed={}, currency="EUR", limit_minor=1254)
    assert found is not None
    assert found.reason == "1255 minor units of EUR are more than the merchant's limit of 1254"


def test_the_day_by_which_to_pay_is_counted_from_the_invoice() -> None:
    assert due_date(day("2028-02-20"), 14) == day("2028-03-05")


def test_rates_written_otherwise_are_the_same_rate() -> None:
    other = Line(UUID(int=2), replace(LINE.rated, tax_rate_percent=Decimal("25.500000000000")))
    assert len(totals([LINE, other], includes_tax=True).taxes) == 1


def test_revenue_is_net_and_the_last_account_of_a_rate_takes_the_odd_cent() -> None:
    standard, reduced = Decimal("25.5"), Decimal(10)
    lines = [
        ("3000", "standard", standard, 600),
        ("3010", "standard", standard, 100),
        ("3010", "standard", standard, 300),
        ("3000", "reduced", reduced, 1000),
        ("3020", "exempt", Decimal(0), 0),
    ]
    sides = [("standard", standard, 1000), ("reduced", reduced, 1000)]
    gross = revenue_by_account(lines, tax_groups(sides, includes_tax=True), includes_tax=True)
    assert gross == {"3000": 478 + 909, "3010": 319, "3020": 0}
    net = revenue_by_account(lines, tax_groups(sides, includes_tax=False), includes_tax=False)
    assert net == {"3000": 1600, "3010": 400, "3020": 0}


@pytest.mark.parametrize(
    ("due_minor", "credited_minor", "difference"),
    [
        (1000, 300, None),
        (500, 300, -500),
        (301, 300, -699),
        (300, 300, -700),
        (200, 300, -700),
        (None, 300, -700),
        (200, 0, -800),
        (None, 0, -1000),
        (None, 1000, None),
        (None, 2000, None),
    ],
)
def test_what_was_given_back_by_hand_is_not_taken_back_again(
    due_minor: int | None, credited_minor: int, difference: int | None
) -> None:
    before = {LINE.key: Billed(1000, LINE.rated, credited_minor)}
    due = [] if due_minor is None else [with_amount(due_minor)]
    made = draft(due, before, includes_tax=True)
    wanted = [] if difference is None else [difference]
    assert [line.rated.amount_minor for line in made.lines] == wanted


def test_the_same_amount_for_other_days_is_said_again() -> None:
    longer = replace(LINE.rated, period_end=day("2028-03-01"))
    made = draft([Line(LINE.item_id, longer)], billed(LINE), includes_tax=True)
    (line,) = made.lines
    assert (line.rated.amount_minor, line.rated.revision) == (0, 2)
    assert line.rated.period_end == day("2028-03-01")
    nothing = with_amount(0)
    free = Line(LINE.item_id, replace(longer, amount_minor=0))
    assert draft([free], billed(nothing), includes_tax=True).lines == ()


def test_each_line_of_an_item_of_its_own_is_within_bounds() -> None:
    assert parked(LINE) == ""
    assert parked(with_amount(0)) == ""
