"""When a price falls due: the stretches of days that are billed together, and the next day."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from kesto.core.calendar import Interval, Period, Schedule, midnight
from kesto.core.catalog import WHOLE_PERCENT, Charged, Price, ProrationRule
from kesto.core.exact import fraction, shown
from kesto.core.item import Cadence, Course, Item, first_on
from kesto.core.proration import Share, seconds_between, used_share

DAY = timedelta(days=1)

REMEMBERED = 32_768
"""How many results of a kind are kept for the next item that has the same."""


class Stretch(Struct, frozen=True, gc=False, cache_hash=True):
    """Days of one period that fall due together, and their share of a whole regular period."""

    start: date
    end: date
    share: Share


class Weight(Struct, frozen=True, gc=False):
    """What days weigh of a whole regular period, paused and reduced ones less than others."""

    used: Fraction
    of: int

    @property
    def fraction(self) -> Fraction:
        """The weight as a number."""
        return self.used / self.of

    def __str__(self) -> str:
        return f"{shown(self.used)}/{self.of}"


_Run = tuple[Cadence, date, date | None, date | None, Interval | None, Charged]
"""When an item's price falls due: cadence, start, end, `billed_from`; interval and charging."""


Fallen = tuple[Item, Price, tuple[Stretch, ...]]
"""What falls due of one price of an item."""


