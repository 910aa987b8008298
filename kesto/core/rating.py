"""Rating: from what runs to the lines that are due, each with its key and its explanation.

The same functions serve the billing run, a preview and the proof afterwards; only the caller
differs. What is computed for one subscription is remembered for the next one like it.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.calendar import Period, Schedule
from kesto.core.catalog import Price
from kesto.core.exact import WHOLE, shown
from kesto.core.pricing import Part, price
from kesto.core.proration import Share, used_share
from kesto.core.subscription import Alignment

RECURRING = "recurring"
ONE_TIME = "one_time"
MINIMUM = "minimum"
DAY = timedelta(days=1)


class Cadence(Struct, frozen=True, gc=False):
    """How a subscription cuts time: its start, its alignment, and the zone of its days."""

    start_on: date
    alignment: Alignment = "anniversary"
    billing_day: int = 0
    anchor: date | None = None
    zone: str = "UTC"


class Item(Struct, frozen=True, gc=False):
    """Prices that run in a quantity from `start_on` to before `end_on` (None: on and on)."""

    id: UUID
    prices: tuple[Price, ...]
    quantity: Decimal
    cadence: Cadence
    start_on: date
    end_on: date | None = None
    billed_from: date | None = None

    @property
    def first_on(self) -> date:
        """The first day that is ours to bill."""
        return max(self.start_on, self.billed_from or self.start_on)


class Rated(Struct, frozen=True, gc=False):
    """A price for a period, computed; the same for every item that has the same."""

    price_id: UUID
    product_id: UUID
    kind: str
    period_start: date
    period_end: date
    part: int
    revision: int
    quantity: Decimal
    amount_minor: int
    tax_category: str
    tax_rate_percent: Decimal
    revenue_account: str
    explanation: bytes


class Key(NamedTuple):
    """What a due line is the line of; wording and amounts take no part in it."""

    item_id: UUID
    price_id: UUID
    kind: str
    period_start: date
    part: int


class Line(Struct, frozen=True, gc=False):
    """A due line: an item and what was computed for it."""

    item_id: UUID
    rated: Rated

    @property
    def key(self) -> Key:
        """The key under which the line is billed."""
        rated = self.rated
        return Key(self.item_id, rated.price_id, rated.kind, rated.period_start, rated.part)


class ExplainedPart(Struct, frozen=True, omit_defaults=True):
    """A part of an amount: `quantity` x `unit_amount` + `flat_amount`, as decimal strings."""

    what: str
    quantity: str
    amount: str
    unit_amount: str = "0"
    flat_amount: str = "0"


class Explanation(Struct, frozen=True, omit_defaults=True):
    """Why a line costs what it costs, as data; `exact` is the amount before rounding."""

    quantity: str
    exact: str
    parts: tuple[ExplainedPart, ...] = ()
    share: str = ""
    corrects: int = 0
    was_minor: int = 0
    now_minor: int = 0


class Rater:
    """Rates items for one seller; `vat_rate(category, on)` is the seller's rate in percent."""

    def __init__(self, vat_rate: Callable[[str, date], Decimal]) -> None:
        self.vat_rate = vat_rate
        self._schedules: dict[tuple[Cadence, str, int], Schedule] = {}
        self._periods: dict[tuple[Schedule, date, date], list[tuple[int, Period]]] = {}
        self._rated: dict[tuple[UUID, Decimal, date, date, int, str], tuple[Rated, ...]] = {}

    def due_lines(self, items: Sequence[Item], after: date | None, through: date) -> list[Line]:
        """The lines that fall due after `after` (None: ever) up to and with `through`."""
        lines: list[Line] = []
        for item in items:
            for sold in item.prices:
                if sold.interval is None:
                    self._one_time(item, sold, after, through, lines)
                else:
                    self._recurring(item, sold, after, through, lines)
        return lines

    def next_due_on(self, items: Sequence[Item], after: date) -> date | None:
        """The first day after `after` on which a line falls due, or None when nothing ever will."""
        days = [
            day
            for item in items
            for sold in item.prices
            if (day := self._next_due_on(item, sold, after)) is not None
        ]
        return min(days, default=None)

    def _recurring(
        self, item: Item, sold: Price, after: date | None, through: date, lines: list[Line]
    ) -> None:
        first, end = item.first_on, item.end_on
        schedule = self._schedule(item, sold)
        in_advance = sold.charged == "advance"
        # A period due after `after` ends after it; one due by `through` starts by it.
        low = first if after is None or after < first else after
        for index, period in self._between(schedule, low, through + DAY):
            start = first if first > period.start else period.start
            stop = end if end is not None and end < period.end else period.end
            due_on = start if in_advance else stop
            if start < stop and due_on <= through and (after is None or due_on > after):
                rated = self._rate(item, sold, schedule, index, start, stop)
                lines.extend([Line(item.id, found) for found in rated])

    def _rate(
        self, item: Item, sold: Price, schedule: Schedule, index: int, start: date, stop: date
    ) -> tuple[Rated, ...]:
        full_days = schedule.full_days(index)
        key = (sold.id, item.quantity, start, stop, full_days, item.cadence.zone)
        found = self._rated.get(key)
        if found is None:
            share = used_share(
                schedule.period(index),
                Period(start, stop),
                full_days,
                sold.proration,
                item.cadence.zone,
            )
            found = self._rated[key] = self._computed(
                sold, item.quantity, RECURRING, Period(start, stop), share
            )
        return found

    def _one_time(
        self, item: Item, sold: Price, after: date | None, through: date, lines: list[Line]
    ) -> None:
        day = item.start_on
        if day >= item.first_on and day <= through and (after is None or day > after):
            period = Period(day, day + DAY)
            rated = self._computed(sold, item.quantity, ONE_TIME, period, Share(1, 1))
            lines.extend([Line(item.id, found) for found in rated])

    def _computed(
        self, sold: Price, quantity: Decimal, kind: str, period: Period, share: Share
    ) -> tuple[Rated, ...]:
        """The line of a price for a period, and what its minimum adds as a line of its own."""
        priced = price(sold.spec, quantity, share=WHOLE if share.is_whole else share.fraction)
        explanation = Explanation(
            quantity=shown(quantity),
            exact=shown(priced.exact),
            parts=tuple(_explained(part) for part in priced.parts),
            share="" if share.is_whole else str(share),
        )
        category = sold.product.tax_category
        rated = Rated(
            price_id=sold.id,
            product_id=sold.product.id,
            kind=kind,
            period_start=period.start,
            period_end=period.end,
            part=0,
            revision=1,
            quantity=quantity,
            amount_minor=priced.minor(sold.currency),
            tax_category=category,
            # The rate follows the supply: a period is supplied when it ends.
            tax_rate_percent=self.vat_rate(category, period.end - DAY),
            revenue_account=sold.product.revenue_account,
            explanation=msgspec.json.encode(explanation),
        )
        true_up_minor = priced.true_up_minor(sold.currency)
        if not true_up_minor:
            return (rated,)
        minimum = Explanation(quantity="1", exact=shown(priced.minimum or 0), share=explanation.share)
        return (rated, _minimum(rated, true_up_minor, minimum))

    def _next_due_on(self, item: Item, sold: Price, after: date) -> date | None:
        first, end = item.first_on, item.end_on
        if end is not None and end <= first:
            return None
        if sold.interval is None:
            return item.start_on if item.start_on > after and item.start_on >= first else None
        if sold.charged == "advance":
            if first > after:
                return first
            day = self._boundary_after(item, sold, after)
            return day if end is None or day < end else None
        if end is not None and end <= after:
            return None
        day = self._boundary_after(item, sold, max(after, first))
        return day if end is None or day < end else end

    def _boundary_after(self, item: Item, sold: Price, day: date) -> date:
        schedule = self._schedule(item, sold)
        return schedule.boundary(schedule.index_at(day) + 1)

    def _schedule(self, item: Item, sold: Price) -> Schedule:
        interval = sold.interval
        if interval is None:
            raise TypeError(f"a one-time price has no schedule: {sold.code}")
        cadence = item.cadence
        key = (cadence, interval.unit, interval.count)
        schedule = self._schedules.get(key)
        if schedule is None:
            schedule = self._schedules[key] = Schedule(
                start=cadence.start_on,
                interval=interval,
                alignment=cadence.alignment,
                billing_day=cadence.billing_day,
                anchor=cadence.anchor,
            )
        return schedule

    def _between(self, schedule: Schedule, low: date, high: date) -> list[tuple[int, Period]]:
        key = (schedule, low, high)
        found = self._periods.get(key)
        if found is None:
            found = self._periods[key] = schedule.periods_between(low, high)
        return found


def _minimum(rated: Rated, amount_minor: int, explanation: Explanation) -> Rated:
    return msgspec.structs.replace(
        rated,
        kind=MINIMUM,
        quantity=Decimal(1),
        amount_minor=amount_minor,
        explanation=msgspec.json.encode(explanation),
    )


def _explained(part: Part) -> ExplainedPart:
    return ExplainedPart(
        part.what,
        shown(part.quantity),
        shown(part.amount),
        shown(part.unit_amount),
        shown(part.flat_amount),
    )
