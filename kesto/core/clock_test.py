"""Which day an instant lies in, where the time zone of a subscription changes."""

from datetime import UTC, date, datetime

import pytest

from kesto.core.clock import Clock, read_clock
from kesto.core.item import ZoneFrom


def clock(first: str, *later: str) -> Clock:
    return Clock(first, tuple(ZoneFrom(date(2027, 3, 10 * n), z) for n, z in enumerate(later, 1)))


@pytest.mark.parametrize(
    ("own", "at", "day"),
    [
        (clock("Europe/Helsinki"), "2027-03-09T21:59", "2027-03-09"),
        (clock("Europe/Helsinki"), "2027-03-09T22:00", "2027-03-10"),
        # To the west: the day of the change is long, and holds the evening that comes again.
        (clock("Pacific/Auckland", "America/New_York"), "2027-03-09T10:59", "2027-03-09"),
        (clock("Pacific/Auckland", "America/New_York"), "2027-03-09T11:00", "2027-03-10"),
        (clock("Pacific/Auckland", "America/New_York"), "2027-03-11T04:59", "2027-03-10"),
        (clock("Pacific/Auckland", "America/New_York"), "2027-03-11T05:00", "2027-03-11"),
        # To the east: it is short.
        (clock("America/New_York", "Pacific/Auckland"), "2027-03-10T04:59", "2027-03-09"),
        (clock("America/New_York", "Pacific/Auckland"), "2027-03-10T05:00", "2027-03-10"),
        (clock("America/New_York", "Pacific/Auckland"), "2027-03-10T11:00", "2027-03-11"),
        # And back again.
        (clock("UTC", "Asia/Tokyo", "UTC"), "2027-03-19T14:59", "2027-03-19"),
        (clock("UTC", "Asia/Tokyo", "UTC"), "2027-03-19T15:00", "2027-03-20"),
        (clock("UTC", "Asia/Tokyo", "UTC"), "2027-03-20T23:59", "2027-03-20"),
        (clock("UTC", "Asia/Tokyo", "UTC"), "2027-03-21T00:00", "2027-03-21"),
    ],
)
def test_an_instant_lies_in_the_day_that_its_periods_begin_by(
    own: Clock, at: str, day: str
) -> None:
    assert own.day_of(datetime.fromisoformat(at).replace(tzinfo=UTC)) == date.fromisoformat(day)


def test_a_clock_is_read_as_it_is_kept() -> None:
    later = '[{"on": "2027-03-10", "zone": "Asia/Tokyo"}, {"on": "2027-03-20", "zone": "UTC"}]'
    assert read_clock("Europe/Oslo", later) == clock("Europe/Oslo", "Asia/Tokyo", "UTC")
    assert read_clock("Europe/Oslo", "[]") == clock("Europe/Oslo")
