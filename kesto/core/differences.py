"""What a change makes of the bills to come: what it costs once, and what at every regular bill.

The bills with the change are set against those without it, day by day, as far as both are known.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct

Every = Literal["week", "month", "year", "bill"]

_MONTH_DAYS = range(28, 32)
_YEAR_DAYS = range(365, 367)
_WEEK_DAYS = 7


class Outlook(NamedTuple):
    """The bills that lie ahead as (day, total in minor units); whether more come after them."""

    bills: Sequence[tuple[date, int]]
    goes_on: bool


class Differences(Struct, frozen=True):
    """Days with a difference of their own, then what each regular bill from a day on differs by.

    `regular_from` is None where nothing regular follows or nobody can say it yet.
    """

    once: tuple[tuple[date, int], ...] = ()
    regular_from: date | None = None
    regular_minor: int = 0
    every: Every = "bill"

    @property
    def seen_to(self) -> date | None:
        """The first day from which all bills differ alike, else the last that was looked at."""
        return self.regular_from or (self.once[-1][0] if self.once else None)


def differences(after: Outlook, before: Outlook) -> Differences:
    """Set the bills with a change against those without it."""
    goes_on = [one for one in (after, before) if one.goes_on]
    last = _horizon(after, before)
    if last is None:
        return Differences()
    sums: dict[date, int] = {}
    for sign, outlook in ((1, after), (-1, before)):
        for day, total_minor in outlook.bills:
            if day <= last:
                sums[day] = sums.get(day, 0) + sign * total_minor
    days = sorted(sums)
    billed = [{day for day, _ in one.bills} for one in goes_on]
    if not billed or any(days[-1] not in found for found in billed):
        # Nothing goes on, or the bills do not come on the same days: nothing regular can be told.
        return Differences(tuple((day, sums[day]) for day in days if sums[day]))
    regular_minor = sums[days[-1]]
    first = len(days)
    while first and sums[days[first - 1]] == regular_minor:
        first -= 1
    return Differences(
        tuple((day, sums[day]) for day in days[:first] if sums[day]),
        days[first],
        regular_minor,
        _every(days[-1], goes_on),
    )


def _horizon(after: Outlook, before: Outlook) -> date | None:
    """How far both are known: where one has no more bills, it is nothing from there on."""
    known = [one for one in (after, before) if one.bills]
    lasts = [one.bills[-1][0] for one in known if one.goes_on]
    if lasts:
        return min(lasts)
    return max((one.bills[-1][0] for one in known), default=None)


def _every(day: date, outlooks: Sequence[Outlook]) -> Every:
    """How often regular bills come, by the one next to a regular day."""
    for outlook in outlooks:
        days = [one for one, _ in outlook.bills]
        place = days.index(day)
        near = days[place + 1] if place + 1 < len(days) else days[place - 1] if place else day
        apart = abs((near - day).days)
        if apart in _MONTH_DAYS:
            return "month"
        if apart in _YEAR_DAYS:
            return "year"
        if apart == _WEEK_DAYS:
            return "week"
    return "bill"
