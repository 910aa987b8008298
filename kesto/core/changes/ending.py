"""Changes of how long: notice, taking it back, withdrawal, renewal, leaving a term early."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from kesto.core.calendar import LONGEST_INTERVAL, Interval
from kesto.core.cancellation import Contract, Ending, FixedTerm, OpenEnded
from kesto.core.cancellation import cancel as ending_after
from kesto.core.catalog import WHOLE_PERCENT, Product
from kesto.core.changes.command import Cancel, Renew, Withdraw
from kesto.core.changes.shop import Shop, period_end, refuse_ended
from kesto.core.exact import fraction
from kesto.core.history import (
    CalledOff,
    Cancelled,
    ExtraAdded,
    Renewed,
    SubscriptionEvent,
    Told,
    Withdrawn,
)
from kesto.core.life import EARLY_TERMINATION, Life, TermSpan
from kesto.core.life_items import item_from, selected
from kesto.core.money import major, round_minor
from kesto.core.rating import Rater
from kesto.core.refusals import Conflict, Invalid, NotAllowed

ONE_DAY = timedelta(days=1)


def cancel(life: Life, command: Cancel, shop: Shop) -> list[SubscriptionEvent]:
    """Notice by the contract and the law; earlier only when waived, or for what it costs."""
    notice_on = command.notice_on or shop.today
    if notice_on > shop.today or (notice_on < shop.today and not shop.is_staff):
        raise Invalid(
            f"notice is given today, {shop.today}, or was given before (staff)",
            code="bad_notice_day",
            field="notice_on",
        )
    refuse_ended(life, max(shop.today, life.start_on))
    ending = ending_of(life, notice_on, shop)
    last_on = max(ending.last_on, life.start_on - ONE_DAY)
    if command.when == "period_end":
        day = max(last_on, life.start_on)
        end = period_end(life, shop, day)
        last_on = max(last_on, end - ONE_DAY)
    asked = command.last_day
    events: list[SubscriptionEvent] = []
    if asked is not None and asked < last_on:
        events = _early(life, command, shop, asked, ending)
        last_on = asked
    elif asked is not None:
        last_on = asked
    if life.end_on is not None and last_on + ONE_DAY >= life.end_on:
        raise Conflict(
            f"it ends with {life.end_on - ONE_DAY} already", code="ends_already", field="last_day"
        )
    on = max(last_on + ONE_DAY, life.start_on)
    rule = (
        "leaves_early" if events else "waived" if asked and asked < ending.last_on else ending.rule
    )
    by = "staff" if shop.is_staff else "subscriber"
    return [*events, Cancelled(on, notice_on, rule, command.reason.strip(), by)]


def ending_of(life: Life, notice_on: date, shop: Shop) -> Ending:
    """The last day that contract and law give after a notice."""
    span = current_span(life, notice_on)
    notice = Interval("day", span.notice_days) if span.notice_days else None
    until = term_until(life, span)
    last_on = until - ONE_DAY if until else None
    after, months = life.terms.at_term_end, life.terms.renewal_months
    term: OpenEnded | FixedTerm = OpenEnded(last_on)
    if last_on is not None and after == "renew" and months:
        term = FixedTerm(last_on, Interval("month", months), span.start_on.day)
    elif last_on is not None and after == "end" and notice_on <= last_on:
        term = FixedTerm(last_on)
    return ending_after(Contract(term, notice), notice_on, shop.limits)


def current_span(life: Life, day: date) -> TermSpan:
    """The contract term that holds on a day: the last that has begun, or the first."""
    begun = [span for span in life.spans if span.start_on <= day]
    return _latest(begun) if begun else life.spans[0]


def _latest(spans: Sequence[TermSpan]) -> TermSpan:
    """The span that starts last; of those that start on one day the one that was agreed last."""
    return max(reversed(spans), key=lambda span: span.start_on)


def term_until(life: Life, span: TermSpan) -> date | None:
    """The first day after a term; what was paused within it comes on top where it was agreed."""
    until = span.until
    if until is None or not life.terms.pause_extends_term:
        return until
    for pause in sorted(life.pauses, key=lambda one: one.start):
        if pause.end is not None and span.start_on <= pause.start < until:
            until += timedelta(days=(pause.end - pause.start).days)
    return until


def _early(
    life: Life, command: Cancel, shop: Shop, asked: date, ending: Ending
) -> list[SubscriptionEvent]:
    """What leaving before the contract's last day costs. Raises NotAllowed."""
    if asked < max(life.start_on, shop.today if not shop.is_staff else asked) - ONE_DAY:
        raise Invalid("the last day lies in the past", code="past", field="last_day")
    if command.waives_notice and shop.is_staff:
        return []
    percent = life.terms.early_termination_percent
    if command.leaves_early and percent:
        owed = early_termination_minor(life, shop, asked + ONE_DAY, ending.last_on + ONE_DAY)
        product = _product(life, shop, asked)
        if not owed or product is None:
            return []
        extra = ExtraAdded(
            *(max(asked, life.start_on), shop.new_id(), product.id, major(owed, shop.currency)),
            reason=EARLY_TERMINATION,
        )
        return [extra]
    costs = "; leaving early costs what the contract says (`leaves_early`)" if percent else ""
    raise NotAllowed(
        f"the contract runs to {ending.last_on}{costs}",
        code="notice_binds",
        field="last_day",
    )


