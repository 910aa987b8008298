from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.billing import Account, bill_account
from kesto.core.calendar import Interval
from kesto.core.item import Item
from kesto.core.line import Line
from kesto.core.rating import Rater
from tests.items import NO_LIMIT, Payer, day, item, items, sold, sums, vat_rate

BEGIN, FAR = date(2027, 11, 1), date(2029, 6, 30)
YEAR = Interval("year")
run_days = st.dates(BEGIN, FAR)
several = st.builds(
    lambda *made: [one for one in made if one], items(1), st.none() | items(2), st.none() | items(3)
)


def lines_of(payer: Payer) -> list[Line]:
    return sorted(payer.lines, key=lambda line: line.key)


def due_now(payer: Payer, through: date) -> list[Line]:
    return Rater(vat_rate).due_lines(payer.items, None, through)


@given(several, run_days)
def test_billing_twice_adds_nothing(made: list[Item], through: date) -> None:
    payer = Payer(*made)
    payer.bill(through)
    before = list(payer.lines)
    assert payer.bill(through) is None
    payer.look_back()
    again = payer.bill(through)
    assert again is not None
    assert again.draft is None
    assert payer.lines == before


@given(several, run_days, st.randoms(use_true_random=False))
def test_any_order_of_items_gives_the_same_bill(
    made: list[Item], through: date, chance: Random
) -> None:
    first, second = Payer(*made), Payer(*chance.sample(made, len(made)))
    one, other = first.bill(through), second.bill(through)
    assert lines_of(first) == lines_of(second)
    assert one is not None
    assert other is not None
    assert one.cursor == other.cursor
    if one.draft and other.draft:
        assert one.draft.totals.total_minor == other.draft.totals.total_minor
        assert set(one.draft.totals.taxes) == set(other.draft.totals.taxes)


@given(several, st.lists(run_days, max_size=12))
def test_any_split_into_runs_gives_the_lines_of_one_go(made: list[Item], split: list[date]) -> None:
    at_once, in_steps = Payer(*made), Payer(*made)
    at_once.bill(FAR)
    for through in [*sorted(split), FAR]:
        in_steps.bill(through)
    assert sums(in_steps.lines) == sums(at_once.lines)


@given(several)
def test_a_run_every_day_gives_the_lines_of_one_go(made: list[Item]) -> None:
    at_once, day_by_day = Payer(*made), Payer(*made)
    at_once.bill(FAR)
    for later in range((FAR - BEGIN).days + 1):
        day_by_day.bill(BEGIN + timedelta(days=later))
    assert sums(day_by_day.lines) == sums(at_once.lines)


@given(several, several, run_days, run_days)
def test_after_a_change_of_the_past_the_revisions_sum_to_what_is_due_now(
    before: list[Item], now: list[Item], first: date, second: date
) -> None:
    payer = Payer(*before)
    payer.bill(first)
    payer.changes_to(*now)
    outcome = payer.bill(second)
    assert outcome is not None
    # A run for an earlier day takes back nothing that fell due since.
    wanted = sums(due_now(payer, max(first, second)))
    if outcome.cursor.is_clean:
        assert payer.sums() == wanted
    else:
        assert outcome.draft is None
        assert sum(wanted.values()) < sum(payer.sums().values())


@given(several, several, run_days)
def test_a_change_that_is_undone_leaves_every_key_as_it_was(
    before: list[Item], between: list[Item], through: date
) -> None:
    payer = Payer(*before)
    payer.bill(through)
    as_it_was = payer.sums()
    payer.changes_to(*between)
    payer.bill(through)
    payer.changes_to(*before)
    payer.bill(through)
    assert payer.sums() == as_it_was or payer.group.dirty_from is not None


def test_revisions_of_a_key_are_numbered_one_by_one() -> None:
    payer = Payer(item(start_on="2028-01-01"))
    for quantity in ("1", "3", "4"):
        payer.changes_to(item(start_on="2028-01-01", quantity=quantity))
        payer.bill(day("2028-02-01"))
    assert [(line.rated.revision, line.rated.amount_minor) for line in payer.lines] == [
        (1, 1000),
        (2, 2000),
        (3, 1000),
    ]


