"""Rating: from what runs to the lines that are due, each with its key and its explanation.

The same functions serve the billing run, a preview and the proof afterwards; only the caller
differs. What is computed for one subscription is remembered for the next one like it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from kesto.core.catalog import Price
from kesto.core.discount_lines import StandingDiscount, discount_lines
from kesto.core.due import (
    DAY,
    REMEMBERED,
    Stretch,
    deliveries_in,
    fallen_due,
    next_due_on,
    paused_days,
    weight,
)
from kesto.core.exact import WHOLE, ZERO, Exact, plain, shown
from kesto.core.item import Course, Item
from kesto.core.line import (
    MINIMUM,
    ONE_TIME,
    RECURRING,
    USAGE,
    ExplainedPart,
    Explanation,
    Line,
    Rated,
)
from kesto.core.pricing import Entry, Part, Priced, Usage, price

NOTHING_TOLD: Mapping[str, Any] = {}

UsageOf = Callable[[Item, Price, Stretch], Usage]
"""What a metered price counted in a stretch of an item."""


def nothing_used(_item: Item, _sold: Price, _stretch: Stretch) -> Usage:
    """What is counted where nothing comes in."""
    return Usage(ZERO, entries=(), amounts=(), levels=())


class Rater:
    """Rates items for one seller; `vat_rate(category, on)` is the seller's rate in percent."""

    def __init__(
        self, vat_rate: Callable[[str, date], Decimal], usage: UsageOf = nothing_used
    ) -> None:
        self.vat_rate = vat_rate
        self.usage = usage
        self._rated: dict[tuple[object, ...], tuple[Rated, ...]] = {}
        self._shares: dict[tuple[object, ...], tuple[Rated, ...]] = {}

    def counting(self, usage: UsageOf) -> "Rater":
        """The same rater, told what was used; what it remembers is shared."""
        other = Rater(self.vat_rate, usage)
        other._rated, other._shares = self._rated, self._shares
        return other

    def due_lines(
        self,
        items: Sequence[Item],
        after: date | None,
        through: date,
        discounts: Sequence[StandingDiscount] = (),
    ) -> list[Line]:
        """The lines that fall due after `after` (None: ever) up to and with `through`."""
        return self.due(items, after, through, discounts)[0]

    def due(
        self,
        items: Sequence[Item],
        after: date | None,
        through: date,
        discounts: Sequence[StandingDiscount] = (),
    ) -> tuple[list[Line], date | None]:
        """The same, and the first day after `through` on which a line falls due (None: never)."""
        if discounts:
            return self._less_discounts(items, after, through, discounts)
        lines: list[Line] = []
        fallen, next_on = fallen_due(items, after, through)
        for item, sold, stretches in fallen:
            for stretch in stretches:
                if sold.meter:
                    lines += self._metered(item, sold, stretch)
                else:
                    for rated in self._rate(item, sold, stretch):
                        lines.append(Line(item.id, rated))
        return lines, next_on

    def next_due_on(self, items: Sequence[Item], after: date) -> date | None:
        """The first day after `after` on which a line falls due, or None when nothing ever will."""
        days = [
            day
            for item in items
            for sold in item.prices
            if (day := next_due_on(item, sold, after)) is not None
        ]
        return min(days, default=None)

    def _less_discounts(
        self,
        items: Sequence[Item],
        after: date | None,
        through: date,
        discounts: Sequence[StandingDiscount],
    ) -> tuple[list[Line], date | None]:
        """The lines with what discounts take off them.

        What is left of an amount for a period hangs on what fell due in it before, which is
        therefore computed again.
        """
        start = after if all(discount.percent for discount in discounts) else None
        lines: list[Line] = []
        days: list[date] = []
        fallen, next_on = fallen_due(items, start, through)
        for item, sold, stretches in fallen:
            is_advance = sold.charged == "advance" or sold.interval is None
            for stretch in stretches:
                own = (
                    self._metered(item, sold, stretch)
                    if sold.meter
                    else [Line(item.id, rated) for rated in self._rate(item, sold, stretch)]
                )
                lines += own
                days += [stretch.start if is_advance else stretch.end] * len(own)
        found = discount_lines(lines, days, discounts)
        own = [line for day, line in found if after is None or day > after]
        return own, next_on

    def _metered(self, item: Item, sold: Price, stretch: Stretch) -> list[Line]:
        used = self.usage(item, sold, stretch)
        found = self._computed(sold, used, stretch, WHOLE, str(stretch.share))
        return [Line(item.id, rated, used.unpriced) for rated in found]

    def _rate(self, item: Item, sold: Price, stretch: Stretch) -> tuple[Rated, ...]:
        course = item.course if sold.interval is not None else None
        # A number is hashed faster than its UUID.
        key: tuple[object, ...]
        if course is None:
            key = (sold.id.int, item.quantity, stretch)
        else:
            key = (sold.id.int, stretch, item.cadence.zone, *_told_within(item, course, stretch))
        found = self._rated.get(key)
        if found is None:
            if len(self._rated) >= REMEMBERED:
                self._rated.clear()
            found = self._rated[key] = (
                self._rate_whole(item.quantity, sold, stretch)
                if course is None
                else self._rate_course(item, course, sold, stretch)
            )
        return found

    def _rate_whole(self, quantity: Decimal, sold: Price, stretch: Stretch) -> tuple[Rated, ...]:
        """A period in which nothing changes: another of the same share differs in its days."""
        key = (sold.id.int, quantity, stretch.share)
        found = self._shares.get(key)
        if found is not None:
            rate = self._tax_rate(sold, stretch)
            return tuple([_in_days_of(stretch, one, rate) for one in found])
        if len(self._shares) >= REMEMBERED:
            self._shares.clear()
        share = WHOLE if stretch.share.is_whole else stretch.share.fraction
        found = self._computed(sold, Usage(quantity), stretch, share, str(stretch.share))
        self._shares[key] = found
        return found

    def _rate_course(
        self, item: Item, course: Course, sold: Price, stretch: Stretch
    ) -> tuple[Rated, ...]:
        """A period in which the quantity changes, or that is paused or reduced in part.

        Of a delivery that is credited as skipped its equal part of the period's price is left out.
        """
        zone = item.cadence.zone
        deliveries = deliveries_in(course, stretch)

        def weighs(from_on: date) -> Fraction:
            days = weight(course, stretch, from_on, sold.proration, zone).fraction
            return days * deliveries.share

        whole = weight(course, stretch, stretch.start, sold.proration, zone)
        before = item.quantity_at(stretch.start)
        entries = [Entry(before, weighs(stretch.start))]
        for step in course.steps:
            if stretch.start < step.on < stretch.end:
                entries.append(Entry(step.quantity - before, weighs(step.on)))
                before = step.quantity
        used = Usage(entries=tuple(entries)) if len(entries) > 1 else Usage(before)
        is_free = not any(entry.share for entry in entries)
        said = str(whole)
        told: dict[str, object] = {
            "paused_days": paused_days(course, stretch),
            "percent": shown(course.percent),
        }
        if deliveries.skipped:
            told |= {"skipped": deliveries.skipped, "deliveries": deliveries.of}
            part = f"{deliveries.of - deliveries.skipped}/{deliveries.of}"
            said = part if whole.fraction == WHOLE else f"{whole} \N{MULTIPLICATION SIGN} {part}"
        return self._computed(
            *(sold, None if is_free else used, stretch, weighs(stretch.start), said),
            quantity=before,
            told=told,
        )

    def _computed(
        self,
        sold: Price,
        used: Usage | None,
        stretch: Stretch,
        share: Fraction,
        said: str,
        *,
        quantity: Exact | None = None,
        told: Mapping[str, Any] = NOTHING_TOLD,
    ) -> tuple[Rated, ...]:
        """The line of a price for a stretch, and what its minimum adds as a line of its own.

        Nothing `used` (None) is free whatever the price, such as a period that is paused. `told`
        is what the course of its item did to it, to stand in its explanation.
        """
        minimum_share = stretch.share.fraction if sold.meter else None
        priced = (
            Priced(ZERO, ())
            if used is None
            else price(sold.spec, used, share=share, minimum_share=minimum_share)
        )
        if quantity is None:
            quantity = used.total if used else ZERO
        quantity_text = shown(quantity)
        explanation = Explanation(
            quantity=quantity_text,
            exact=shown(priced.exact),
            parts=tuple(_explained(part) for part in priced.parts),
            share="" if share == WHOLE else said,
            **told,
        )
        rated = Rated(
            price_id=sold.id,
            product_id=sold.product.id,
            kind=_kind(sold),
            period_start=stretch.start,
            period_end=stretch.end,
            part=0,
            revision=1,
            quantity=plain(Decimal(quantity_text)),
            amount_minor=priced.minor(sold.currency),
            tax_category=sold.product.tax_category,
            tax_rate_percent=self._tax_rate(sold, stretch),
            revenue_account=sold.product.revenue_account,
            explanation=msgspec.json.encode(explanation),
        )
        true_up_minor = priced.true_up_minor(sold.currency)
        if not true_up_minor:
            return (rated,)
        minimum = Explanation(
            quantity="1", exact=shown(priced.minimum or 0), share=explanation.share, **told
        )
        return (rated, _minimum(rated, true_up_minor, minimum))

    def _tax_rate(self, sold: Price, stretch: Stretch) -> Decimal:
        """The rate follows the supply: a period is supplied when it ends."""
        return plain(self.vat_rate(sold.product.tax_category, stretch.end - DAY))


def _in_days_of(stretch: Stretch, rated: Rated, tax_rate_percent: Decimal) -> Rated:
    return msgspec.structs.replace(
        rated,
        period_start=stretch.start,
        period_end=stretch.end,
        tax_rate_percent=tax_rate_percent,
    )


def _told_within(item: Item, course: Course, stretch: Stretch) -> tuple[object, ...]:
    """All of a course that a stretch is rated from: what happens before or after is all one."""
    start, end = stretch.start, stretch.end
    deliveries = deliveries_in(course, stretch)
    if not course.steps and not course.pauses:
        return item.quantity, (), (), course.percent, deliveries
    return (
        item.quantity_at(start),
        tuple([step for step in course.steps if start < step.on < end]),
        tuple(
            [
                pause
                for pause in course.pauses
                if pause.start < end and (pause.end is None or start < pause.end)
            ]
        ),
        course.percent,
        deliveries,
    )


def _kind(sold: Price) -> str:
    if sold.meter:
        return USAGE
    return ONE_TIME if sold.interval is None else RECURRING


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
