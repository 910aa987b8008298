from datetime import UTC, date, datetime, timedelta

import pytest

from kesto.core.billing_schedule import BillingSchedule, read_days
from kesto.core.refusals import Invalid

HELSINKI = "Europe/Helsinki"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_each_day_from_an_hour_on_by_the_clock_on_the_wall() -> None:
    daily = BillingSchedule(hour=6)
    assert daily.last_due_on(at("2026-11-05T03:59"), HELSINKI) == date(2026, 11, 4)
    assert daily.last_due_on(at("2026-11-05T04:00"), HELSINKI) == date(2026, 11, 5)


def test_on_days_of_the_month_the_last_one_is_made_up_for() -> None:
    twice = BillingSchedule(days=(1, 15))
    assert twice.last_due_on(at("2026-11-14T12:00"), HELSINKI) == date(2026, 11, 1)
    assert twice.last_due_on(at("2026-11-15T12:00"), HELSINKI) == date(2026, 11, 15)
    assert twice.last_due_on(at("2026-11-30T12:00"), HELSINKI) == date(2026, 11, 15)


@pytest.mark.parametrize(
    ("now", "day"),
    [("2027-02-27T12:00", "2027-01-31"), ("2027-02-28T12:00", "2027-02-28")],
)
def test_a_day_that_a_month_does_not_have_is_its_last(now: str, day: str) -> None:
    assert BillingSchedule(days=(31,)).last_due_on(at(now), HELSINKI) == date.fromisoformat(day)


def test_a_night_that_skips_the_hour_still_has_its_run() -> None:
    early = BillingSchedule(hour=3)  # on 28 March 2027 the clock goes from 3 to 4
    night = at("2027-03-28T00:00")
    days = [early.last_due_on(night + timedelta(minutes=m), HELSINKI) for m in range(0, 180, 10)]
    assert days == sorted(days)
    assert early.last_due_on(at("2027-03-28T00:59"), HELSINKI) == date(2027, 3, 27)
    assert early.last_due_on(at("2027-03-28T01:00"), HELSINKI) == date(2027, 3, 28)


def test_a_night_that_has_the_hour_twice_has_one_run() -> None:
    early = BillingSchedule(hour=3)  # on 25 October 2026 the clock goes from 4 back to 3
    night = at("2026-10-24T22:00")
    days = [early.last_due_on(night + timedelta(minutes=m), HELSINKI) for m in range(0, 300, 10)]
    assert days == sorted(days)
    assert early.last_due_on(at("2026-10-25T00:00"), HELSINKI) == date(2026, 10, 25)


def test_days_are_read_as_people_write_them() -> None:
    assert read_days("") == ()
    assert read_days("15, 1") == read_days("1 15") == (1, 15)
    for wrong in ("0", "32", "monday", "1.5", "-1"):
        with pytest.raises(Invalid) as refused:
            read_days(wrong)
        assert refused.value.field == "billing_days"