def test_less_than_nothing_waits_for_a_next_invoice_that_takes_it_up() -> None:
    payer = Payer(item(start_on="2028-01-01", quantity="3"))
    payer.bill(day("2028-02-01"))
    payer.changes_to(item(start_on="2028-01-01", quantity="2"))
    waiting = payer.bill(day("2028-02-10"))
    assert waiting is not None
    assert (waiting.draft, waiting.cursor.is_clean) == (None, False)
    assert waiting.cursor.billed_through == day("2028-02-01")
    assert waiting.cursor.next_due_on == day("2028-03-01")
    made = payer.bill(day("2028-03-01"))
    assert made is not None
    assert made.draft is not None
    assert [line.rated.amount_minor for line in made.draft.lines] == [-1000, 2000]


@pytest.mark.parametrize(
    ("quantity", "ends", "expected"),
    [("1", "", [-2000]), ("2", "2028-02-01", [-1000])],
    ids=["more than the next invoice", "no invoice follows"],
)
def test_less_than_nothing_is_credited_when_nothing_takes_it_up(
    quantity: str, ends: str, expected: list[int]
) -> None:
    payer = Payer(item(start_on="2028-01-01", quantity="3"))
    payer.bill(day("2028-02-01"))
    payer.changes_to(item(start_on="2028-01-01", quantity=quantity, end_on=ends or None))
    made = payer.bill(day("2028-02-10"))
    assert made is not None
    assert made.draft is not None
    assert [line.rated.amount_minor for line in made.draft.lines] == expected
    assert made.cursor.is_clean


def test_nothing_makes_no_invoice_and_is_looked_at_no_more() -> None:
    free = sold(spec={"model": "per_unit", "unit_amount": "1.00", "included_units": "5"})
    payer = Payer(item(free, start_on="2028-01-01"))
    outcome = payer.bill(day("2028-02-01"))
    assert outcome is not None
    assert outcome.draft is None
    assert (outcome.cursor.billed_through, outcome.cursor.next_due_on) == (
        day("2028-02-01"),
        day("2028-03-01"),
    )
    assert payer.bill(day("2028-02-29")) is None


def test_an_ended_group_has_no_work_any_more() -> None:
    payer = Payer(item(start_on="2028-01-01", end_on="2028-01-20"))
    outcome = payer.bill(day("2028-03-01"))
    assert outcome is not None
    assert outcome.cursor.next_due_on is None


def test_what_is_out_of_bounds_is_parked_and_passes_when_a_person_accepts_it() -> None:
    payer = Payer(item(start_on="2028-01-01"), accepts_bounds=False)
    outcome = payer.bill(day("2028-02-01"), limit_minor=999)
    assert outcome is not None
    assert outcome.parked is not None
    assert (outcome.parked.code, outcome.draft) == ("amount_over_limit", None)
    payer.group = replace(payer.group, accepts_bounds=True)
    accepted = payer.bill(day("2028-02-01"), limit_minor=999)
    assert accepted is not None
    assert accepted.draft is not None


def test_advance_and_arrears_meet_on_one_invoice() -> None:
    payer = Payer(
        item(sold(1, charged="advance"), sold(2), start_on="2028-01-31"),
        item(sold(3, interval=YEAR, charged="advance"), start_on="2028-01-31", number=2),
    )
    payer.bill(day("2028-01-31"))
    outcome = payer.bill(day("2028-02-29"))
    assert outcome is not None
    assert outcome.draft is not None
    periods = [
        (str(line.rated.period_start), str(line.rated.period_end)) for line in outcome.draft.lines
    ]
    assert periods == [("2028-02-29", "2028-03-31"), ("2028-01-31", "2028-02-29")]


def test_a_group_that_is_not_looked_back_at_proposes_the_new_period_only() -> None:
    payer = Payer(item(start_on="2028-01-01"))
    group = replace(payer.group, billed_through=day("2028-03-01"))
    account = Account(group, payer.items, {})
    outcome = bill_account(account, Rater(vat_rate), day("2028-04-01"), NO_LIMIT)
    assert outcome.draft is not None
    assert [line.rated.period_start for line in outcome.draft.lines] == [day("2028-03-01")]
