"""The days on which something is delivered: counted from one day, whatever happens later."""

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct

from kesto.core.calendar import MONTHS, Interval, Schedule
from kesto.core.catalog import DeliverySchedule

ONE_DAY = timedelta(days=1)
ISO_MONDAY = 1
DAYS_OF_A_WEEK = 7
MONTH = Interval("month")


class Rhythm(Struct, frozen=True, gc=False, omit_defaults=True, cache_hash=True):
    """When an item is delivered: a schedule counted from `start_on`, not before `first_on`.

    `skips` are days that the subscriber skipped; they stay delivery days.
    """

    schedule: DeliverySchedule
    start_on: date
    first_on: date
    skips: tuple[date, ...] = ()

    def days(self, from_on: date, until_on: date) -> Iterator[date]:
        """The delivery days in `[from_on, until_on)`, skipped ones too."""
        low = max(from_on, self.first_on)
        if low >= until_on:
            return
        for _, period in self._grid().periods_between(low, until_on):
            if period.start >= low:
                yield period.start

    def last_change_on(self, day: date) -> date:
        """The last day, to its end, on which a delivery can still be changed."""
        return day - timedelta(days=self.schedule.cut_off_days)

    def _grid(self) -> Schedule:
        """Periods that begin with a delivery each; in a short month it is the last day."""
        interval, day = self.schedule.interval, self.schedule.day
        if interval.unit not in MONTHS:
            return Schedule(self._first_weekday(), interval)
        day = day or self.start_on.day
        first = Schedule(self.start_on, MONTH, "billing_day", day)
        start = self.start_on if first.full_days(0) == first.period(0).days else first.boundary(1)
        return Schedule(start, interval, "billing_day", day)

    def _first_weekday(self) -> date:
        """The first day from the start on that is the week's delivery day, or the start itself."""
        day = self.schedule.day
        if self.schedule.interval.unit != "week" or not day:
            return self.start_on
        ahead = (day - ISO_MONDAY - self.start_on.weekday()) % DAYS_OF_A_WEEK
        return self.start_on + timedelta(days=ahead)
