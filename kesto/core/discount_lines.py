"""Discounts as lines of their own: what each takes off the lines that fall due on one day.

A discount is spread over the lines that it applies to, so that each VAT rate gets its share; what
it takes off one price of one period is a line whose key has the discount's number as its part.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from kesto.core.calendar import Interval
from kesto.core.discounts import SCOPES, Discount, DiscountScope, take
from kesto.core.exact import shown
from kesto.core.item import Cadence
from kesto.core.line import DISCOUNT, ExplainedPart, Explanation, Line, Rated
from kesto.core.money import major
from kesto.core.remembered import MOST


class StandingDiscount(Struct, frozen=True, gc=False):
    """A discount that was given: off which lines it is taken, and for how long.

    It counts for periods that start from `start_on` to before `until_on` (None: for ever).
    `amount_minor` is for each period of `interval`, by the subscription's `cadence`. `items` and
    `products` narrow it (None, empty: all that the payer has); one for all that a payer buys is
    for the billing group `group_id`. `number` is unique there, and in its subscription.
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
    group_id: UUID | None = None

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
    """A price of a period as it falls due: the first of its lines, what is left, what went off."""

    line: Line
    left_minor: int
    less: list[Line]


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
    for day, own in sorted(by_day.items()):
        places = [_place(line) for line in own]
        bases = _bases(own, places)
        for discount in in_order:
            _take_off(bases.values(), discount, budgets)
        if not any(base.less for base in bases.values()):
            found += [(day, line) for line in own]
            continue
        last = dict(zip(places, own, strict=True))
        for place, line in zip(places, own, strict=True):
            found.append((day, line))
            if last[place] is line:
                found += [(day, less) for less in bases[place].less]
    return found


_Place = tuple[int, int, date]


def _place(line: Line) -> _Place:
    # A number is hashed faster than its UUID.
    return (line.item_id.int, line.rated.price_id.int, line.rated.period_start)


def _bases(lines: Sequence[Line], places: Sequence[_Place]) -> dict[_Place, _Discountable]:
    bases: dict[_Place, _Discountable] = {}
    for place, line in zip(places, lines, strict=True):
        base = bases.get(place)
        if base is None:
            base = bases[place] = _Discountable(line, 0, [])
        base.left_minor += line.rated.amount_minor
    return bases


def _take_off(
    bases: Iterable[_Discountable],
    discount: StandingDiscount,
    budgets: dict[tuple[UUID, int], int],
) -> None:
    """Take a discount off what earlier ones left, and say so in a line for each price."""
    windows: dict[int, list[_Discountable]] = {}
    for base in bases:
        if discount.is_for(base.line):
            # A percentage is rounded once for the day; an amount is for each period by itself.
            window = 0 if discount.percent else discount.window(base.line.rated.period_start)
            windows.setdefault(window, []).append(base)
    for window, reached in windows.items():
        left = [base.left_minor for base in reached]
        budget = (discount.id, window)
        amount_minor = budgets.get(budget, discount.amount_minor)
        one = (
            Discount("percent", percent=discount.percent)
            if discount.percent
            else Discount("amount", amount_minor=amount_minor)
        )
        budgets[budget] = amount_minor - take(one, left)
        for base, rest in zip(reached, left, strict=True):
            if rest != base.left_minor:
                base.less.append(_line(base, discount, base.left_minor - rest))
                base.left_minor = rest


def _line(base: _Discountable, discount: StandingDiscount, taken_minor: int) -> Line:
    rated = _rated(
        *(base.line.rated, discount.code, discount.number, discount.currency, discount.percent),
        *(base.left_minor, taken_minor),
    )
    return Line(base.line.item_id, rated)


@lru_cache(maxsize=MOST)
def _rated(
    of: Rated,
    code: str,
    number: int,
    currency: str,
    percent: Decimal,
    of_minor: int,
    taken_minor: int,
) -> Rated:
    taken = shown(-major(taken_minor, currency))
    part = ExplainedPart(
        "discount_percent" if percent else "discount_amount",
        quantity=shown(major(of_minor, currency)),
        amount=taken,
        unit_amount=shown(percent),
    )
    explanation = Explanation(quantity="1", exact=taken, parts=(part,), discount=code)
    rated: Rated = structs.replace(
        of,
        kind=DISCOUNT,
        part=number,
        quantity=Decimal(1),
        amount_minor=-taken_minor,
        explanation=msgspec.json.encode(explanation),
    )
    return rated
