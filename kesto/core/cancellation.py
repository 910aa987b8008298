"""Cancelling: the last day of a contract after notice, by its terms and the law's limits on them.

The day of the notice isn't counted: 30 days' notice on 1 June ends on 1 July, a month's on
31 January ends on 28 February. The last day is a day of service.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from kesto.core.calendar import MONTHS, Interval, Schedule
from kesto.core.refusals import Invalid

ContractKind = Literal["general", "telephone"]
AfterTerm = Literal["none", "open_ended"]
Covers = Literal["open_ended", "renewed"]
CancellationRule = Literal[
    "no_notice",
    "contract_notice",
    "minimum_period",
    "fixed_term",
    "renewed_term",
    "statutory_notice",
]

ONE_DAY = timedelta(days=1)


class OpenEnded(Struct, frozen=True, gc=False):
    """Runs until notice ends it, but not before the last day of a minimum period."""

    minimum_last_on: date | None = None


class FixedTerm(Struct, frozen=True, gc=False):
    """Runs to a last day, and then ends, goes on open-ended, or renews for terms of a length.

    `day_of_month` is the day that renewed terms of months return to after short months; 0 means
    the one on which the first of them begins.
    """

    last_on: date
    after: Interval | AfterTerm = "none"
    day_of_month: int = 0


class Contract(Struct, frozen=True, gc=False):
    """How long a contract binds; without `notice` it may be left from one day to the next."""

    term: OpenEnded | FixedTerm
    notice: Interval | None = None


class NoticeLimit(Struct, frozen=True, gc=False):
    """The longest notice that the law lets a consumer be held to.

    `open_ended` limits every contract that runs open-ended, also after a fixed term; `renewed`
    every contract that goes on after a fixed term, whether open-ended or for further terms.
    """

    covers: Covers
    longest: Interval
    country: str
    valid_from: date
    source: str


class Ending(Struct, frozen=True, gc=False):
    """The last day of a contract, the rule that decided, and what it was decided from.

    `notice_ends_on` is where the deciding notice ends, `bound_until` the last day of the minimum
    period or first term. `limit` is set when the law decided.
    """

    last_on: date
    rule: CancellationRule
    notice_ends_on: date
    bound_until: date | None = None
    limit: NoticeLimit | None = None


def cancel(contract: Contract, notice_on: date, limits: Iterable[NoticeLimit] = ()) -> Ending:
    """Return the ending that the contract gives, or an earlier one that the law demands.

    Invalid when the contract ended by itself before the notice.
    """
    agreed = _ending_by_contract(contract, notice_on)
    lawful = [
        _ending_by_law(contract.term, limit, notice_on)
        for limit in limits
        if is_covered(contract.term, limit)
    ]
    return min([agreed, *lawful], key=lambda ending: ending.last_on)


def is_covered(term: OpenEnded | FixedTerm, limit: NoticeLimit) -> bool:
    """Tell whether a limit is about contracts of such a term."""
    match term:
        case OpenEnded():
            return limit.covers == "open_ended"
        case FixedTerm(after="none"):
            return False
        case FixedTerm(after="open_ended"):
            return True
        case FixedTerm():
            return limit.covers == "renewed"


def last_day_of(start: date, length: Interval) -> date:
    """Return the last day of a length of time that begins with a day."""
    return Schedule(start, length).boundary(1) - ONE_DAY


def renewed_terms(first_on: date, length: Interval, day_of_month: int = 0) -> Schedule:
    """The terms that follow a fixed one, the first from a day on; see FixedTerm."""
    if day_of_month and length.unit in MONTHS:
        return Schedule(first_on, length, "billing_day", day_of_month)
    return Schedule(first_on, length)


def _ending_by_contract(contract: Contract, notice_on: date) -> Ending:
    term = contract.term
    ends_on = _notice_ends_on(notice_on, contract.notice)
    plain: CancellationRule = "no_notice" if contract.notice is None else "contract_notice"
    if isinstance(term, OpenEnded):
        bound_until = term.minimum_last_on
        if bound_until is not None and ends_on < bound_until:
            return Ending(bound_until, "minimum_period", ends_on, bound_until)
        return Ending(ends_on, plain, ends_on, bound_until)
    if term.after == "none" and notice_on > term.last_on:
        raise _already_ended(term.last_on)
    if term.after == "none" or ends_on <= term.last_on:
        return Ending(term.last_on, "fixed_term", ends_on, term.last_on)
    if term.after == "open_ended":
        return Ending(ends_on, plain, ends_on, term.last_on)
    renewed_until = _renewed_last_on(term, term.after, ends_on)
    return Ending(renewed_until, "renewed_term", ends_on, term.last_on)


def _ending_by_law(term: OpenEnded | FixedTerm, limit: NoticeLimit, notice_on: date) -> Ending:
    """Return the ending with the longest lawful notice; what binds until a day is respected."""
    ends_on = _notice_ends_on(notice_on, limit.longest)
    bound_until = term.minimum_last_on if isinstance(term, OpenEnded) else term.last_on
    last_on = ends_on if bound_until is None else max(ends_on, bound_until)
    return Ending(last_on, "statutory_notice", ends_on, bound_until, limit)


def _notice_ends_on(notice_on: date, notice: Interval | None) -> date:
    return notice_on if notice is None else Schedule(notice_on, notice).boundary(1)


def _renewed_last_on(term: FixedTerm, length: Interval, notice_ends_on: date) -> date:
    """Return the last day of the renewed term in which the notice ends."""
    terms = renewed_terms(term.last_on + ONE_DAY, length, term.day_of_month)
    return terms.period(terms.index_at(notice_ends_on)).end - ONE_DAY


def _already_ended(last_on: date) -> Invalid:
    return Invalid(
        f"the contract ended by itself on {last_on}, before the notice",
        code="already_ended",
        field="notice_on",
    )