def early_termination_minor(life: Life, shop: Shop, from_on: date, until: date) -> int:
    """The agreed part of what the recurring prices would come to from a day to the term's end.

    They come to what would be billed: in the quantities that are agreed, with minimums, less what
    is paused. Usage is not known, and no part of it.
    """
    rater, due = Rater(lambda _category, _on: Decimal(0)), 0  # VAT changes no price
    for own in life.items:
        if own.owner_id is None or not (own.runs(from_on) or own.is_ahead(from_on)):
            continue
        listed = shop.prices_of(shop.published(own.owner_id))
        prices = selected(listed, shop.currency, own.phase, includes_tax=shop.includes_tax)
        recurring = tuple(one for one in prices if one.interval is not None and not one.meter)
        item = item_from(own, recurring, from_on, until)
        due += sum(line.rated.amount_minor for line in rater.due_lines([item], None, until))
    part = fraction(life.terms.early_termination_percent) / fraction(WHOLE_PERCENT)
    return round_minor(fraction(major(due, shop.currency)) * part, shop.currency)


def _product(life: Life, shop: Shop, day: date) -> Product | None:
    """The product that leaving early is booked on: that of the plan's first recurring price."""
    plan = life.plan_at(day)
    if plan is None or plan.owner_id is None:
        return None
    prices = shop.prices_of(shop.published(plan.owner_id))
    recurring = [one for one in prices if one.interval is not None]
    return (recurring or list(prices))[0].product if prices else None


def keep(life: Life, told: list[Told], shop: Shop) -> list[SubscriptionEvent]:
    """Take back every notice that lies ahead; what leaving early would have cost goes with it."""
    gone = {one.event.seq for one in told if isinstance(one.event, CalledOff)}
    ahead = [
        one
        for one in told
        if one.seq not in gone and one.event.on > shop.today and isinstance(one.event, Cancelled)
    ]
    if not ahead:
        detail = "no notice lies ahead that could be taken back"
        if life.end_on is not None and life.end_on <= shop.today:
            detail = f"the subscription ended with {life.end_on - ONE_DAY}; subscribe anew"
        raise Conflict(detail, code="nothing_to_keep", field="action")
    return [CalledOff(shop.today, one.seq) for one in ahead]


def withdraw(life: Life, command: Withdraw, shop: Shop) -> list[SubscriptionEvent]:
    """The contract undone within the days that the law gives."""
    last = life.start_on + timedelta(days=shop.withdrawal_days)
    if shop.today > last and not shop.is_staff:
        raise NotAllowed(
            f"the right of withdrawal ended on {last}; cancel instead",
            code="withdrawal_over",
            field="action",
        )
    on = command.on or max(shop.today, life.start_on)
    if on < life.start_on:
        raise Invalid(f"it starts on {life.start_on}", code="before_start", field="on")
    refuse_ended(life, on)
    return [Withdrawn(on, command.pays_for_use)]


def renew(life: Life, command: Renew, shop: Shop) -> list[SubscriptionEvent]:
    """A further term, from where the last one ends or from today; not of what is withdrawn.

    A contract that was withdrawn is undone: a new one comes with a right of withdrawal of its own.
    """
    if life.is_withdrawn:
        raise Conflict(
            "the contract was withdrawn and can't be renewed; subscribe anew",
            code="withdrawn",
            field="action",
        )
    months = life.terms.renewal_months if command.months is None else command.months
    if not 0 <= months <= LONGEST_INTERVAL:
        raise Invalid("is from 0 to 1000 months", code="bad_months", field="months")
    span = _latest(life.spans)
    until = term_until(life, span)
    on = max(until or shop.today, life.start_on)
    if life.end_on is not None:
        if life.end_on < shop.today:
            refuse_ended(life, shop.today)
        on = life.end_on
    elif not months:
        raise Invalid("say for how many months", code="missing", field="months")
    return [Renewed(on, months)]
