"""Notices: which days that come nearer a subscriber is told of beforehand."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kesto.core.catalog import Price
from kesto.core.changes.ending import current_span
from kesto.core.changes.shop import cadence_at, main_interval
from kesto.core.discounts import DiscountScope
from kesto.core.history import Cancelled, Told, Withdrawn, in_effect
from kesto.core.life import Life
from kesto.core.life_items import Listing, discounts_of, items_of
from kesto.core.line import RECURRING, Line
from kesto.core.rating import Rater
from kesto.core.renewals import next_renewal

ReminderKind = Literal["trial_ends", "term_ends", "term_renews", "discount_ends", "pause_ends"]
ONE_DAY = timedelta(days=1)
OWN: DiscountScope = "subscription"
PricesOf = Callable[[UUID], tuple[Price, ...]]


class Coming(Struct, frozen=True):
    """A day that a subscriber is told of: the first day on which it is otherwise.

    `leave_by` is the last day for a notice that still keeps a term from renewing, `until` the
    first day after the new term; `code` is the discount's.
    """

    kind: ReminderKind
    on: date
    leave_by: date | None = None
    code: str = ""
    until: date | None = None


class PeriodPrice(Struct, frozen=True, gc=False):
    """What a period of the plan comes to, with its minimum, discounts taken off, in minor units."""

    minor: int
    unit: str
    count: int


def coming(told: Sequence[Told], life: Life, today: date, prices: PricesOf) -> list[Coming]:
    """What a subscriber is to be told of on a day, by the reminder days that the contract says."""
    days = timedelta(days=life.terms.reminder_days)
    if not days or (life.end_on is not None and life.end_on <= today):
        return []
    found = [*_trial(life, today), *_term(told, life, today), *_offers(life, today, prices)]
    found += [
        Coming("pause_ends", pause.end)
        for pause in life.pauses
        if pause.end is not None and pause.start <= today
    ]
    return [
        one
        for one in found
        if today < one.on <= (life.end_on or one.on)
        and ((one.leave_by or one.on) - days) <= today
        and (one.kind == "term_ends" or one.on != life.end_on)
    ]


def _trial(life: Life, today: date) -> list[Coming]:
    if life.start_on <= today < life.trial_until:
        return [Coming("trial_ends", life.trial_until)]
    return []


def _term(told: Sequence[Told], life: Life, today: date) -> list[Coming]:
    """A term that ends by what was agreed, or that renews unless notice is given in time."""
    if life.end_on is not None:
        is_notice = any(isinstance(one.event, Cancelled | Withdrawn) for one in in_effect(told))
        return [] if is_notice else [Coming("term_ends", life.end_on)]
    span = current_span(life, today)
    ahead = next_renewal(life, span, life.terms, today)
    if ahead is None:
        return []
    leave_by = ahead.on - ONE_DAY - timedelta(days=span.notice_days)
    return [Coming("term_renews", ahead.on, leave_by, until=ahead.until)]


def _offers(life: Life, today: date, prices: PricesOf) -> list[Coming]:
    """Discounts that end: on the first period that they no longer count for."""
    found = []
    for one in life.discounts:
        if one.until_on is None or one.start_on > today or one.scope != OWN:
            continue
        plan = life.plan_at(max(one.until_on, life.start_on))
        if plan is None or plan.owner_id is None:
            continue
        schedule = cadence_at(life, one.until_on).schedule(main_interval(prices(plan.owner_id)))
        on = max(one.until_on, schedule.start)
        if on != schedule.boundary(schedule.index_at(on)):
            on = schedule.boundary(schedule.index_at(on) + 1)
        found.append(Coming("discount_ends", on, code=one.code))
    return found


def period_price(
    life: Life, group_id: UUID, day: date, listing: Listing, rater: Rater
) -> PeriodPrice | None:
    """What the first period from a day on comes to by the very call that bills; None without one.

    What is sold once and what usage comes to is left out.
    """
    plan = life.plan_at(day)
    if plan is None or plan.owner_id is None:
        return None
    interval = main_interval(listing.prices(plan.owner_id))
    schedule = cadence_at(life, day).schedule(interval)
    place = schedule.index_at(day)
    if schedule.boundary(place) < day:
        place += 1
    start, end = schedule.boundary(place), schedule.boundary(place + 1)
    items = items_of([life], group_id, listing)
    lines = rater.due_lines(items, start - ONE_DAY, end, discounts_of([life], group_id))
    own = [line for line in lines if start <= line.rated.period_start < end]
    # A discount or a minimum counts where its price does.
    recurring = {_sold(line) for line in own if line.rated.kind == RECURRING}
    minor = sum(line.rated.amount_minor for line in own if _sold(line) in recurring)
    return PeriodPrice(minor, interval.unit, interval.count)


def _sold(line: Line) -> tuple[UUID, UUID]:
    return (line.item_id, line.rated.price_id)
