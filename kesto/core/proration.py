"""Shares of a period: how much of it was used."""

from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from kesto.core.calendar import Period, midnight
from kesto.core.refusals import Invalid

ProrationRule = Literal["day", "second", "none"]


class Share(Struct, frozen=True, gc=False):
    """Days (or seconds) used over those of the whole regular period, kept unreduced."""

    used: int
    of: int

    @property
    def fraction(self) -> Fraction:
        """Return the share as a number."""
        return Fraction(self.used, self.of)

    @property
    def is_whole(self) -> bool:
        """Tell whether the whole period was used."""
        return self.used == self.of

    def __str__(self) -> str:
        return f"{self.used}/{self.of}"


def used_share(
    period: Period, used: Period, full_days: int, rule: ProrationRule, zone: str = "UTC"
) -> Share:
    """Return the share of a whole regular period of `full_days` that was used.

    `period` is what is billed (shorter than the regular period when it is the first); the used
    part is cut to it. By `second` the regular period is taken to end where the period ends, so
    days of 23 and 25 hours weigh what they last; by `none` any use is a whole use.
    """
    if period.days <= 0 or full_days <= 0:
        raise Invalid("a period has at least one day", code="empty_period", field="period")
    both = period.overlap(used)
    match rule:
        case "day":
            return Share(both.days if both else 0, full_days)
        case "none":
            return Share(full_days if both else 0, full_days)
        case "second":
            regular_start = date.fromordinal(period.end.toordinal() - full_days)
            of = seconds_between(midnight(regular_start, zone), midnight(period.end, zone))
            if both is None:
                return Share(0, of)
            return Share(seconds_between(midnight(both.start, zone), midnight(both.end, zone)), of)


def used_seconds(period: tuple[datetime, datetime], used: tuple[datetime, datetime]) -> Share:
    """Return the share of a period between two instants that was used, by the second."""
    of = seconds_between(*period)
    if of <= 0:
        raise Invalid("a period ends after it starts", code="empty_period", field="period")
    start, end = max(period[0], used[0]), min(period[1], used[1])
    return Share(max(seconds_between(start, end), 0), of)


def seconds_between(start: datetime, end: datetime) -> int:
    """Return the whole seconds from one instant to another."""
    return int((end - start).total_seconds())
