"""Why a billing group was set aside, and what helps, in the language of the page."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext, ngettext
from msgspec import Struct

from kesto.store.office.runs import Parked
from kesto.web.office import written
from kesto.web.ui.language import words_language
from kesto.words import forms

OVER_LIMIT = re.compile(r"(-?\d+) minor units of (\w+) are more than .* limit of (\d+)")
MANY_PERIODS = re.compile(r"(\d+) periods of one price")
TWICE = re.compile(r"item \S+ is due twice for (\d{4}-\d{2}-\d{2})")
UNPRICED = re.compile(r"prices of (\d+) [\w-]+ from (\S+ \S+) are missing(?: in '([^']+)')?")
FAILED = re.compile(r"billing failed: (.*)", re.DOTALL)


class Cause(Struct, frozen=True):
    """Why, and what to do; `may_accept` where a person's word is enough."""

    why: str
    help: str
    may_accept: bool = False


def by_cause(parked: Sequence[Parked]) -> list[tuple[Parked, Cause]]:
    """What was set aside with its causes: what the same thing helps stands together."""
    found = [(one, cause_of(one.reason)) for one in parked]
    places: dict[str, int] = {}
    for _, cause in found:
        places.setdefault(cause.help, len(places))
    return sorted(found, key=lambda pair: places[pair[1].help])


def cause_of(reason: str) -> Cause:
    """The cause behind a reason as the run wrote it down."""
    if found := OVER_LIMIT.match(reason):
        sums = {
            "sum": written.money(int(found[1]), found[2]),
            "limit": written.money(int(found[3]), found[2]),
        }
        return Cause(
            gettext("The invoice would be %(sum)s; above %(limit)s somebody looks first.") % sums,
            gettext("If the sum is right, accept it once. The limit can be changed in Settings."),
            may_accept=True,
        )
    if found := MANY_PERIODS.match(reason):
        count = int(found[1])
        why = ngettext(
            "%(n)d period of one price would be billed at once.",
            "%(n)d periods of one price would be billed at once.",
            count,
        )
        return Cause(
            why % {"n": count},
            gettext("If billing should reach back that far, accept it once."),
            may_accept=True,
        )
    if found := TWICE.match(reason):
        day = written.day(date.fromisoformat(found[1]))
        return Cause(
            gettext("The same thing would be billed twice for %(day)s.") % {"day": day},
            gettext("Correct the subscription, then let it be billed again."),
        )
    if found := UNPRICED.match(reason):
        at = forms.moment(datetime.fromisoformat(found[2]), words_language())
        why = ngettext(
            "The price of %(n)d interval from %(at)s on is missing: %(series)s.",
            "The prices of %(n)d intervals from %(at)s on are missing: %(series)s.",
            int(found[1]),
        )
        return Cause(
            why % {"n": int(found[1]), "at": at, "series": found[3] or gettext("in the plan")},
            gettext("When the prices are there, the next run bills it by itself."),
        )
    words = FAILED.match(reason)
    return Cause(
        gettext("Billing stopped at a fault: %(words)s") % {"words": words[1] if words else reason},
        gettext("When the fault is fixed, let it be billed again. Nothing is lost meanwhile."),
    )
