"""What skipping gives back: equal parts that tile the price, beside pauses and other quantities."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.catalog import DeliverySchedule, Price
from kesto.core.item import Course, Item, Pause, Step
from kesto.core.line import Explanation
from kesto.core.rating import Rater
from kesto.core.rhythm import Rhythm
from tests.items import Payer, day, item, sold, vat_rate

START = day("2027-03-01")  # four Thursdays: 4, 11, 18 and 25
WEEKLY = DeliverySchedule(Interval("week"), 4, skipping="credited")
NOTHING_ELSE = Course()
THURSDAYS = [START + timedelta(days=3 + 7 * n) for n in range(4)]


def box(
    price: Price, skips: Sequence[date], course: Course = NOTHING_ELSE, end_on: str | None = None
) -> Item:
    rhythm = Rhythm(WEEKLY, START, START, tuple(sorted(skips))) if skips else None
    one = item(price, start_on=START, end_on=end_on)
    return replace(one, course=replace(course, rhythm=rhythm))


def minor(of: Item) -> int:
    (line,) = Rater(vat_rate).due_lines([of], None, day("2027-04-01"))
    return line.rated.amount_minor


@pytest.mark.parametrize("spec", [{"model": "flat", "amount": "40.00"}, None])
@pytest.mark.parametrize("proration", ["day", "second", "none"])
def test_each_delivery_is_an_equal_part(spec: dict[str, object] | None, proration: str) -> None:
    price = sold(1, spec, proration=proration)  # type: ignore[arg-type]  # a literal
    whole = 4000 if spec else 1000
    for count in range(5):
        assert minor(box(price, THURSDAYS[:count])) == whole * (4 - count) // 4


@given(st.integers(0, 10_000), st.permutations(range(4)))
def test_the_parts_tile_the_price_to_the_cent(cents: int, order: Sequence[int]) -> None:
    price = sold(1, {"model": "flat", "amount": f"{cents // 100}.{cents % 100:02}"})
    payer = Payer(box(price, [], end_on="2027-04-01"))
    payer.bill(day("2027-04-01"))
    for count in range(1, 5):
        skips = [THURSDAYS[place] for place in order[:count]]
        payer.changes_to(box(price, skips, end_on="2027-04-01"))
        payer.bill(day("2027-04-01"))
        left = Fraction(cents * (4 - count), 4)
        assert abs(sum(payer.sums().values()) - left) <= Fraction(1, 2)
    assert payer.sums() == {}


def test_what_a_pause_takes_away_is_no_part() -> None:
    # Ten paused days with one Thursday: 21 of 31 days, of which one of three deliveries is skipped.
    course = Course(pauses=(Pause(day("2027-03-10"), day("2027-03-20"), Decimal(0)),))
    price = sold(1, {"model": "flat", "amount": "31.00"})
    assert minor(box(price, [], course)) == 2100
    assert minor(box(price, [THURSDAYS[0]], course)) == 1050
    assert minor(box(price, [THURSDAYS[1]], course)) == 2100  # paused: nothing to give back
    (line,) = Rater(vat_rate).due_lines(
        [box(price, [THURSDAYS[0]], course)], None, day("2027-04-01")
    )
    said = msgspec.json.decode(line.rated.explanation, type=Explanation)
    assert (said.skipped, said.deliveries, said.paused_days) == (1, 2, 10)
    assert said.share == "21/31 \N{MULTIPLICATION SIGN} 1/2"


def test_of_other_quantities_each_gives_back_its_part() -> None:
    course = Course(steps=(Step(day("2027-03-11"), Decimal(2)),))
    price = sold(1, {"model": "per_unit", "unit_amount": "31.00"})
    assert minor(box(price, [], course)) == 3100 + 2100
    assert minor(box(price, [THURSDAYS[3]], course)) == (3100 + 2100) * 3 // 4


def test_a_last_part_of_a_period_has_its_own_deliveries() -> None:
    price = sold(1, {"model": "flat", "amount": "31.00"})
    ending = box(price, [THURSDAYS[0]], end_on="2027-03-11")
    assert minor(ending) == 0  # ten days with one delivery, which is skipped
    assert minor(box(price, [THURSDAYS[1]], end_on="2027-03-11")) == 1000


def test_a_rater_does_not_take_one_skip_for_another() -> None:
    price, rater = sold(1, {"model": "flat", "amount": "40.00"}), Rater(vat_rate)
    found = []
    for count in (0, 1, 3, 1):
        (line,) = rater.due_lines([box(price, THURSDAYS[:count])], None, day("2027-04-01"))
        found.append(line.rated.amount_minor)
    assert found == [4000, 3000, 1000, 3000]
