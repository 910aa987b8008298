"""Faults to plant: for each law one that breaks it, so that the simulator can be seen to see it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from msgspec.structs import replace

from kesto.core import billing, discount_lines, due, invoicing, play, rating
from kesto.core.billing import Outcome
from kesto.core.calendar import Schedule, midnight
from kesto.core.counting import ask_of
from kesto.core.discount_lines import StandingDiscount
from kesto.core.due import Stretch, Weight, weight
from kesto.core.history import Told, in_effect
from kesto.core.invoicing import Draft
from kesto.core.item import Cadence, Course, Item
from kesto.core.line import Line
from kesto.core.tax import tax_group
from tests.simulator import usage
from tests.simulator.oracle import Law
from tests.simulator.world import World

Plant = Callable[[pytest.MonkeyPatch], None]


def _no_cursor(patch: pytest.MonkeyPatch) -> None:
    """A group is billed and does not remember how far."""
    right = billing.bill_account

    def wrong(account: Any, rater: Any, through: date, limit_minor: int) -> Outcome:
        made = right(account, rater, through, limit_minor)
        group = account.group
        stuck = replace(made.cursor, billed_through=group.billed_through, next_due_on=through)
        return replace(made, cursor=stuck) if made.draft else made

    patch.setattr(billing, "bill_account", wrong)


def _no_credit(patch: pytest.MonkeyPatch) -> None:
    """What was billed and is due no more is forgotten."""
    right = invoicing._differences

    def wrong(owed: Sequence[Line], billed: Any) -> list[Line]:
        wanted = {line.key for line in owed}
        return [line for line in right(owed, billed) if line.key in wanted]

    patch.setattr(invoicing, "_differences", wrong)


def _day_lost(patch: pytest.MonkeyPatch) -> None:
    """The last day of a short period belongs to none."""
    right = due._stretches

    def wrong(run: Any, proration: Any, after: Any, through: date) -> Iterator[Stretch]:
        for stretch in right(run, proration, after, through):
            if stretch.share.is_whole or (stretch.end - stretch.start).days < 2:
                yield stretch
            else:
                yield replace(stretch, end=stretch.end - due.DAY)

    patch.setattr(due, "_stretches", wrong)


def _pauses_cost(patch: pytest.MonkeyPatch) -> None:
    """A paused day costs as much as any other."""
    right = weight

    def wrong(course: Course, stretch: Stretch, *more: Any) -> Weight:
        return right(replace(course, pauses=()), stretch, *more)

    patch.setattr(rating, "weight", wrong)


def _hour_twice(patch: pytest.MonkeyPatch) -> None:
    """A period counts the first hour of the next one too."""
    right = ask_of

    def wrong(*given: Any) -> Any:
        ask = right(*given)
        if ask is None:
            return None
        return replace(ask, span=replace(ask.span, end_at=ask.span.end_at + timedelta(hours=1)))

    patch.setattr(usage, "ask_of", wrong)


def _other_clock(patch: pytest.MonkeyPatch) -> None:
    """A period begins by the clock of its own day, also where the zone changed with it."""

    def wrong(self: Item, day: date) -> datetime:
        return midnight(day, self.zone_on(day))

    patch.setattr(Item, "begins_at", wrong)


def _discounts_for_ever(patch: pytest.MonkeyPatch) -> None:
    """A coupon counts for periods that begin after it ended."""
    right = StandingDiscount.is_for

    def wrong(self: StandingDiscount, line: Line) -> bool:
        return right(replace(self, until_on=None), line)

    patch.setattr(StandingDiscount, "is_for", wrong)


def _too_much_off(patch: pytest.MonkeyPatch) -> None:
    """A discount takes a unit more than is left of each line."""

    def wrong(_discount: Any, left: list[int]) -> int:
        left[:] = [-1] * len(left)
        return 0

    patch.setattr(discount_lines, "take", wrong)


def _vat_too_high(patch: pytest.MonkeyPatch) -> None:
    """VAT is a unit too high."""
    right = tax_group

    def wrong(category: str, rate_percent: Decimal, **minor: int) -> Any:
        group = right(category, rate_percent, **minor)
        return replace(group, tax_minor=group.tax_minor + 1) if group.tax_minor else group

    patch.setattr(invoicing, "tax_group", wrong)


def _empty_invoices(patch: pytest.MonkeyPatch) -> None:
    """Lines of nothing make an invoice."""
    patch.setattr(Draft, "is_empty", property(lambda draft: not draft.lines))


def _as_told(patch: pytest.MonkeyPatch) -> None:
    """Events are played as they were told and not by their day."""
    right = in_effect

    def wrong(told: Sequence[Told]) -> list[Told]:
        return sorted(right(told), key=lambda one: one.seq)

    patch.setattr(play, "in_effect", wrong)


def _careless_preview(patch: pytest.MonkeyPatch) -> None:
    """A preview leaves out the discounts."""
    right = World.preview

    def wrong(self: World, *given: Any) -> Any:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr("tests.simulator.world.discounts_of", lambda *_: [])
            return right(self, *given)

    patch.setattr(World, "preview", wrong)


def _no_weeks(patch: pytest.MonkeyPatch) -> None:
    """A week has no billing day, and is refused when it is billed."""

    def wrong(self: Cadence, interval: Any) -> Schedule:
        return Schedule(self.start_on, interval, self.alignment, self.billing_day, self.anchor)

    patch.setattr(Cadence, "schedule", wrong)


def _late_step(patch: pytest.MonkeyPatch) -> None:
    """A step in quantity counts from the day after."""
    right = weight

    def wrong(course: Course, stretch: Stretch, from_on: date, *more: Any) -> Weight:
        made = right(course, stretch, from_on, *more)
        late = from_on > stretch.start and made.used >= 1
        return replace(made, used=made.used - Fraction(1)) if late else made

    patch.setattr(rating, "weight", wrong)


MUTANTS: tuple[tuple[Law | None, Plant], ...] = (
    ("rerun", _no_cursor),
    ("difference", _no_credit),
    ("tiling", _day_lost),
    ("accrual", _pauses_cost),
    ("accrual", _late_step),
    ("usage", _hour_twice),
    ("usage", _other_clock),
    ("discounts", _discounts_for_ever),
    ("discounts", _too_much_off),
    ("totals", _vat_too_high),
    ("totals", _empty_invoices),
    ("order", _as_told),
    ("preview", _careless_preview),
    (None, _no_weeks),
)
"""Each with the law whose check must see it; None: billing refuses a legal history."""


@contextmanager
def planted(plant: Plant) -> Iterator[None]:
    """A fault for a while; what was computed rightly before is forgotten, and wrongly after."""
    with pytest.MonkeyPatch.context() as patch:
        due._due.cache_clear()
        plant(patch)
        try:
            yield
        finally:
            due._due.cache_clear()
