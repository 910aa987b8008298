"""What billing a group comes to, case by case: the amounts, the cursor, or why it is parked."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.billing import Account, Cursor, Outcome, bill_account
from kesto.core.calendar import Interval
from kesto.core.catalog import Price
from kesto.core.discount_lines import StandingDiscount
from kesto.core.invoicing import Billed
from kesto.core.item import Cadence, Item
from kesto.core.line import Key
from kesto.core.pricing import PriceSpec
from kesto.core.pricing.per_unit import PerUnit
from kesto.core.rating import Rater
from tests.items import Payer, day, item, sold, vat_rate

TENTH = StandingDiscount(
    id=UUID(int=901),
    coupon_id=UUID(int=801),
    code="tenth",
    number=1,
    start_on=day("2028-01-01"),
    cadence=Cadence(day("2028-01-01"), zone="Europe/Helsinki"),
    currency="EUR",
    percent=Decimal(10),
)
JANUARY = day("2028-02-01")


def looked_at(
    *made: Item,
    through: date = JANUARY,
    before: Mapping[Key, Billed] = {},
    discounts: tuple[StandingDiscount, ...] = (),
    includes_tax: bool = True,
    limit_minor: int = 10**9,
    **group: Any,
) -> Outcome:
    """What billing a group of these items comes to."""
    payer = Payer(includes_tax=includes_tax, accepts_bounds=False)
    account = Account(replace(payer.group, **group), made, before, discounts)
    return bill_account(account, Rater(vat_rate), through, limit_minor)


def amounts(outcome: Outcome) -> list[int] | None:
    if outcome.draft is None:
        return None
    return [line.rated.amount_minor for line in outcome.draft.lines]


def test_discounts_are_taken_off() -> None:
    assert amounts(looked_at(item(start_on="2028-01-01"), discounts=(TENTH,))) == [1000, -100]


def test_vat_is_in_the_prices_or_on_top() -> None:
    gross = looked_at(item(start_on="2028-01-01"))
    net = looked_at(item(start_on="2028-01-01"), includes_tax=False)
    assert gross.draft is not None
    assert net.draft is not None
    assert (gross.draft.totals.total_minor, net.draft.totals.total_minor) == (1000, 1255)


def test_a_parked_group_is_told_with_its_cursor() -> None:
    found = looked_at(item(start_on="2028-01-01"), limit_minor=999)
    assert found.parked is not None
    assert found.parked.reason == (
        "1000 minor units of EUR are more than the merchant's limit of 999"
    )
    assert found.cursor == Cursor(UUID(int=1), JANUARY, day("2028-03-01"), is_clean=True)


def test_corrections_of_many_periods_are_within_bounds() -> None:
    payer = Payer(item(start_on="2028-01-01"))
    payer.bill(day("2028-10-01"))
    dearer = item(start_on="2028-01-01", quantity="2")
    made = looked_at(dearer, through=day("2028-10-01"), before=payer.billed(), dirty_from=date.min)
    assert amounts(made) == [1000] * 9


def test_what_comes_to_nothing_in_all_waits_for_nobody() -> None:
    payer = Payer(item(start_on="2028-01-01", quantity="2"), item(start_on="2028-01-01", number=2))
    payer.bill(JANUARY)
    made = looked_at(
        item(start_on="2028-01-01"),
        item(start_on="2028-01-01", number=2, quantity="2"),
        through=day("2028-02-10"),
        before=payer.billed(),
        dirty_from=date.min,
    )
    assert sorted(amounts(made) or ()) == [-1000, 1000]
    assert made.cursor == Cursor(UUID(int=1), day("2028-02-10"), day("2028-03-01"), is_clean=True)


def less_by_one(*discounts: StandingDiscount) -> Outcome:
    """One unit instead of two, told on 10 February."""
    payer = Payer(item(start_on="2028-01-01", quantity="2"))
    payer.bill(JANUARY)
    return looked_at(
        item(start_on="2028-01-01"),
        through=day("2028-02-10"),
        before=payer.billed(),
        discounts=discounts,
        dirty_from=date.min,
        billed_through=JANUARY,
    )


def test_the_next_invoice_may_be_taken_up_as_a_whole() -> None:
    waiting = less_by_one()
    assert (waiting.draft, waiting.parked) == (None, None)
    assert waiting.cursor == Cursor(UUID(int=1), JANUARY, day("2028-03-01"), is_clean=False)


def test_the_next_invoice_is_counted_with_its_discounts() -> None:
    later = replace(TENTH, start_on=JANUARY)
    assert amounts(less_by_one(later)) == [-1000]


@pytest.mark.parametrize(("today", "waits"), [("2028-01-30", True), ("2028-01-29", False)])
def test_nobody_waits_for_longer_than_a_month(today: str, *, waits: bool) -> None:
    """The next invoice is due on 1 March: in 31 days or in 32."""
    longer = sold(charged="advance", interval=Interval("month", 2))
    payer = Payer(item(longer, start_on="2028-01-01", quantity="2"))
    payer.bill(day("2028-01-01"))
    made = looked_at(
        item(longer, start_on="2028-01-01"),
        through=day(today),
        before=payer.billed(),
        dirty_from=date.min,
    )
    assert (made.draft is None) == waits


def test_of_a_clean_group_the_next_invoice_is_what_is_new() -> None:
    back = item(extra("-15.00"), start_on="2028-02-10", number=2)
    made = looked_at(
        item(start_on="2028-01-01"), back, through=day("2028-02-10"), billed_through=JANUARY
    )
    assert amounts(made) == [-1500]
    small = item(extra("-10.00"), start_on="2028-02-10", number=2)
    waiting = looked_at(
        item(start_on="2028-01-01"), small, through=day("2028-02-10"), billed_through=JANUARY
    )
    assert waiting.draft is None


def extra(amount: str) -> Price:
    """Something sold once, for less than nothing."""
    return replace(sold(9, interval=None), spec=PriceSpec("per_unit", PerUnit(Decimal(amount))))
