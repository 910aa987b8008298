"""Moving subscribers to another version of their plan: who may be moved, and from when."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from msgspec import Struct, structs

from kesto.core.calendar import MONTHS_OF, Interval, Schedule
from kesto.core.catalog import PlanVersion
from kesto.core.changes import ChangePlan, Shop, decide
from kesto.core.changes.ending import current_span, term_until
from kesto.core.changes.shop import cadence_at, main_interval
from kesto.core.history import PlanChanged, SubscriptionEvent, Told
from kesto.core.life import PLAN, Life
from kesto.core.notices import PeriodPrice
from kesto.core.refusals import Refused

ONE_DAY = timedelta(days=1)


class Move(Struct, frozen=True):
    """A subscriber's way to the other version: from when, and the last day to leave before it."""

    events: tuple[SubscriptionEvent, ...]
    on: date
    leave_by: date


class Wanted(Struct, frozen=True):
    """Which subscribers are moved to what, from which day at the earliest, told how long before.

    `reason` is what the notice says about why, in the merchant's own words.
    """

    plan: str
    from_version: int
    to_version: int
    on: date
    notice_days: int
    reason: str = ""


def decide_move(told: Sequence[Told], life: Life, wanted: Wanted, shop: Shop) -> Move | str:
    """The move of a subscriber, or why there is none: a word.

    It begins with the first period that starts on or after the wanted day, after the notice to the
    subscriber, and late enough for the subscriber's own notice to end the contract before it.
    """
    old = shop.version(wanted.plan, wanted.from_version)
    new = shop.version(wanted.plan, wanted.to_version)
    why = _why_not(life, old, new, shop.today)
    if why:
        return why
    span = current_span(life, shop.today)
    own_notice = timedelta(days=span.notice_days) + ONE_DAY
    day = max(
        wanted.on,
        shop.today + timedelta(days=wanted.notice_days),
        shop.today + own_notice,
        life.start_on,
    )
    on = _period_from(life, shop, old, day)
    if on < _bound_until(life, on):
        return "term_binds"
    command = ChangePlan(wanted.plan, version=new.version, on=on, is_migration=True)
    try:
        events = decide(told, command, shop)
    except Refused as refusal:
        return refusal.code
    moved = tuple(
        structs.replace(event, moves_from=old.id) if isinstance(event, PlanChanged) else event
        for event in events
    )
    return Move(moved, on, on - own_notice)


def monthly(price: PeriodPrice) -> Fraction:
    """What a period's price comes to in a month, in minor units, not rounded."""
    return price.minor / (MONTHS_OF[price.unit] * price.count)


def _why_not(life: Life, old: PlanVersion, new: PlanVersion, today: date) -> str:
    """Why a subscriber is left alone, empty when nothing speaks against the move."""
    day = max(today, life.start_on)
    plans = [item for item in life.items if item.kind == PLAN and item.end_on != item.start_on]
    if any(item.owner_id == new.id and item.start_on > day for item in plans):
        return "moved"
    if life.end_on is not None:
        return "cancelled"
    later = [item for item in plans if item.start_on > day]
    running = life.plan_at(day)
    if running is None or any(item.owner_id != old.id for item in (running, *later)):
        return "changes"
    if later or day < life.trial_until:
        return "phase"
    is_paused = any(pause.end is None or pause.end > day for pause in life.pauses)
    return "paused" if is_paused else ""


def _period_from(life: Life, shop: Shop, old: PlanVersion, day: date) -> date:
    """The first start of a period of the plan on or after a day."""
    schedule = cadence_at(life, day).schedule(main_interval(shop.prices_of(old)))
    if day <= schedule.start:
        return schedule.start
    place = schedule.index_at(day)
    start = schedule.boundary(place)
    return start if start == day else schedule.boundary(place + 1)


def _bound_until(life: Life, on: date) -> date:
    """The first day after the term that a day lies in; the day itself outside of any."""
    until = term_until(life, current_span(life, on))
    if until is None:
        return on
    months = life.terms.renewal_months if life.terms.at_term_end == "renew" else 0
    if on < until or not months:
        return max(until, on)
    schedule = Schedule(until, Interval("month", months))
    place = schedule.index_at(on)
    return on if schedule.boundary(place) == on else schedule.boundary(place + 1)
