"""Day by day what a subscription costs, told from its events alone: nothing of Life or rating.

It knows plans, quantities, pauses and payers by day, and adds up price x quantity x percent / days
of the regular period for prices that are flat or per unit and prorated by day. Days on which
nothing begins or ends are alike and are counted together.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.calendar import Alignment, Interval
from kesto.core.catalog import Price
from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    BillingDayChanged,
    CalledOff,
    Cancelled,
    ExtraAdded,
    ItemStart,
    Paused,
    PlanChanged,
    QuantityChanged,
    Renewed,
    Resumed,
    Subscribed,
    SubscriptionEvent,
    Told,
    Transferred,
    Withdrawn,
)
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.per_unit import PerUnit
from tests.simulator.usage import MeteredDays
from tests.simulator.wares import PRICES

DAY = timedelta(days=1)
Weights = dict[tuple[UUID, UUID, int], Decimal]
"""By group, price and days of the regular period: quantity x percent, a day each."""


class Grid(Struct, frozen=True):
    """How periods are cut: from when, how, and around which day."""

    start_on: date
    alignment: Alignment = "anniversary"
    billing_day: int = 0
    anchor: date | None = None


class Running(Struct):
    """A plan's phase or an add-on as it is on a day; it costs nothing before its grid starts."""

    owner_id: UUID
    quantity: Decimal
    grid: Grid
    percent: Decimal
    phase: int
    from_on: date
    to_on: date
    is_new: bool = True


