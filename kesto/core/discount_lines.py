"""Discounts as lines of their own: what each takes off the lines that fall due on one day.

A discount is spread over the lines that it applies to, so that each VAT rate gets its share; what
it takes off one price of one period is a line whose key has the discount's number as its part.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from kesto.core.calendar import Interval
from kesto.core.discounts import SCOPES, Discount, DiscountScope, take
from kesto.core.exact import shown
from kesto.core.item import Cadence
from kesto.core.line import DISCOUNT, ExplainedPart, Explanation, Line, Rated
from kesto.core.money import major


class StandingDiscount(Struct, frozen=True, gc=False):
    """A discount that was given: off which lines it is taken, and for how long.

    It counts for periods that start from `start_on` to before `until_on` (None: for ever).
    `amount_minor` is for each period of `interval`, by the subscription's `cadence`. `items` and
    `products` narrow it (None, empty: all that the payer has). `number` is unique for its payer.
    """

    id: UUID
    coupon_id: UUID
    code: str
    number: int
    start_on: date
    cadence: Cadence
    currency: str
    until_on: date | None = None
    interval: Interval | None = None
    percent: Decimal = Decimal(0)
    amount_minor: int = 0
    items: tuple[UUID, ...] | None = None
    products: tuple[UUID, ...] = ()
    scope: DiscountScope = "subscription"

    def is_for(self, line: Line) -> bool:
        """Whether it is taken off a line."""
        rated = line.rated
        return (
            self.start_on <= rated.period_start
            and (self.until_on is None or rated.period_start < self.until_on)
            and (self.items is None or line.item_id in self.items)
            and (not self.products or rated.product_id in self.products)
        )

    def window(self, day: date) -> int:
        """The number of the period that a day's amount is for; one without interval has one."""
        if self.interval is None:
            return 0
        return self.cadence.schedule(self.interval).index_at(day)


class _Discountable(Struct):
    """A price of a period as it falls due: the first of its lines, and what is left of them."""

    line: Line
    left_minor: int


def discount_lines(
    lines: Sequence[Line], days: Sequence[date], discounts: Sequence[StandingDiscount]
) -> list[tuple[date, Line]]:
    """The lines with the day on which each falls due, and behind each what is taken off it.

    `days` are when the lines fall due; `lines` must begin early enough to hold every line of the
    periods for which an amount is given.
    """
    by_day: dict[date, list[Line]] = {}
    for line, day in zip(lines, days, strict=True):
        by_day.setdefault(day, []).append(line)
    in_order = sorted(discounts, key=lambda one: (SCOPES.index(one.scope), one.number))
    budgets: dict[tuple[UUID, int], int] = {}
    found: list[tuple[date, Line]] = []
    for day in sorted(by_day):
        bases = _bases(by_day[day])
        taken: dict[tuple[UUID, UUID, date], list[Line]] = {}
        for discount in in_order:
            for key, line in _taken(bases, discount, budgets):
                taken.setdefault(key, []).append(line)
        last = {_place(line): line for line in by_day[day]}
        for line in by_day[day]:
            found.append((day, line))
            if last[_place(line)] is line:
                found += [(day, less) for less in taken.get(_place(line), ())]
    return found


def _bases(lines: Sequence[Line]) -> Mapping[tuple[UUID, UUID, date], _Discountable]:
    bases: dict[tuple[UUID, UUID, date], _Discountable] = {}
    for line in lines:
        base = bases.setdefault(_place(line), _Discountable(line, 0))
        base.left_minor += line.rated.amount_minor
    return bases


def _place(line: Line) -> tuple[UUID, UUID, date]:
    return (line.item_id, line.rated.price_id, line.rated.period_start)


def _taken(
    bases: Mapping[tuple[UUID, UUID, date], _Discountable],
    discount: StandingDiscount,
    budgets: dict[tuple[UUID, int], int],
) -> Iterator[tuple[tuple[UUID, UUID, date], Line]]:
    """Take a discount off what earlier ones left, and say so in a line for each price."""
    windows: dict[int, list[tuple[UUID, UUID, date]]] = {}
    for place, base in bases.items():
        if discount.is_for(base.line):
            # A percentage is rounded once for the day; an amount is for each period by itself.
            window = 0 if discount.percent else discount.window(base.line.rated.period_start)
            windows.setdefault(window, []).append(place)
    for window, places in windows.items():
        left = [bases[place].left_minor for place in places]
        before = list(left)
        budget = (discount.id, window)
        amount_minor = budgets.get(budget, discount.amount_minor)
        one = (
            Discount("percent", percent=discount.percent)
            if discount.percent
            else Discount("amount", amount_minor=amount_minor)
        )
        budgets[budget] = amount_minor - take(one, left)
        for place, was, rest in zip(places, before, left, strict=True):
            if was != rest:
                bases[place].left_minor = rest
                yield place, _line(bases[place].line, discount, was, was - rest)


def _line(base: Line, discount: StandingDiscount, of_minor: int, taken_minor: int) -> Line:
    what = "discount_percent" if discount.percent else "discount_amount"
    taken = shown(-major(taken_minor, discount.currency))
    part = ExplainedPart(
        what,
        quantity=shown(major(of_minor, discount.currency)),
        amount=taken,
        unit_amount=shown(discount.percent),
    )
    explanation = Explanation(quantity="1", exact=taken, parts=(part,), discount=discount.code)
    rated: Rated = structs.replace(
        base.rated,
        kind=DISCOUNT,
        part=discount.number,
        quantity=Decimal(1),
        amount_minor=-taken_minor,
        explanation=msgspec.json.encode(explanation),
    )
    return Line(base.item_id, rated)
