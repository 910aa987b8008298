from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.calendar import Interval, Period, Schedule
from kesto.core.proration import ProrationRule, Share, used_seconds, used_share
from kesto.core.refusals import Invalid


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


MARCH = period("2026-03-01", "2026-04-01")


@pytest.mark.parametrize(
    ("used", "rule", "share"),
    [
        (period("2026-03-15", "2026-04-01"), "day", "17/31"),
        (period("2026-02-01", "2026-03-11"), "day", "10/31"),
        (period("2026-01-01", "2027-01-01"), "day", "31/31"),
        (period("2026-03-15", "2026-03-15"), "day", "0/31"),
        (period("2026-05-15", "2026-05-16"), "day", "0/31"),
        (period("2026-03-15", "2026-03-16"), "none", "31/31"),
        (period("2026-04-01", "2026-04-02"), "none", "0/31"),
        (period("2026-03-29", "2026-03-30"), "second", "82800/2674800"),
        (period("2026-04-29", "2026-04-30"), "second", "0/2674800"),
    ],
)
def test_the_used_part_is_cut_to_the_period(used: Period, rule: ProrationRule, share: str) -> None:
    assert str(used_share(MARCH, used, 31, rule, "Europe/Helsinki")) == share


def test_a_short_first_period_is_a_share_of_the_whole_one_that_ends_with_it() -> None:
    schedule = Schedule(date(2026, 9, 15), Interval("month"), "billing_day", 31)
    first = schedule.period(0)
    share = used_share(first, first, schedule.full_days(0), "day")
    assert (str(share), share.is_whole) == ("15/30", False)
    by_second = used_share(first, first, schedule.full_days(0), "second", "Europe/Helsinki")
    assert by_second == Share(15 * 86_400, 30 * 86_400)


def test_a_year_price_in_a_month_is_a_share_of_its_own_year() -> None:
    year = period("2026-01-01", "2027-01-01")
    assert str(used_share(year, period("2026-06-01", "2026-07-01"), 365, "day")) == "30/365"


@pytest.mark.parametrize(
    "empty", [period("2026-03-01", "2026-03-01"), period("2026-03-02", "2026-03-01")]
)
def test_an_empty_period_is_an_error(empty: Period) -> None:
    with pytest.raises(Invalid) as refused:
        used_share(empty, MARCH, 31, "day")
    assert told(refused.value) == ("a period has at least one day", "empty_period", "period")
    with pytest.raises(Invalid):
        used_share(MARCH, MARCH, 0, "day")
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(Invalid) as refused:
        used_seconds((noon, noon), (noon, noon))
    assert told(refused.value) == ("a period ends after it starts", "empty_period", "period")
    second = (noon, noon + timedelta(seconds=1))
    assert used_seconds(second, second) == Share(1, 1)


def told(refusal: Invalid) -> tuple[str, str, str]:
    return refusal.detail, refusal.code, refusal.field


def test_a_period_of_one_day_is_one() -> None:
    day = period("2026-03-01", "2026-03-02")
    assert used_share(day, day, 1, "day") == Share(1, 1)


def test_seconds_between_instants() -> None:
    start = datetime(2026, 4, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    whole = (start, start + 4 * hour)
    assert str(used_seconds(whole, (start + hour, start + 9 * hour))) == "10800/14400"
    assert str(used_seconds(whole, (start - hour, start))) == "0/14400"


@given(st.integers(0, 31))
def test_the_parts_before_and_after_a_change_add_up_to_the_whole(change: int) -> None:
    on = MARCH.start + timedelta(days=change)
    shares = [
        used_share(MARCH, Period(MARCH.start, on), 31, "day"),
        used_share(MARCH, Period(on, MARCH.end), 31, "day"),
    ]
    assert sum(share.fraction for share in shares) == 1