class Diary:
    """A subscription's state, day after day."""

    def __init__(self, told: Sequence[Told], group_id: UUID) -> None:
        gone = {one.event.seq for one in told if isinstance(one.event, CalledOff)}
        self.events: dict[date, list[SubscriptionEvent]] = defaultdict(list)
        for one in sorted(told, key=lambda one: one.seq):
            if one.seq not in gone and not isinstance(one.event, CalledOff):
                self.events[one.event.on].append(one.event)
        begun = next(one.event for one in told if isinstance(one.event, Subscribed))
        self.begun = begun
        self.first_group_id = self.group_id = group_id
        self.end_on = begun.end_on
        self.grid = Grid(
            begun.cadence_on or begun.start_on, begun.alignment, begun.billing_day, begun.anchor
        )
        self.phases: list[Running] = []
        self.add_ons: dict[str, Running] = {}
        self.pauses: list[Paused] = []
        self.is_undone = False
        self.once: dict[tuple[UUID, UUID], int] = defaultdict(int)
        self.metered = MeteredDays(told, begun.zone)

    def weights(self, last_on: date) -> Weights:
        """What the days weigh up to and with one."""
        found: Weights = defaultdict(Decimal)
        day = self.begun.start_on
        while day <= last_on:
            for event in self.events.get(day, ()):
                self._apply(event, day)
            if self.is_undone:
                self.once.clear()
                self.metered.pieces.clear()
                return {}
            if self.end_on is not None and day >= self.end_on:
                break
            until = min(self._alike_until(day), last_on + DAY)
            if self.begun.billed_from is None or day >= self.begun.billed_from:
                self._count(day, until, found)
            for running in (*self._phases_on(day), *self.add_ons.values()):
                running.is_new = False
            day = until
        return found

    def _alike_until(self, day: date) -> date:
        """The next day on which anything may begin or end."""
        changes = [on for on in self.events if on > day]
        changes += [one for one in (self.begun.billed_from, self.end_on) if one and one > day]
        changes += [one.until for one in self.pauses if one.until and one.until > day]
        for running in (*self.phases, *self.add_ons.values()):
            edges = (running.from_on, running.to_on, running.grid.start_on)
            changes += [edge for edge in edges if edge > day]
        return min(changes, default=date.max)

    def extras(self) -> Mapping[UUID, int]:
        """What was sold once beside the plan, by group; `weights` comes first."""
        found: dict[UUID, int] = defaultdict(int)
        begun = self.begun.start_on
        last_on = begun if self.is_undone else max((self.end_on or date.max) - DAY, begun)
        for day, events in self.events.items():
            for event in events:
                if not isinstance(event, ExtraAdded):
                    continue
                if event.reason == "early_termination" and day != last_on:
                    continue
                exact = event.unit_amount * event.quantity * 100
                found[self._payer_on(day)] += int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        return found

    def _payer_on(self, day: date) -> UUID:
        group_id = self.first_group_id
        for on in sorted(self.events):
            for event in self.events[on]:
                if isinstance(event, Transferred) and on <= day:
                    group_id = event.group_id
        return group_id

    def _phases_on(self, day: date) -> list[Running]:
        return [one for one in self.phases if one.from_on <= day < one.to_on]

    def _count(self, day: date, until: date, found: Weights) -> None:
        pause = next(
            (one for one in reversed(self.pauses) if one.until is None or day < one.until), None
        )
        part = Decimal(1) if pause is None else pause.percent / 100
        for one in (*self._phases_on(day), *self.add_ons.values()):
            for sold in _once(one.owner_id, one.phase) if one.is_new else ():
                self.once[self.group_id, sold.id] += int(_amount(sold) * 100)
            if day < one.grid.start_on:
                continue
            for sold in _metered(one.owner_id):
                self.metered.pieces[self.group_id, sold.id].append((day, until))
            for sold in _accruing(one.owner_id, one.phase):
                quantity = Decimal(1) if isinstance(sold.spec.model, Flat) else one.quantity
                weight = quantity * one.percent / 100 * part
                if weight:
                    interval = sold.interval or Interval("month")
                    for days, size in _by_period(one.grid, interval, day, until):
                        found[self.group_id, sold.id, size] += weight * days

    def _apply(self, event: SubscriptionEvent, day: date) -> None:
        match event:
            case Subscribed(items=items):
                for item in items:
                    self._start(item, day, Decimal(item.quantity))
            case PlanChanged():
                self._change_plan(event, day)
            case QuantityChanged(code="", quantity=quantity):
                for one in self.phases:
                    one.quantity = Decimal(quantity)
            case QuantityChanged(code=code, quantity=quantity) if code in self.add_ons:
                self.add_ons[code].quantity = Decimal(quantity)
            case AddOnAdded(item=item):
                self._start(item, day, Decimal(item.quantity))
            case AddOnRemoved(code=code):
                self.add_ons.pop(code, None)
            case _:
                self._apply_time(event, day)

    def _apply_time(self, event: SubscriptionEvent, day: date) -> None:
        match event:
            case Paused():
                self.pauses.append(event)
            case Resumed():
                self.pauses.clear()
            case Transferred(group_id=group_id):
                self.group_id = group_id
            case BillingDayChanged(alignment=alignment, billing_day=billing_day, anchor=anchor):
                self.grid = Grid(day, alignment, billing_day, anchor)
                for running in (*self.phases, *self.add_ons.values()):
                    running.grid = self.grid
            case _:
                self._end(event)

    def _end(self, event: SubscriptionEvent) -> None:
        match event:
            case Withdrawn(on=on, pays_for_use=False):
                self.is_undone = self.end_on is None or on < self.end_on
            case Cancelled(on=on) | Withdrawn(on=on):
                self.end_on = on if self.end_on is None else min(self.end_on, on)
            case Renewed(on=on, months=months) if self.end_on is not None:
                self.end_on = _months_later(on, months) if months else None

    def _change_plan(self, event: PlanChanged, day: date) -> None:
        before = next((one for one in self.phases if one.from_on <= day < one.to_on), None)
        self.phases.clear()
        for code in event.dropped:
            self.add_ons.pop(code, None)
        if event.is_new_cadence or day < self.grid.start_on:
            self.grid = replace(self.grid, start_on=day)
        for item in event.items:
            keeps = before is not None and event.keeps_quantity
            self._start(item, day, before.quantity if before and keeps else Decimal(item.quantity))

    def _start(self, item: ItemStart, day: date, quantity: Decimal) -> None:
        from_on = day + timedelta(days=item.after_days)
        to_on = from_on + timedelta(days=item.for_days) if item.for_days else date.max
        grid = self.grid
        if item.kind == "plan" and from_on < grid.start_on:
            grid = Grid(from_on)
        one = Running(item.owner_id, quantity, grid, item.percent, item.phase, from_on, to_on)
        if item.kind == "plan":
            self.phases.append(one)
        else:
            self.add_ons[item.code] = one


