"""Rating: from what runs to the lines that are due, each with its key and its explanation.

The same functions serve the billing run, a preview and the proof afterwards; only the caller
differs. What is computed for one subscription is remembered for the next one like it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.calendar import Alignment, Interval, Period, Schedule
from kesto.core.catalog import Charged, Price, ProrationRule
from kesto.core.exact import WHOLE, plain, shown
from kesto.core.pricing import Part, price
from kesto.core.proration import Share, used_share

RECURRING = "recurring"
ONE_TIME = "one_time"
MINIMUM = "minimum"
DAY = timedelta(days=1)

REMEMBERED = 32_768
"""How many results of a kind are kept for the next item that has the same."""


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
        return first_on(self.start_on, self.billed_from)


class Stretch(Struct, frozen=True, gc=False, cache_hash=True):
    """Days of one period that fall due together, and their share of a whole regular period."""

    start: date
    end: date
    share: Share


class Rated(Struct, frozen=True, gc=False, cache_hash=True):
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
    """Why a line costs what it costs, as data; `exact` is the amount before rounding.

    `part_of_minor` is what the whole line was billed for, where a credit note takes a part of it.
    `text` is what a person wrote for a line of an invoice that is written by hand.
    """

    quantity: str
    exact: str
    parts: tuple[ExplainedPart, ...] = ()
    share: str = ""
    corrects: int = 0
    was_minor: int = 0
    now_minor: int = 0
    part_of_minor: int = 0
    text: str = ""


_Run = tuple[Cadence, date, date | None, date | None, Interval | None, Charged]
"""When an item's price falls due: cadence, start, end, `billed_from`; interval and charging."""


class Rater:
    """Rates items for one seller; `vat_rate(category, on)` is the seller's rate in percent."""

    def __init__(self, vat_rate: Callable[[str, date], Decimal]) -> None:
        self.vat_rate = vat_rate
        self._rated: dict[tuple[int, Decimal, Stretch], tuple[Rated, ...]] = {}

    def due_lines(self, items: Sequence[Item], after: date | None, through: date) -> list[Line]:
        """The lines that fall due after `after` (None: ever) up to and with `through`."""
        return self.due(items, after, through)[0]

    def due(
        self, items: Sequence[Item], after: date | None, through: date
    ) -> tuple[list[Line], date | None]:
        """The same, and the first day after `through` on which a line falls due (None: never)."""
        lines: list[Line] = []
        days: list[date] = []
        for item in items:
            for sold in item.prices:
                stretches, next_on = _due(_run(item, sold), sold.proration, after, through)
                if next_on is not None:
                    days.append(next_on)
                lines += [
                    Line(item.id, rated)
                    for stretch in stretches
                    for rated in self._rate(sold, item.quantity, stretch)
                ]
        return lines, min(days, default=None)

    def next_due_on(self, items: Sequence[Item], after: date) -> date | None:
        """The first day after `after` on which a line falls due, or None when nothing ever will."""
        days = [
            day
            for item in items
            for sold in item.prices
            if (day := _next_due_on(_run(item, sold), after)) is not None
        ]
        return min(days, default=None)

    def _rate(self, sold: Price, quantity: Decimal, stretch: Stretch) -> tuple[Rated, ...]:
        key = (sold.id.int, quantity, stretch)  # a number is hashed faster than its UUID
        found = self._rated.get(key)
        if found is None:
            if len(self._rated) >= REMEMBERED:
                self._rated.clear()
            found = self._rated[key] = self._computed(sold, quantity, stretch)
        return found

    def _computed(self, sold: Price, quantity: Decimal, stretch: Stretch) -> tuple[Rated, ...]:
        """The line of a price for a stretch, and what its minimum adds as a line of its own."""
        share = stretch.share
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
            kind=ONE_TIME if sold.interval is None else RECURRING,
            period_start=stretch.start,
            period_end=stretch.end,
            part=0,
            revision=1,
            quantity=plain(quantity),
            amount_minor=priced.minor(sold.currency),
            tax_category=category,
            # The rate follows the supply: a period is supplied when it ends.
            tax_rate_percent=plain(self.vat_rate(category, stretch.end - DAY)),
            revenue_account=sold.product.revenue_account,
            explanation=msgspec.json.encode(explanation),
        )
        true_up_minor = priced.true_up_minor(sold.currency)
        if not true_up_minor:
            return (rated,)
        minimum = Explanation(
            quantity="1", exact=shown(priced.minimum or 0), share=explanation.share
        )
        return (rated, _minimum(rated, true_up_minor, minimum))


def _run(item: Item, sold: Price) -> _Run:
    return (
        *(item.cadence, item.start_on, item.end_on, item.billed_from),
        *(sold.interval, sold.charged),
    )


@lru_cache(maxsize=REMEMBERED)
def _due(
    run: _Run, proration: ProrationRule, after: date | None, through: date
) -> tuple[tuple[Stretch, ...], date | None]:
    """What falls due after `after` (None: ever) up to and with `through`, and the next day."""
    return tuple(_stretches(run, proration, after, through)), _next_due_on(run, through)


def _stretches(
    run: _Run, proration: ProrationRule, after: date | None, through: date
) -> Iterator[Stretch]:
    cadence, start_on, end_on, billed_from, interval, charged = run
    first = first_on(start_on, billed_from)
    if interval is None:
        if first <= start_on <= through and (after is None or start_on > after):
            yield _stretch(start_on, start_on + DAY, Share(1, 1))
        return
    schedule = _schedule(cadence, interval)
    # A period due after `after` ends after it; one due by `through` starts by it.
    low = first if after is None or after < first else after
    for index, period in schedule.periods_between(low, through + DAY):
        start = max(period.start, first)
        stop = period.end if end_on is None else min(period.end, end_on)
        due_on = start if charged == "advance" else stop
        if start < stop and due_on <= through and (after is None or due_on > after):
            used = Period(start, stop)
            share = used_share(period, used, schedule.full_days(index), proration, cadence.zone)
            yield _stretch(start, stop, share)


# Equal stretches are one value: what is the same is found fast.
_stretch = lru_cache(maxsize=REMEMBERED)(Stretch)


def _next_due_on(run: _Run, after: date) -> date | None:
    cadence, start_on, end_on, billed_from, interval, charged = run
    first = first_on(start_on, billed_from)
    if end_on is not None and end_on <= first:
        return None
    if interval is None:
        return start_on if start_on > after and start_on >= first else None
    schedule = _schedule(cadence, interval)
    if charged == "advance":
        if first > after:
            return first
        day = _boundary_after(schedule, after)
        return day if end_on is None or day < end_on else None
    if end_on is not None and end_on <= after:
        return None
    day = _boundary_after(schedule, max(after, first))
    return day if end_on is None or day < end_on else end_on


def _boundary_after(schedule: Schedule, day: date) -> date:
    return schedule.boundary(schedule.index_at(day) + 1)


def _schedule(cadence: Cadence, interval: Interval) -> Schedule:
    return Schedule(
        start=cadence.start_on,
        interval=interval,
        alignment=cadence.alignment,
        billing_day=cadence.billing_day,
        anchor=cadence.anchor,
    )


def first_on(start_on: date, billed_from: date | None) -> date:
    """The first day that is ours to bill."""
    return start_on if billed_from is None else max(start_on, billed_from)


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
