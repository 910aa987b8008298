"""Terms that renew by themselves: computed from what was agreed, never told as events."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from kesto.core.calendar import Interval
from kesto.core.cancellation import renewed_terms
from kesto.core.catalog import PlanTerms
from kesto.core.changes.ending import term_until
from kesto.core.history import PlanChanged, Subscribed, Told, in_effect
from kesto.core.life import Life, TermSpan

ONE_DAY = timedelta(days=1)


class Renewal(Struct, frozen=True, gc=False):
    """A further term that begins by itself: from `on` to before `until`, of so many months."""

    on: date
    until: date
    months: int


def renewals(told: Sequence[Told], life: Life, through: date) -> list[Renewal]:
    """The terms that began by themselves up to a day, the first one first.

    A term that is agreed later ends those that follow from the one before it; so does the end.
    """
    agreed = {span.start_on: span for span in life.spans}  # of one day: the one agreed last
    starts = sorted(agreed)
    found: list[Renewal] = []
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        stops = [through + ONE_DAY, *(day for day in (following, life.end_on) if day is not None)]
        found += _renewals_of(told, life, agreed[start], min(stops))
    return found


def next_renewal(life: Life, span: TermSpan, terms: PlanTerms, day: date) -> Renewal | None:
    """The next term that would begin by itself after a day; None where none follows."""
    until = term_until(life, span)
    if until is None or terms.at_term_end != "renew" or not terms.renewal_months:
        return None
    schedule = renewed_terms(until, Interval("month", terms.renewal_months), span.start_on.day)
    index = 0 if day < until else schedule.index_at(day) + 1
    period = schedule.period(index)
    return Renewal(period.start, period.end, terms.renewal_months)


def _renewals_of(told: Sequence[Told], life: Life, span: TermSpan, stop: date) -> list[Renewal]:
    found: list[Renewal] = []
    day = span.start_on
    while (one := next_renewal(life, span, _terms_on(told, life, day), day)) and one.on < stop:
        found.append(one)
        day = one.on
    return found


def _terms_on(told: Sequence[Told], life: Life, day: date) -> PlanTerms:
    """The terms that hold on a day, by the plan that was agreed last until then."""
    held = life.terms
    for one in reversed(in_effect(told)):
        event = one.event
        if isinstance(event, Subscribed | PlanChanged) and event.terms is not None:
            held = event.terms
            if event.on <= day:
                break
    return held
