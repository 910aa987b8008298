from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kesto.core.differences import Differences, Outlook, differences

NOW = date(2026, 11, 15)
DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)
MINI = Outlook([(DECEMBER, 1000), (JANUARY, 1000), (FEBRUARY, 1000)], goes_on=True)


@pytest.mark.parametrize(
    ("bills", "found"),
    [
        # An upgrade that is billed at once.
        (
            [(NOW, 533), (DECEMBER, 2000), (JANUARY, 2000)],
            Differences(((NOW, 533),), DECEMBER, 1000, "month"),
        ),
        # One that comes with the next bill.
        (
            [(DECEMBER, 2533), (JANUARY, 2000), (FEBRUARY, 2000)],
            Differences(((DECEMBER, 1533),), JANUARY, 1000, "month"),
        ),
        # A coupon for one month.
        (
            [(DECEMBER, 800), (JANUARY, 1000), (FEBRUARY, 1000)],
            Differences(((DECEMBER, -200),), JANUARY, 0, "month"),
        ),
        # A cheaper plan from the next period on.
        (
            [(DECEMBER, 600), (JANUARY, 600), (FEBRUARY, 600)],
            Differences((), DECEMBER, -400, "month"),
        ),
    ],
)
def test_once_and_then_regularly(bills: list[tuple[date, int]], found: Differences) -> None:
    assert differences(Outlook(bills, goes_on=True), MINI) == found


def test_what_ends_is_not_billed_again() -> None:
    ending = Outlook([(DECEMBER, -300)], goes_on=False)
    assert differences(ending, MINI) == Differences(((DECEMBER, -1300),), JANUARY, -1000, "month")
    nothing = Outlook([], goes_on=False)
    assert differences(nothing, MINI) == Differences((), DECEMBER, -1000, "month")
    assert differences(nothing, nothing) == Differences()
    assert differences(ending, nothing) == Differences(((DECEMBER, -300),))


def test_another_rhythm_has_no_regular_difference() -> None:
    yearly = Outlook([(NOW, 10_000), (date(2027, 11, 15), 10_000)], goes_on=True)
    found = differences(yearly, MINI)
    assert found.regular_from is None
    assert found.once == ((NOW, 10_000), *((day, -1000) for day, _ in MINI.bills))


def test_another_billing_day_has_no_regular_difference() -> None:
    middle = [(DECEMBER, 500), (date(2026, 12, 15), 1000), (date(2027, 1, 15), 1000)]
    found = differences(Outlook(middle, goes_on=True), MINI)
    assert found == Differences(
        (
            *((DECEMBER, -500), (date(2026, 12, 15), 1000)),
            *((JANUARY, -1000), (date(2027, 1, 15), 1000)),
        )
    )


@pytest.mark.parametrize(
    ("days", "every"),
    [
        ([DECEMBER, JANUARY], "month"),
        ([date(2027, 2, 1), date(2027, 3, 1)], "month"),
        ([DECEMBER, date(2027, 12, 1)], "year"),
        ([DECEMBER, date(2026, 12, 8)], "week"),
        ([DECEMBER, date(2027, 3, 1)], "bill"),
        ([DECEMBER], "bill"),
    ],
)
def test_how_often_regular_bills_come(days: list[date], every: str) -> None:
    after, before = (Outlook([(day, minor) for day in days], goes_on=True) for minor in (9, 4))
    assert differences(after, before) == Differences((), days[0], 5, every)  # type: ignore[arg-type]  # one of the words


bills = some.dictionaries(
    some.dates(date(2027, 1, 1), date(2027, 1, 8)), some.integers(-99, 99), max_size=5
)


@given(bills, bills, some.tuples(some.booleans(), some.booleans()))
def test_they_add_up_to_what_is_known_of_both(
    after: dict[date, int], before: dict[date, int], go_on: tuple[bool, bool]
) -> None:
    outlooks = [
        Outlook(sorted(one.items()), on) for one, on in zip((after, before), go_on, strict=True)
    ]
    found = differences(*outlooks)
    lasts = [one.bills[-1][0] for one in outlooks if one.bills and one.goes_on]
    days = sorted(after.keys() | before.keys())
    last = min(lasts) if lasts else days[-1] if days else date.min
    days = [day for day in days if day <= last]
    wanted = sum(after.get(day, 0) - before.get(day, 0) for day in days)
    regular = [day for day in days if found.regular_from and day >= found.regular_from]
    once = sum(minor for _, minor in found.once)
    assert once + found.regular_minor * len(regular) == wanted