def exact_minor(weights: Weights) -> Mapping[tuple[UUID, UUID], Fraction]:
    """What the days cost in minor units, by group and price, before anything is rounded."""
    amounts = {sold.id: _amount(sold) for sold in _all_prices()}
    found: dict[tuple[UUID, UUID], Fraction] = defaultdict(Fraction)
    for (group_id, price_id, days), weight in weights.items():
        found[group_id, price_id] += Fraction(amounts[price_id]) * Fraction(weight) * 100 / days
    return found


def accrues(sold: Price) -> bool:
    """Whether a price is one that a day costs a part of."""
    is_linear = isinstance(sold.spec.model, Flat | PerUnit)
    is_recurring = sold.interval is not None and not sold.meter
    return is_recurring and sold.proration == "day" and is_linear


def _by_period(grid: Grid, interval: Interval, day: date, until: date) -> Iterator[tuple[int, int]]:
    """Days cut by regular periods: how many in each, and how many the whole period has."""
    while day < until:
        size, end = regular_period(grid, interval, day)
        stop = min(end, until)
        yield (stop - day).days, size
        day = stop


def regular_period(grid: Grid, interval: Interval, day: date) -> tuple[int, date]:
    """How many days the regular period has that a day lies in, and the day after its last."""
    size = interval.count * {"day": 1, "week": 7, "month": 1, "year": 12}[interval.unit]
    origin = grid.start_on
    if interval.unit in {"day", "week"}:
        return size, date.max  # all are alike
    number = origin.day
    if grid.alignment == "anchor" and grid.anchor is not None:
        origin, number = grid.anchor, grid.anchor.day
    elif grid.alignment == "billing_day":
        number = grid.billing_day
    elif grid.alignment == "calendar":
        number = 1
        if interval.unit == "year" or 12 % interval.count == 0:
            origin = origin.replace(month=1, day=1)
    first = origin.year * 12 + origin.month - 1
    place = first + (day.year * 12 + day.month - 1 - first) // size * size
    if _clamped(place, number) > day:
        place -= size
    end = _clamped(place + size, number)
    return (end - _clamped(place, number)).days, end


def _clamped(months: int, number: int) -> date:
    year, month = divmod(months, 12)
    return date(year, month + 1, min(number, monthrange(year, month + 1)[1]))


def _months_later(day: date, months: int) -> date:
    return _clamped(day.year * 12 + day.month - 1 + months, day.day)


@cache
def _accruing(owner_id: UUID, phase: int) -> tuple[Price, ...]:
    return tuple(
        sold
        for sold in PRICES[owner_id]
        if accrues(sold) and (phase < 0 or not sold.phases or phase in sold.phases)
    )


@cache
def _metered(owner_id: UUID) -> tuple[Price, ...]:
    return tuple(sold for sold in PRICES[owner_id] if sold.meter)


@cache
def _once(owner_id: UUID, phase: int) -> tuple[Price, ...]:
    """What is sold once when a phase begins; without naming one it is sold in the first."""
    return tuple(
        sold
        for sold in PRICES[owner_id]
        if sold.interval is None
        and (phase < 0 or (phase in sold.phases if sold.phases else phase == 0))
    )


@cache
def _all_prices() -> tuple[Price, ...]:
    return tuple(sold for prices in PRICES.values() for sold in prices if accrues(sold))


def _amount(sold: Price) -> Decimal:
    model = sold.spec.model
    if isinstance(model, PerUnit):
        return model.unit_amount
    return model.amount if isinstance(model, Flat) else Decimal(0)
