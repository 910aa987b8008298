"""When billing runs come by themselves: each day or on days of the month, from an hour on."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from kesto.core.calendar import DAYS_OF_EVERY_MONTH, LAST_BILLING_DAY
from kesto.core.refusals import Invalid

LAST_HOUR = 23
DAY = timedelta(days=1)


class BillingSchedule(Struct, frozen=True):
    """The days of the month (none: each day) and the hour from which on a run comes.

    A day that a month does not have is its last one.
    """

    hour: int = 0
    days: tuple[int, ...] = ()

    def last_due_on(self, now: datetime, zone: str) -> date:
        """The last day whose run has come, by the clock on the wall of a zone.

        An hour that a night skips has come with the next one, and one that comes twice has come
        with the first. Whoever asks again gets the same day, so each day's run comes once, and
        after days without anybody asking one run makes up for all of them.
        """
        local = now.astimezone(ZoneInfo(zone))
        day = local.date() if local.hour >= self.hour else local.date() - DAY
        while not self._has(day):
            day -= DAY
        return day

    def _has(self, day: date) -> bool:
        if not self.days or day.day in self.days:
            return True
        is_last = day.day >= DAYS_OF_EVERY_MONTH and (day + DAY).month != day.month
        return is_last and any(one > day.day for one in self.days)


def checked_hour(hour: int, field: str) -> int:
    """An hour of the day. Raises Invalid."""
    if not 0 <= hour <= LAST_HOUR:
        raise Invalid(f"give an hour, 0 to {LAST_HOUR}", code="bad_hour", field=field)
    return hour


def read_days(text: str) -> tuple[int, ...]:
    """Days of the month as people write them: `1, 15`; none is each day. Raises Invalid."""
    words = text.replace(",", " ").split()
    days = sorted({int(word) for word in words if word.isascii() and word.isdigit()})
    if len(days) < len(set(words)) or not all(1 <= day <= LAST_BILLING_DAY for day in days):
        raise Invalid(
            "give days of the month, such as 1, 15", code="bad_billing_days", field="billing_days"
        )
    return tuple(days)