def fallen_due(
    items: Sequence[Item], after: date | None, through: date
) -> tuple[list[Fallen], date | None]:
    """What falls due of each price of each item, as `due_stretches` has it, and the next day."""
    fallen: list[Fallen] = []
    next_days: list[date] = []
    before: tuple[object, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    for item in items:
        for sold in item.prices:
            # What began together falls due together: it is looked up once, for all.
            run = (
                item.cadence,
                item.start_on,
                item.end_on,
                item.billed_from,
                item.course,
                sold.interval,
                sold.charged,
                sold.proration,
            )
            if run != before:
                stretches, next_on = due_stretches(item, sold, after, through)
                before = run
                if next_on is not None:
                    next_days.append(next_on)
            fallen.append((item, sold, stretches))
    return fallen, min(next_days, default=None)


def due_stretches(
    item: Item, sold: Price, after: date | None, through: date
) -> tuple[tuple[Stretch, ...], date | None]:
    """What falls due after `after` (None: ever) up to and with `through`, and the next day."""
    if item.course is None:
        return _due(_run(item, sold), sold.proration, after, through)
    found: list[Stretch] = []
    next_days: list[date] = []
    for run in _runs(item, sold):
        stretches, next_on = _due(run, sold.proration, after, through)
        found += stretches
        if next_on is not None:
            next_days.append(next_on)
    return tuple(found), min(next_days, default=None)


def next_due_on(item: Item, sold: Price, after: date) -> date | None:
    """The first day after `after` on which a line falls due, or None when none ever will."""
    if item.course is None:
        return _next_due_on(_run(item, sold), after)
    days = [day for run in _runs(item, sold) if (day := _next_due_on(run, after)) is not None]
    return min(days, default=None)


def weight(
    course: Course, stretch: Stretch, from_on: date, rule: ProrationRule, zone: str
) -> Weight:
    """What the days of a stretch from one of them on weigh, by what is charged on each."""
    spans = list(_spans(course, max(from_on, stretch.start), stretch.end))
    if rule == "none":  # any use is a whole use
        most = max((percent for _, _, percent in spans), default=Fraction(0))
        return Weight(stretch.share.of * most, stretch.share.of)
    used = Fraction(0)
    for start, end, percent in spans:
        if rule == "second":
            size = seconds_between(midnight(start, zone), midnight(end, zone))
        else:
            size = (end - start).days
        used += size * percent
    return Weight(used, stretch.share.of)


class Deliveries(NamedTuple):
    """How many deliveries a stretch has, and how many of them are credited as skipped."""

    skipped: int
    of: int

    @property
    def share(self) -> Fraction:
        """The part of the price that is left: each delivery is an equal part of it."""
        return Fraction(self.of - self.skipped, self.of) if self.of else Fraction(1)


def deliveries_in(course: Course, stretch: Stretch) -> Deliveries:
    """The deliveries of a stretch: there is none on a paused day."""
    if course.rhythm is None:
        return Deliveries(0, 0)
    skips = course.rhythm.skips
    days = [
        day
        for day in course.rhythm.days(stretch.start, stretch.end)
        if course.pause_at(day) is None
    ]
    return Deliveries(sum(day in skips for day in days), len(days))


def paused_days(course: Course, stretch: Stretch) -> int:
    """How many days of a stretch are paused."""
    return sum(
        (end - start).days
        for start, end in _pieces(course, stretch.start, stretch.end)
        if course.pause_at(start) is not None
    )


def _spans(course: Course, start: date, end: date) -> Iterator[tuple[date, date, Fraction]]:
    """Cut days where pauses begin and end; each span with the part of the price it is charged."""
    whole = _part(course.percent)
    for first, last in _pieces(course, start, end):
        pause = course.pause_at(first)
        yield first, last, whole if pause is None else whole * _part(pause.percent)


@lru_cache(maxsize=REMEMBERED)
def _part(percent: Decimal) -> Fraction:
    return fraction(percent) / fraction(WHOLE_PERCENT)


def _pieces(course: Course, start: date, end: date) -> Iterator[tuple[date, date]]:
    edges = {start, end}
    for pause in course.pauses:
        edges |= {day for day in (pause.start, pause.end) if day is not None and start < day < end}
    return pairwise(sorted(edges))


def _run(item: Item, sold: Price) -> _Run:
    return (
        *(item.cadence, item.start_on, item.end_on, item.billed_from),
        *(sold.interval, sold.charged),
    )


def _runs(item: Item, sold: Price) -> Iterator[_Run]:
    if sold.interval is None and item.course is not None and item.course.carries_on:
        return
    for segment in item.segments():
        yield (
            *(segment.cadence, segment.start_on, segment.end_on, item.billed_from),
            *(sold.interval, sold.charged),
        )
        if sold.interval is None:  # once, and not again in each segment
            return


@lru_cache(maxsize=REMEMBERED)
def _due(
    run: _Run, proration: ProrationRule, after: date | None, through: date
) -> tuple[tuple[Stretch, ...], date | None]:
    return tuple(_stretches(run, proration, after, through)), _next_due_on(run, through)


def _stretches(
    run: _Run, proration: ProrationRule, after: date | None, through: date
) -> Iterator[Stretch]:
    cadence, start_on, end_on, billed_from, interval, charged = run
    first = first_on(start_on, billed_from)
    if end_on is not None and end_on <= start_on:
        return
    if interval is None:
        if first <= start_on <= through and (after is None or start_on > after):
            yield _stretch(start_on, start_on + DAY, Share(1, 1))
        return
    schedule = cadence.schedule(interval)
    # A period due after `after` ends after it; one due by `through` starts by it.
    low = first if after is None or after < first else after
    until = through + DAY if end_on is None else min(through + DAY, end_on)
    for index, period in schedule.periods_between(low, until):
        start = max(period.start, first)
        stop = period.end if end_on is None else min(period.end, end_on)
        due_on = start if charged == "advance" else stop
        if start < stop and due_on <= through and (after is None or due_on > after):
            used = Period(start, stop)
            # Only the first is cut by the start of all; from then on each is a whole regular one.
            full_days = period.days if index else schedule.full_days(0)
            share = used_share(period, used, full_days, proration, cadence.zone)
            yield _stretch(start, stop, share)


# Equal stretches are one value: what is the same is found fast.
_stretch = lru_cache(maxsize=REMEMBERED)(Stretch)


def _next_due_on(run: _Run, after: date) -> date | None:
    cadence, start_on, end_on, billed_from, interval, charged = run
    first = first_on(start_on, billed_from)
    if interval is not None:
        first = max(first, cadence.start_on)  # a trial comes before the periods
    if end_on is not None and end_on <= first:
        return None
    if interval is None:
        return start_on if start_on > after and start_on >= first else None
    if charged == "advance" and first > after:
        return first
    day = _boundary_after(cadence.schedule(interval), max(after, first))
    if end_on is None or day < end_on:
        return day
    return end_on if charged == "arrears" and end_on > after else None


def _boundary_after(schedule: Schedule, day: date) -> date:
    return schedule.boundary(schedule.index_at(day) + 1)
